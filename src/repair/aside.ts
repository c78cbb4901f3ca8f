import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { syncPath } from '../backup/disk.ts';
import { ASIDE_FILE, stagingOf } from '../backup/swap.ts';
import type { RepairView } from '../core/repair-view.ts';

/** Damaged databases that are kept for whoever wants to look into them. */
const KEPT_MAX = 3;
const FOLDER = 'damaged';

const repairSchema = z.object({
  /** Where what was damaged is kept, in the data directory. */
  folder: z.string(),
  /** By the clock of the hub at its start, ISO 8601 in UTC. */
  at: z.string(),
  damage: z.enum([
    'damaged',
    'not_a_database',
    'unreadable_row',
    'newer',
    'missing_key',
    'wrong_key',
    'missing_database',
    'missing_log',
    'foreign_log',
  ]),
  /** What was seen, in a sentence for a person. */
  seen: z.string(),
  /** The backup that the hub went on from; `null`: there was none that opens. */
  backup: z.object({ name: z.string(), made_at: z.string() }).nullable(),
  /** Tables that were read in the damaged database: all of them, in parts, or not at all. */
  whole: z.array(z.string()).readonly(),
  part: z.array(z.string()).readonly(),
  lost: z.array(z.string()).readonly(),
});

/** A damaged database was replaced by what is left of it and its newest good backup. */
export type Repair = z.output<typeof repairSchema>;

export type DamageKind = Repair['damage'];

/** Neither backup nor anything of the database itself was left: the hub began anew. */
export function isEmptied({ backup, whole, part }: Repair): boolean {
  return backup === null && whole.length === 0 && part.length === 0;
}

/** The repairs of a data directory whose damaged files are still there, newest first. */
export function repairsIn(dataDir: string): readonly Repair[] {
  return numbersIn(dataDir)
    .toReversed()
    .flatMap((number) => {
      const file = path.join(dataDir, folderOf(number), ASIDE_FILE);
      return existsSync(file) ? readRepair(file) : [];
    });
}

/** The newest of them, as it is told; `null`: there is none. */
export function repairView(dataDir: string): RepairView | null {
  const [newest] = repairsIn(dataDir);
  if (newest === undefined) return null;
  const { at, damage, seen, backup, folder } = newest;
  return { at, damage, seen, restoredFrom: backup?.made_at ?? null, isEmptied: isEmptied(newest), folder };
}

/** Writes beside a staged database why it takes the place of another one, and where that one goes. */
export function stageAside(dataDir: string, repair: Omit<Repair, 'folder'>): Repair {
  const folder = folderOf((numbersIn(dataDir).at(-1) ?? 0) + 1);
  mkdirSync(path.join(dataDir, FOLDER), { recursive: true, mode: 0o700 });
  const file = path.join(stagingOf(dataDir), ASIDE_FILE);
  writeFileSync(file, JSON.stringify({ folder, ...repair }), { mode: 0o600 });
  syncPath(file);
  return { folder, ...repair };
}

/** Deletes what is damaged and older than the newest `keptMax`. */
export function tidyAside(dataDir: string, keptMax = KEPT_MAX): void {
  const numbers = numbersIn(dataDir);
  for (const number of numbers.slice(0, Math.max(0, numbers.length - keptMax))) {
    rmSync(path.join(dataDir, folderOf(number)), { recursive: true, force: true });
  }
}

function folderOf(number: number): string {
  return `${FOLDER}/${String(number).padStart(4, '0')}`;
}

/** Ascending. They are counted, because a hub that has lost its database may not know the time. */
function numbersIn(dataDir: string): readonly number[] {
  const folder = path.join(dataDir, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d{4,9}$/.test(name))
    .map(Number)
    .toSorted((one, other) => one - other);
}

function readRepair(file: string): readonly Repair[] {
  try {
    return [repairSchema.parse(JSON.parse(readFileSync(file, 'utf8')))];
  } catch {
    // It is a note for people, and a card that damaged a database may have damaged it too.
    return [];
  }
}
