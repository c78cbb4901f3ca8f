import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import { everyLockFound, eventually, heldBy, lockOf, pinOf, startRig, type Rig } from './zwave-rig.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';

const STOP_MS = 3_000;
const ATTEMPTS_MAX = 5;

let house: House | undefined;
let rig: Rig | undefined;

afterEach(async () => {
  await rig?.stop();
  await house?.stop();
  rig = undefined;
  house = undefined;
});

/** A house whose keys outlive it. */
function startFirst(): Promise<House> {
  return startHouse({ keysFile: path.join(mkdtempSync(path.join(tmpdir(), 'lockhub-keys-')), 'keys.json') });
}

/** The same house on the same port, after it was gone. */
function startAgain(before: House): Promise<House> {
  return startHouse({ zwavePort: Number(new URL(before.zwave).port), keysFile: before.securityKeysFile });
}

/** Writes a code as often as the hub would, and tells what the lock then holds. */
async function writeUntilDone(to: Rig, lock: SimLock): Promise<string | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const outcome = await to.execute(lock, { kind: 'set_pin', slot: 1, pin: pinOf('1112'), enabled: true });
    if (outcome.kind === 'done') return heldBy(lock, 1);
  }
  return undefined;
}

it('waits for a radio that is not there at the start', async () => {
  const missing = await startFirst();
  await missing.stop();
  rig = await startRig(missing);
  expect(rig.states.at(-1)).toBe('down');
  const [lock] = missing.locks;
  expect(lock && (await rig.execute(lock, { kind: 'read_slot', slot: 1 })).kind).toBe('radio_down');
  house = await startAgain(missing);
  await eventually(() => rig?.states.at(-1) === 'ready', 'the radio is used when it appears');
  await everyLockFound(rig);
});

it('takes up its work again when the radio comes back', async () => {
  house = await startFirst();
  rig = await startRig(house);
  await everyLockFound(rig);
  await house.stop();
  await eventually(() => rig?.states.at(-1) === 'down', 'the loss is told');
  const lock = lockOf(rig, 'uc-v2');
  expect((await rig.execute(lock, { kind: 'read_slot', slot: 1 })).kind).toBe('radio_down');
  house = await startAgain(house);
  await eventually(() => rig?.states.at(-1) === 'ready', 'the return is told');
  const back = house.locks.find(({ id }) => id === lock.id);
  expect(back && (await writeUntilDone(rig, back))).toBe('1112');
});

it('stops in bounded time, with a radio and without', async () => {
  house = await startFirst();
  rig = await startRig(house);
  let startedAt = performance.now();
  await rig.stop();
  expect(performance.now() - startedAt).toBeLessThan(STOP_MS);
  await house.stop();
  rig = await startRig(house, new MemoryRadioStorage());
  startedAt = performance.now();
  await rig.stop();
  expect(performance.now() - startedAt).toBeLessThan(STOP_MS);
});
