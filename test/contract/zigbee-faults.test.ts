import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, heldBy, pinOf } from './zwave-rig.ts';
import { startRigWith, zigbeeLock, type ZigbeeRig } from './zigbee-rig.ts';

const START_MS = 120_000;
const TEST_MS = 60_000;
const LATE_MS = 3500;
const ATTEMPTS_MAX = 30;
const MODELS = ['dl-plain', 'dl-schedules'] as const;

let rig: ZigbeeRig;

beforeAll(async () => {
  rig = await startRigWith(...MODELS, 'dl-short-events');
}, START_MS);

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

it.each(MODELS)(
  '%s: a lost answer says nothing about what the lock holds, and a later read does',
  async (model) => {
    const lock = zigbeeLock(rig, model);
    lock.fault = { kind: 'no_answer' };
    const write = { kind: 'set_pin', slot: 2, pin: pinOf('2020'), enabled: true } as const;
    expect((await rig.execute(lock, write)).kind).toBe('unknown');
    lock.fault = { kind: 'none' };
    const read = await rig.execute(lock, { kind: 'read_slot', slot: 2 });
    const isThere = read.kind === 'done' && read.reading?.content.kind === 'pin';
    expect(isThere).toBe(heldBy(lock, 2) === '2020');
    expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done' });
    expect(heldBy(lock, 2)).toBe('2020');
    // Each command went out once: nobody repeats what a lock may have taken.
    expect(lock.writes.get(2)).toBeLessThanOrEqual(2);
  },
  TEST_MS,
);

it(
  'an answer that comes too late makes its slot one to be looked at',
  async () => {
    const lock = zigbeeLock(rig, 'dl-plain');
    lock.fault = { kind: 'slow', delayMs: LATE_MS };
    expect(
      (await rig.execute(lock, { kind: 'set_pin', slot: 6, pin: pinOf('6006'), enabled: true })).kind,
    ).toBe('unknown');
    await eventually(
      () => rig.told(lock, 'slot_changed').some(({ slot, unsure }) => slot === 6 && unsure === true),
      'the late answer is told',
    );
    lock.fault = { kind: 'none' };
    await eventually(() => heldBy(lock, 6) === '6006', 'the lock took it');
  },
  TEST_MS,
);

it(
  'a lock out of reach is unreachable, others are served, and it is told when it is heard again',
  async () => {
    const lost = zigbeeLock(rig, 'dl-schedules');
    lost.fault = { kind: 'unreachable' };
    expect(
      (await rig.execute(lost, { kind: 'set_pin', slot: 1, pin: pinOf('1111'), enabled: true })).kind,
    ).toBe('unreachable');
    const other = zigbeeLock(rig, 'dl-plain');
    expect(await rig.execute(other, { kind: 'clear_slot', slot: 1 })).toMatchObject({ kind: 'done' });
    const before = rig.told(lost, 'online').length;
    lost.fault = { kind: 'none' };
    lost.pressLock();
    await eventually(() => rig.told(lost, 'online').length > before, 'the lock is heard');
    expect(
      await rig.execute(lost, { kind: 'set_pin', slot: 1, pin: pinOf('1111'), enabled: true }),
    ).toMatchObject({ kind: 'done' });
  },
  TEST_MS,
);

it(
  'with frames lost, doubled and broken the lock ends up with the code, and is never believed to wrongly',
  async () => {
    const lock = zigbeeLock(rig, 'dl-plain');
    for (const fault of [
      { kind: 'drop', probability: 0.3 },
      { kind: 'duplicate', probability: 0.5 },
      { kind: 'garbled', probability: 0.3 },
    ] as const) {
      lock.fault = fault;
      const write = { kind: 'set_pin', slot: 7, pin: pinOf('7077'), enabled: true } as const;
      let outcome = await rig.execute(lock, write);
      for (let attempt = 1; outcome.kind !== 'done' && attempt < ATTEMPTS_MAX; attempt += 1)
        outcome = await rig.execute(lock, write);
      expect(outcome.kind).toBe('done');
      expect(heldBy(lock, 7)).toBe('7077');
      lock.fault = { kind: 'none' };
      expect(await rig.execute(lock, { kind: 'clear_slot', slot: 7 })).toMatchObject({ kind: 'done' });
    }
  },
  TEST_MS * 3,
);

it('a lock that confirms and does nothing is not believed', async () => {
  const lock = zigbeeLock(rig, 'dl-plain');
  lock.fault = { kind: 'drops_writes' };
  expect(
    (await rig.execute(lock, { kind: 'set_pin', slot: 9, pin: pinOf('9009'), enabled: true })).kind,
  ).toBe('unknown');
  lock.fault = { kind: 'none' };
});

it('tells who opened, by events with and without their tail', async () => {
  for (const model of ['dl-plain', 'dl-short-events'] as const) {
    const lock = zigbeeLock(rig, model);
    await rig.execute(lock, { kind: 'set_pin', slot: 4, pin: pinOf('404040'), enabled: true });
    expect(lock.typePin('404040').opened).toBe(true);
    await eventually(
      () => rig.told(lock, 'unlocked').some(({ method, slot }) => method === 'keycode' && slot === 4),
      `${model} tells`,
    );
  }
  expect(rig.logged()).not.toContain('404040');
});

it('tells of codes that somebody programs at the keypad', async () => {
  const lock = zigbeeLock(rig, 'dl-plain');
  lock.programPin(11, '1199');
  await eventually(() => rig.told(lock, 'slot_changed').some(({ slot }) => slot === 11), 'the edit is told');
  lock.unprogramPin(11);
  await eventually(() => rig.told(lock, 'slot_cleared').some(({ slot }) => slot === 11), 'its end is told');
});

it('moves the bolt and says so when it is there, and when it is stuck', async () => {
  const lock = zigbeeLock(rig, 'dl-plain');
  const id = `device-${lock.ieee}`;
  expect(await rig.driver.act(id, 'lock')).toEqual({ kind: 'done' });
  expect(lock.bolt).toBe('locked');
  expect(await rig.driver.act(id, 'unlock')).toEqual({ kind: 'done' });
  lock.setJammed(true);
  expect((await rig.driver.act(id, 'lock')).kind).toMatch(/jammed|refused/);
  lock.setJammed(false);
  expect(await rig.driver.act(id, 'identify')).toEqual({ kind: 'done' });
});

it('sets and reads the clock of a lock that has one', async () => {
  const lock = zigbeeLock(rig, 'dl-schedules');
  expect(await rig.execute(lock, { kind: 'set_clock' })).toMatchObject({ kind: 'done', proof: 'read_back' });
  const read = await rig.execute(lock, { kind: 'read_clock' });
  expect(read.kind === 'done' && Math.abs(read.clockAheadMs ?? Number.NaN)).toBeLessThan(3000);
});
