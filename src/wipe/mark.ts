import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ownedLike, syncPath } from '../backup/disk.ts';

const FILE = 'wipe.json';

const markSchema = z.object({
  command_id: z.string(),
  received_at: z.number(),
  expires_at: z.number(),
  codes: z.enum(['keep', 'remove']),
  reason: z.string(),
  /**
   * `expiring`: what has ended is taken off the locks. `wiping`: secrets are destroyed, which goes on at every start
   * until it is done. `wiped`: done.
   */
  phase: z.enum(['expiring', 'wiping', 'wiped']),
  /** Starts of the hub since the order, while it was expiring. */
  starts: z.int(),
  /** What the last message says. */
  wiped_at: z.number().nullable(),
  unreached: z.array(z.string()),
  codes_left: z.int(),
  sticks_reset: z.array(z.enum(['zwave', 'zigbee'])),
  left: z.array(z.string()),
});

/** The order to wipe this hub, and how far that is. It has no secret in it. */
export type WipeMark = z.infer<typeof markSchema>;

/** The mark of a data directory; `null`: nobody wants it wiped, or the mark makes no sense and so orders nothing. */
export function readMark(dataDir: string): WipeMark | null {
  try {
    return markSchema.parse(JSON.parse(readFileSync(path.join(dataDir, FILE), 'utf8')));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return null;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** On the disk, whole, when this returns: a power cut leaves the mark before or this one. */
export function writeMark(dataDir: string, mark: WipeMark): void {
  const file = path.join(dataDir, FILE);
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(mark)}\n`, { mode: 0o600 });
  syncPath(draft);
  ownedLike(draft, dataDir);
  renameSync(draft, file);
  syncPath(dataDir);
}

/** The hub is in service again, such as after a restore. A wipe that is under way stays. */
export function forgetWiped(dataDir: string): void {
  if (readMark(dataDir)?.phase === 'wiped') rmSync(path.join(dataDir, FILE), { force: true });
}

/** Secrets are being destroyed: nobody is to open the database, or to make a new one. */
export function isWipeUnderWay(dataDir: string): boolean {
  return readMark(dataDir)?.phase === 'wiping';
}
