import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, lockOf, pinOf, startRigWithLocks, type Rig } from './zwave-rig.ts';

const MODELS = ['uc-v1', 'uc-v1-masked', 'uc-v2', 'u3c'] as const;

let rig: Rig;

beforeAll(async () => {
  rig = await startRigWithLocks();
});

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

it.each(MODELS)('%s: tells how the bolt moved by radio', async (model) => {
  const lock = lockOf(rig, model);
  lock.radioSetBolt('locked');
  await eventually(() => rig.told(lock, 'locked').length > 0, 'a locking is told');
  expect(rig.told(lock, 'locked').at(-1)).toEqual({ kind: 'locked', method: 'remote', slot: null });
});

it.each(MODELS)('%s: tells jam, tamper and battery with their ends', async (model) => {
  const lock = lockOf(rig, model);
  lock.setJammed(true);
  await eventually(() => rig.told(lock, 'jammed').length === 1, 'a jam is told');
  lock.setJammed(false);
  await eventually(() => rig.told(lock, 'jam_cleared').length === 1, 'its end is told');
  lock.setTampered(true);
  await eventually(() => rig.told(lock, 'tampered').length === 1, 'tampering is told');
  lock.setTampered(false);
  await eventually(() => rig.told(lock, 'tamper_cleared').length === 1, 'its end is told');
  lock.setBatteryPercent(55);
  await eventually(() => rig.told(lock, 'battery').some(({ level }) => level === 0.55), 'a level is told');
  lock.setBatteryPercent(5);
  await eventually(() => rig.told(lock, 'battery').some(({ low }) => low), 'a low battery is told');
  lock.setBatteryPercent(90);
  await eventually(() => rig.told(lock, 'battery').at(-1)?.level === 0.9, 'new batteries are told');
});

it.each(MODELS)('%s: tells once that all codes are gone', async (model) => {
  const lock = lockOf(rig, model);
  const before = rig.told(lock, 'slot_changed').length;
  lock.programPin(1, '1010');
  lock.programPin(2, '2020');
  await eventually(() => rig.told(lock, 'slot_changed').length >= before + 2, 'two edits are told');
  lock.reset();
  await eventually(() => rig.told(lock, 'slot_cleared').some(({ slot }) => slot === null), 'a reset is told');
  const denials = rig.told(lock, 'access_denied').length;
  lock.typePin('9990');
  await eventually(() => rig.told(lock, 'access_denied').length > denials, 'what followed is heard');
  const mine = rig.heard
    .filter(({ deviceId }) => deviceId === `device-${lock.address}`)
    .map(({ body }) => body);
  const reset = mine.findIndex((body) => body.kind === 'slot_cleared' && body.slot === null);
  expect(mine.slice(reset).filter(({ kind }) => kind === 'slot_changed')).toEqual([]);
});

it('does not take its own work for an edit', async () => {
  for (const model of ['uc-v1', 'uc-v1-masked', 'u3c'] as const) {
    const lock = lockOf(rig, model);
    const before = rig.heard.length;
    await rig.execute(lock, { kind: 'set_pin', slot: 20, pin: pinOf('2468'), enabled: true });
    await rig.execute(lock, { kind: 'read_slot', slot: 20 });
    await rig.execute(lock, { kind: 'clear_slot', slot: 20 });
    const edits = rig.heard.slice(before).filter(({ body }) => body.kind.startsWith('slot_'));
    expect(edits).toEqual([]);
  }
});

it('says that a lock is gone when it does not acknowledge, and that it is back when it is heard', async () => {
  const lock = lockOf(rig, 'uc-v1');
  lock.fault = { kind: 'unreachable' };
  const outcome = await rig.execute(lock, { kind: 'read_slot', slot: 1 });
  expect(outcome).toMatchObject({ kind: 'unreachable' });
  await eventually(() => rig.told(lock, 'offline').length > 0, 'the lock is told to be offline');
  expect(await rig.driver.ping(`device-${lock.address}`)).toBe(false);
  lock.fault = { kind: 'none' };
  const onlines = rig.told(lock, 'online').length;
  lock.radioSetBolt('unlocked');
  await eventually(() => rig.told(lock, 'online').length > onlines, 'the lock is told to be online');
  expect(await rig.driver.ping(`device-${lock.address}`)).toBe(true);
});
