import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, heldBy, lockOf, pinOf, startRigWithLocks, type Rig } from './zwave-rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await startRigWithLocks();
});

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

/** What each model shows of a code, and how it proves a write. */
const MODELS = [
  { model: 'uc-v1', proof: 'read_back', masks: false },
  { model: 'uc-v1-masked', proof: 'read_back', masks: true },
  { model: 'uc-v2', proof: 'supervision', masks: false },
  { model: 'u3c', proof: 'event', masks: false },
] as const;

describe.each(MODELS)('$model', ({ model, proof, masks }) => {
  it('takes a code with a leading zero, shows it when asked and gives it up', async () => {
    const lock = lockOf(rig, model);
    const shown = masks
      ? { kind: 'masked', enabled: true }
      : { kind: 'pin', pin: pinOf('0123'), enabled: true };
    const set = await rig.execute(lock, { kind: 'set_pin', slot: 3, pin: pinOf('0123'), enabled: true });
    const reading = proof === 'read_back' ? { reading: { slot: 3, content: shown } } : {};
    expect(set).toEqual({ kind: 'done', proof, ...reading });
    expect(heldBy(lock, 3)).toBe('0123');
    expect(lock.typePin('0123').opened).toBe(true);
    await eventually(() => rig.told(lock, 'unlocked').length > 0, 'the lock tells who opened');
    expect(await rig.execute(lock, { kind: 'read_slot', slot: 3 })).toMatchObject({
      kind: 'done',
      proof: 'read_back',
      reading: { slot: 3, content: shown },
    });
    // What has to be gone is looked at, also where Supervision confirmed it.
    const gone = proof === 'supervision' ? 'read_back' : proof;
    expect(await rig.execute(lock, { kind: 'clear_slot', slot: 3 })).toMatchObject({
      kind: 'done',
      proof: gone,
    });
    expect(heldBy(lock, 3)).toBeUndefined();
    expect(await rig.execute(lock, { kind: 'read_slot', slot: 3 })).toMatchObject({
      reading: { content: { kind: 'empty' } },
    });
  });

  it('reads by radio what changed at the lock without a word', async () => {
    const lock = lockOf(rig, model);
    await rig.execute(lock, { kind: 'read_slot', slot: 9 });
    lock.codes.set(9, '4711', 'enabled');
    const content = masks ? { kind: 'masked' } : { kind: 'pin', pin: pinOf('4711') };
    const read = await rig.execute(lock, { kind: 'read_slot', slot: 9 });
    expect(read).toMatchObject({ kind: 'done', reading: { content } });
    lock.codes.clear(9);
    const reread = await rig.execute(lock, { kind: 'read_slot', slot: 9 });
    expect(reread).toMatchObject({ kind: 'done', reading: { content: { kind: 'empty' } } });
  });

  it('says so when the PIN is there already, and holds what it held', async () => {
    const lock = lockOf(rig, model);
    lock.programPin(5, '5556');
    const outcome = await rig.execute(lock, { kind: 'set_pin', slot: 6, pin: pinOf('5556'), enabled: true });
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'duplicate_pin' });
    expect(heldBy(lock, 6)).toBeUndefined();
    expect(heldBy(lock, 5)).toBe('5556');
    lock.unprogramPin(5);
  });

  it('is not asked for slots and PINs that it cannot have', async () => {
    const lock = lockOf(rig, model);
    const received = lock.frames.received;
    for (const slot of [0, lock.model.slots + 1]) {
      const outcome = await rig.execute(lock, { kind: 'set_pin', slot, pin: pinOf('1212'), enabled: true });
      expect(outcome).toMatchObject({ kind: 'refused', reason: 'slot_out_of_range' });
    }
    const long = await rig.execute(lock, {
      kind: 'set_pin',
      slot: 1,
      pin: pinOf('123456789012'),
      enabled: true,
    });
    expect(long).toMatchObject({ kind: 'refused', reason: 'pin_format' });
    expect(lock.frames.received).toBe(received);
  });

  it('is described as what it is', () => {
    const lock = lockOf(rig, model);
    const [found] = rig.told(lock, 'found');
    expect(found?.description).toMatchObject({
      radio: 'zwave',
      address: lock.address,
      secure: lock.model.secure,
      batteryLevel: 1,
      locked: true,
      capabilities: {
        firstSlot: 1,
        lastSlot: lock.model.slots,
        checksum: lock.model.checksum,
        nativeScheduling: lock.model.schedules ? { kind: 'year_day', granuleMs: 60_000 } : null,
      },
    });
    const emptySlots = found?.snapshot.filter(({ content }) => content.kind === 'empty');
    expect(emptySlots).toHaveLength(lock.model.slots);
    expect(rig.identities).toContainEqual(expect.objectContaining({ serial: lock.serial }));
  });
});

it('replaces a code in place where the lock shows its codes', async () => {
  for (const model of ['uc-v1', 'uc-v2', 'u3c'] as const) {
    const lock = lockOf(rig, model);
    await rig.execute(lock, { kind: 'set_pin', slot: 4, pin: pinOf('0404'), enabled: true });
    const outcome = await rig.execute(lock, { kind: 'set_pin', slot: 4, pin: pinOf('98765'), enabled: true });
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(heldBy(lock, 4)).toBe('98765');
    await rig.execute(lock, { kind: 'clear_slot', slot: 4 });
  }
});

it('does not take asterisks over an occupied slot for the code that was written', async () => {
  const lock = lockOf(rig, 'uc-v1-masked');
  lock.programPin(7, '7778');
  lock.programPin(8, '8889');
  await rig.execute(lock, { kind: 'read_slot', slot: 8 });
  const outcome = await rig.execute(lock, { kind: 'set_pin', slot: 8, pin: pinOf('7778'), enabled: true });
  expect(outcome.kind).not.toBe('done');
  expect(heldBy(lock, 8)).toBe('8889');
  lock.unprogramPin(7);
  lock.unprogramPin(8);
});

it('writes although the library remembers something else about the slot', async () => {
  const lock = lockOf(rig, 'u3c');
  await rig.execute(lock, { kind: 'set_pin', slot: 15, pin: pinOf('1515'), enabled: true });
  lock.codes.clear(15);
  const overGone = await rig.execute(lock, { kind: 'set_pin', slot: 15, pin: pinOf('5151'), enabled: true });
  expect(overGone).toMatchObject({ kind: 'done' });
  expect(heldBy(lock, 15)).toBe('5151');
  await rig.execute(lock, { kind: 'clear_slot', slot: 15 });
});
