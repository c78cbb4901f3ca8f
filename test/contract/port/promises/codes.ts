import { expect, it } from 'vitest';
import type { SlotContent } from '../../../../src/core/slot.ts';
import { pinOf } from '../../zwave-rig.ts';
import { answersReads, fullBatteries, houseSlot, shows } from '../face.ts';
import type { Standing } from '../standing.ts';

const LONGEST_PIN = '123456789012';
const CANARY = '73914682';
const EMPTY = { kind: 'empty' };

/** What is told of a lock, and what becomes of the codes that it is given. */
export function promiseCodes(model: string, rig: Standing): void {
  const lock = () => rig().lock(model);

  const shown = (digits: string): SlotContent =>
    shows(lock()) === 'masked'
      ? { kind: 'masked', enabled: true }
      : { kind: 'pin', pin: pinOf(digits), enabled: true };
  const set = (slot: number, digits: string) => rig().execute(lock(), rig().setPin(lock(), slot, digits));
  const read = (slot: number) => rig().execute(lock(), { kind: 'read_slot', slot });
  const clear = (slot: number) => rig().execute(lock(), { kind: 'clear_slot', slot });

  it('is told as what it is, and as holding nothing that it does not hold', () => {
    const { model: truth, ieee, address } = lock();
    const [found] = rig().told(lock(), 'found');
    expect(found?.description).toMatchObject({
      radio: rig().driver.radio,
      address: ieee ?? address,
      locked: true,
      capabilities: {
        checksum: truth.checksum,
        nativeScheduling: truth.schedules ? { kind: 'year_day', granuleMs: 60_000 } : null,
      },
    });
    expect(fullBatteries(lock())).toContain(found?.description.batteryLevel);
    const { firstSlot, lastSlot, pinLength, weekDaySchedules } = rig().capabilities(lock());
    expect(houseSlot(lock(), firstSlot)).toBeGreaterThanOrEqual(1);
    expect(lastSlot).toBeGreaterThan(firstSlot);
    expect(pinLength.min).toBeLessThanOrEqual(truth.pinLength.min);
    expect(pinLength.max).toBeGreaterThanOrEqual(truth.pinLength.max);
    expect(weekDaySchedules > 0).toBe(truth.weekDaySchedules > 0);
    expect(weekDaySchedules).toBeLessThanOrEqual(truth.weekDaySchedules);
    for (const { slot, content } of found?.snapshot ?? []) {
      expect(slot).toBeGreaterThanOrEqual(firstSlot);
      expect(slot).toBeLessThanOrEqual(lastSlot);
      expect(content).toEqual(EMPTY);
    }
    expect(rig().identities).toContainEqual(
      expect.objectContaining({ address: String(ieee ?? address), serial: ieee ?? lock().serial }),
    );
  });

  it('takes a code with a leading zero, shows it when asked and gives it up', async () => {
    const digits = rig().digitsFor(lock(), '0123');
    const outcome = await set(3, digits);
    expect(outcome.kind).toBe('done');
    const { reading = { slot: 3, content: shown(digits) } } = outcome.kind === 'done' ? outcome : {};
    expect(reading).toMatchObject({ slot: 3, content: shown(digits) });
    expect(rig().held(lock(), 3)).toBe(digits);
    expect(await rig().types(lock(), digits)).toBe(true);
    expect(await read(3)).toMatchObject({ kind: 'done', reading: { slot: 3, content: shown(digits) } });
    expect(await clear(3)).toMatchObject({ kind: 'done' });
    expect(rig().held(lock(), 3)).toBeUndefined();
    expect(await rig().types(lock(), digits)).toBe(false);
    expect(await read(3)).toMatchObject({ kind: 'done', reading: { slot: 3, content: EMPTY } });
  });

  it('takes the longest code, and another in its place', async () => {
    const longest = LONGEST_PIN.slice(0, lock().model.pinLength.max);
    expect(await set(4, longest)).toMatchObject({ kind: 'done' });
    expect(rig().held(lock(), 4)).toBe(longest);
    // Asterisks do not show that they became others.
    if (shows(lock()) === 'masked' && answersReads(lock())) await clear(4);
    expect(await set(4, '0404')).toMatchObject({ kind: 'done' });
    expect(rig().held(lock(), 4)).toBe(rig().digitsFor(lock(), '0404'));
    if (shows(lock()) === 'pin') expect(await set(4, '0404')).toMatchObject({ kind: 'done' });
    expect(await clear(4)).toMatchObject({ kind: 'done' });
  });

  it('takes a code in its last slot that it really has', async () => {
    const { lastSlot } = rig().capabilities(lock());
    const last = Math.min(lastSlot, lock().model.slots - houseSlot(lock(), 0));
    expect(await set(last, '98989')).toMatchObject({ kind: 'done' });
    expect(rig().held(lock(), last)).toBe(rig().digitsFor(lock(), '98989'));
    expect(await clear(last)).toMatchObject({ kind: 'done' });
    expect(lock().codes.slotsInUse()).toEqual([]);
    if (last === lastSlot) return;
    expect(await set(last + 1, '98989')).toMatchObject({ kind: 'refused' });
    expect(lock().codes.slotsInUse()).toEqual([]);
  });

  it('says so when the PIN is there already, and holds what it held', async () => {
    expect(await set(5, '5556')).toMatchObject({ kind: 'done' });
    expect(await set(6, '5556')).toMatchObject({ kind: 'refused', reason: 'duplicate_pin' });
    expect([rig().held(lock(), 5), rig().held(lock(), 6)]).toEqual([
      rig().digitsFor(lock(), '5556'),
      undefined,
    ]);
    expect(await read(6)).toMatchObject({ reading: { content: EMPTY } });
    expect(await clear(5)).toMatchObject({ kind: 'done' });
  });

  it('is asked by radio, whatever anybody remembers', async () => {
    if (!answersReads(lock())) return;
    expect(await read(9)).toMatchObject({ reading: { content: EMPTY } });
    const digits = rig().digitsFor(lock(), '4711');
    lock().codes.set(houseSlot(lock(), 9), digits, 'enabled');
    const { enabled: _, ...content } = { enabled: true, ...shown(digits) };
    expect(await read(9)).toMatchObject({ kind: 'done', reading: { content } });
    lock().codes.clear(houseSlot(lock(), 9));
    expect(await read(9)).toMatchObject({ kind: 'done', reading: { content: EMPTY } });
  });

  it('is not asked for what it cannot have', async () => {
    const { firstSlot, lastSlot, adminSlots, pinLength, checksum, nativeScheduling } =
      rig().capabilities(lock());
    const { received } = lock().frames;
    for (const slot of [firstSlot - 1, lastSlot + 1, ...adminSlots])
      for (const outcome of [await set(slot, '1212'), await read(slot), await clear(slot)])
        expect(outcome).toMatchObject({ kind: 'refused', reason: 'slot_out_of_range' });
    for (const length of [pinLength.min - 1, pinLength.max + 1].filter((one) => one >= 4 && one <= 12))
      expect(
        await rig().execute(lock(), {
          kind: 'set_pin',
          slot: firstSlot,
          pin: pinOf(LONGEST_PIN.slice(0, length)),
          enabled: true,
        }),
      ).toMatchObject({ kind: 'refused', reason: 'pin_format' });
    const unsupported = { kind: 'refused', reason: 'unsupported' };
    const window = { start: '2030-07-01T15:00', stop: '2030-07-03T11:00' };
    if (nativeScheduling === null) {
      expect(await rig().execute(lock(), { kind: 'set_schedule', slot: 5, window })).toMatchObject(
        unsupported,
      );
      expect(await rig().execute(lock(), { kind: 'clear_schedule', slot: 5 })).toMatchObject(unsupported);
    }
    if (!checksum)
      expect(await rig().execute(lock(), { kind: 'compare_checksum', held: [] })).toMatchObject(unsupported);
    expect(lock().frames.received).toBe(received);
  });

  it('tells by a checksum whether it holds just that, where it has one', async () => {
    if (!rig().capabilities(lock()).checksum) return;
    await set(2, '0202');
    const compare = (digits: string) =>
      rig().execute(lock(), {
        kind: 'compare_checksum',
        held: [{ slot: 2, pin: pinOf(rig().digitsFor(lock(), digits)), enabled: true }],
      });
    expect(await compare('0202')).toEqual({ kind: 'done', proof: 'checksum', matches: true });
    expect(await compare('0203')).toMatchObject({ matches: false });
    await clear(2);
  });

  it('are told to nobody, at whatever level', async () => {
    const canary = rig().digitsFor(lock(), CANARY);
    // Some locks tell of an opening only by their bolt.
    await rig().close(lock());
    await rig().insist(lock(), rig().setPin(lock(), 4, canary));
    expect(await rig().types(lock(), canary)).toBe(true);
    await rig().execute(lock(), rig().setPin(lock(), 5, canary));
    await read(4);
    expect(rig().held(lock(), 4)).toBe(canary);
    await rig().insist(lock(), { kind: 'clear_slot', slot: 4 });
    expect(rig().said()).not.toContain(canary);
  });
}
