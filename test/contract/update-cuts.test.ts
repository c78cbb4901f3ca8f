import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pointedAt } from '../../src/update/durable.ts';
import { inboxOf, placesOf } from '../../src/update/places.ts';
import { applyUpdate, guardStart } from '../../src/update/supervise.ts';
import { readLast, readTrial } from '../../src/update/trial.ts';
import { signer } from '../support/minisign.ts';
import { compileShim, Power } from '../support/power/power.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { until } from './cloud-rig.ts';
import { NEW, OLD, supervisorOf, UpdateDisk, updateWhole, type Fate } from './update-rig.ts';

const CHILD = fileURLToPath(new URL('update-child.ts', import.meta.url));
/** How often the power is cut; `LOCKHUB_CUTS` makes long runs of their own. */
const CUTS = Number(process.env['LOCKHUB_CUTS'] ?? (process.env['LOCKHUB_TEST_FULL'] === '1' ? 100 : 8));
const SEED = Number(process.env['LOCKHUB_SEED'] ?? 20_261_123);
const FATES: readonly Fate[] = [
  { works: true, migrates: false },
  { works: false, migrates: false },
  { works: true, migrates: true },
  { works: false, migrates: true },
];

let disk: UpdateDisk;
let shim: string;

beforeAll(() => {
  disk = new UpdateDisk();
  shim = compileShim(disk.folder);
});
afterAll(() => disk.end());

/** Begins an update and ends it, with all that it has started, after so long; `null`: never. Answers how long it took. */
async function update(
  fate: Fate,
  endMs: number | null,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const [works, migrates] = [fate.works ? 'works' : 'fails', fate.migrates ? 'migrates' : 'keeps'];
  const args = [CHILD, disk.root, disk.config.configFile ?? '', path.join(disk.folder, 'signature')];
  const child = spawn(process.execPath, [...args, works, migrates], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own: what it has started ends with it.
    detached: true,
  });
  const ended = once(child, 'close');
  await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  const from = performance.now();
  const timer =
    endMs === null ? undefined : setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), endMs);
  const [code] = await ended;
  clearTimeout(timer);
  if (endMs === null) expect(code).toBe(0);
  return performance.now() - from;
}

/** What systemd does when the power is back: the guard, the hub, and the watch of a trial that goes on. */
async function boot(fate: Fate): Promise<void> {
  await guardStart(disk.root);
  const { current, trial } = placesOf(disk.root);
  const version = disk.version();
  expect([OLD, NEW]).toContain(version);
  const isOnTrial = readTrial(disk.root) !== null;
  expect(existsSync(trial)).toBe(isOnTrial);
  // A version that is not on trial is one that has proved itself.
  if (!isOnTrial) expect(pointedAt(placesOf(disk.root).proven)).toBe(pointedAt(current));
  const started = disk.start();
  expect(started.codes).toEqual(['guest']);
  if (version === OLD) expect(started.isMigrated).toBe(false);
  const supervisor = supervisorOf(disk.root, disk.config, fate);
  if (isOnTrial) await supervisor.service.start();
  await applyUpdate(supervisor);
}

test(
  'a power cut at any moment of an update leaves the old or the new version, with its database and its codes',
  async () => {
    const draw = seededDraw(SEED);
    const seen = new Map<string, number>();
    const lengths = new Map<Fate, number>();
    for (const fate of FATES) {
      disk.reset();
      lengths.set(fate, await update(fate, null, {}));
      expect(disk.version()).toBe(fate.works ? NEW : OLD);
      expect(readLast(disk.root)).toMatchObject({
        outcome: fate.works ? 'done' : 'back',
        database_restored: !fate.works && fate.migrates,
      });
      expect(disk.start()).toEqual({ codes: ['guest'], isMigrated: fate.works && fate.migrates });
    }
    for (let cut = 0; cut < CUTS; cut += 1) {
      const fate = FATES[cut % FATES.length] ?? { works: true, migrates: false };
      disk.reset();
      const power = new Power(disk.disk, shim);
      await update(fate, draw(Math.ceil((lengths.get(fate) ?? 0) * 1.2)), power.env);
      power.cut(draw);
      power.end();
      await boot(fate);
      const last = readLast(disk.root)?.outcome ?? 'never begun';
      expect(readTrial(disk.root), 'the trial is over').toBeNull();
      expect(disk.version()).toBe(last === 'done' ? NEW : OLD);
      expect(disk.start().codes).toEqual(['guest']);
      seen.set(last, (seen.get(last) ?? 0) + 1);
    }
    console.info(JSON.stringify(Object.fromEntries(seen)));
  },
  60_000 + CUTS * 20_000,
);

test('a version that was started twice without proof is not started a third time', async () => {
  disk.reset();
  const signature = readFileSync(path.join(disk.folder, 'signature'), 'utf8');
  const supervisor = supervisorOf(disk.root, disk.config, { works: false, migrates: true });
  const whole = updateWhole({ ...supervisor, proveWithinMs: 60_000 }, signature);
  await until('the first start', () => (readTrial(disk.root)?.starts === 1 ? true : undefined));
  await supervisor.service.start();
  expect({ version: disk.version(), starts: readTrial(disk.root)?.starts }).toEqual({
    version: NEW,
    starts: 2,
  });
  await supervisor.service.start();
  expect(disk.version()).toBe(OLD);
  expect(disk.start()).toEqual({ codes: ['guest'], isMigrated: false });
  expect(readLast(disk.root)).toMatchObject({ outcome: 'back', reason: expect.stringMatching(/2 times/) });
  await whole;
});

test('a version whose changes of the database cannot be taken back stays', async () => {
  disk.reset();
  const signature = readFileSync(path.join(disk.folder, 'signature'), 'utf8');
  const supervisor = supervisorOf(disk.root, disk.config, { works: false, migrates: true });
  const whole = updateWhole(supervisor, signature);
  await until('the trial', () => readTrial(disk.root) !== null);
  truncateSync(placesOf(disk.root).backup, 100);
  await whole;
  expect(readLast(disk.root)).toMatchObject({
    outcome: 'done',
    reason: expect.stringMatching(/stays.*damaged/),
  });
  expect({ version: disk.version(), proven: pointedAt(placesOf(disk.root).proven) }).toEqual({
    version: NEW,
    proven: NEW,
  });
  expect(disk.start()).toEqual({ codes: ['guest'], isMigrated: true });
});

test('what is not what was signed is refused, and nothing is changed', async () => {
  const signature = readFileSync(path.join(disk.folder, 'signature'), 'utf8');
  const { archive } = inboxOf(disk.config.dataDir);
  const supervisor = supervisorOf(disk.root, disk.config, { works: true, migrates: false });
  for (const spoil of [
    () => appendFileSync(archive, 'x'),
    () => rmSync(archive),
    () => truncateSync(archive, 100),
  ]) {
    disk.reset();
    spoil();
    await updateWhole(supervisor, signature);
    expect(readLast(disk.root)?.outcome).toBe('refused');
    expect(disk.version()).toBe(OLD);
    expect(readdirSync(placesOf(disk.root).versions)).toEqual([OLD]);
  }
  disk.reset();
  const { publicKey } = signer();
  await updateWhole(
    { ...supervisor, present: { ...supervisor.present, publicKeys: [publicKey] } },
    signature,
  );
  expect(readLast(disk.root)).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(/trust/) });
  expect(disk.version()).toBe(OLD);
});
