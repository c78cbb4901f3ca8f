import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { eventually, everyLockFound, keysOf, lockOf, startRig, type Rig } from './zwave-rig.ts';

const SECURED = ['uc-v2', 'u3c'] as const;
const OPERATIONS = 3;
const READ = { kind: 'read_slot', slot: 3 } as const;

let house: House;
let elsewhere: House;
const storage = new MemoryRadioStorage();

beforeAll(async () => {
  house = await startHouse({ seed: 1 });
  elsewhere = await startHouse({ seed: 2 });
});

afterAll(async () => {
  await house.stop();
  await elsewhere.stop();
});

function told(rig: Rig, lock: SimLock): readonly boolean[] {
  return rig.told(lock, 'credentials').map(({ missing }) => missing);
}

it('says that its keys are right as soon as a lock has understood them', async () => {
  const rig = await startRig(house, storage);
  await everyLockFound(rig);
  for (const model of SECURED) {
    const lock = lockOf(rig, model);
    await rig.execute(lock, READ);
    await rig.execute(lock, READ);
    expect(told(rig, lock)).toEqual([false]);
  }
  await rig.stop();
});

it('says that its keys are missing when known locks are there and understand nothing', async () => {
  const rig = await startRig(house, storage, { securityKeys: keysOf(elsewhere) });
  await everyLockFound(rig);
  for (const model of SECURED) {
    const lock = lockOf(rig, model);
    for (let count = 1; count <= OPERATIONS; count += 1) {
      expect(told(rig, lock)).toEqual([]);
      expect(await rig.execute(lock, READ)).toMatchObject({ kind: 'unknown' });
    }
    expect(told(rig, lock)).toEqual([true]);
    await rig.execute(lock, READ);
    expect(told(rig, lock)).toEqual([true]);
  }
  const plain = lockOf(rig, 'uc-v1');
  expect(await rig.execute(plain, READ)).toMatchObject({ kind: 'done' });
  expect(told(rig, plain)).toEqual([false]);
  await rig.stop();
});

it('takes it back when the lock understands again, and blames no keys for a lock that is away', async () => {
  const rig = await startRig(house, storage);
  await everyLockFound(rig);
  const lock = lockOf(rig, 'uc-v2');
  lock.fault = { kind: 'foreign_keys' };
  for (let count = 1; count <= OPERATIONS; count += 1) await rig.execute(lock, READ);
  expect(told(rig, lock)).toEqual([true]);
  expect(
    await rig.driver.ping(rig.heard.find(({ body }) => body.kind === 'credentials')?.deviceId ?? ''),
  ).toBe(true);
  lock.fault = { kind: 'none' };
  await rig.execute(lock, READ);
  expect(told(rig, lock)).toEqual([true, false]);
  lock.fault = { kind: 'unreachable' };
  for (let count = 1; count <= OPERATIONS; count += 1) await rig.execute(lock, READ);
  expect(told(rig, lock)).toEqual([true, false]);
  lock.fault = { kind: 'none' };
  await rig.stop();
});

it('finds no secured lock whose keys it never had: such a lock shows its codes to nobody else', async () => {
  const rig = await startRig(house, new MemoryRadioStorage(), { securityKeys: keysOf(elsewhere) });
  await eventually(
    () => rig.told(lockOf(rig, 'uc-v1-masked'), 'found').length > 0,
    'the plain lock is found',
  );
  await eventually(
    () => rig.logged().includes('its security may be misjudged'),
    'the secured lock is missed',
  );
  for (const model of SECURED) expect(rig.told(lockOf(rig, model), 'found')).toEqual([]);
  await rig.stop();
});
