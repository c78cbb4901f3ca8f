import { describe, expect, it } from 'vitest';
import { eventually } from '../../zwave-rig.ts';
import { houseSlot } from '../face.ts';
import type { Standing } from '../standing.ts';
import { deviceIdOf } from '../rig.ts';

/** Longest that the port allows for an operation. */
const DEADLINE_MS = 30_000;
/** Later than any driver here waits for an answer. */
const SLOW_MS = 3_000;
const SHORT_DEADLINE_MS = 300;
const MARGIN_MS = 500;
const TEST_MS = 120_000;

/** What is said of a lock whose frames get lost, and what is never said. */
export function promiseHonesty(models: readonly string[], roughest: string, rig: Standing): void {
  describe.each(models)('%s', (model) => {
    const lock = () => rig().lock(model);
    const write = (slot: number, digits: string) => rig().setPin(lock(), slot, digits);

    it('whose answers are lost may hold the code or not; a later read says which', async () => {
      lock().fault = { kind: 'no_answer' };
      expect(await rig().execute(lock(), write(2, '2020'))).toMatchObject({ kind: 'unknown' });
      lock().fault = { kind: 'none' };
      const read = await rig().execute(lock(), { kind: 'read_slot', slot: 2 });
      const isThere = read.kind === 'done' && read.reading?.content.kind !== 'empty';
      expect(isThere).toBe(rig().held(lock(), 2) === rig().digitsFor(lock(), '2020'));
      expect(await rig().insist(lock(), { kind: 'clear_slot', slot: 2 })).toMatchObject({ kind: 'done' });
      expect(rig().held(lock(), 2)).toBeUndefined();
    });

    it('that is out of reach is unreachable; others are served, and it is told when it is heard', async () => {
      lock().fault = { kind: 'unreachable' };
      const startedAt = performance.now();
      expect(await rig().execute(lock(), write(1, '1357'))).toMatchObject({ kind: 'unreachable' });
      expect((performance.now() - startedAt) * rig().face.pace).toBeLessThan(DEADLINE_MS);
      expect(rig().held(lock(), 1)).toBeUndefined();
      expect(await rig().driver.ping(deviceIdOf(lock()))).toBe(false);
      const other = rig().face.locks.find((one) => one !== lock()) ?? lock();
      expect(await rig().insist(other, { kind: 'clear_slot', slot: 1 })).toMatchObject({ kind: 'done' });
      const before = rig().told(lock(), 'online').length;
      lock().fault = { kind: 'none' };
      lock().pressLock();
      await eventually(() => rig().told(lock(), 'online').length > before, 'the lock is heard');
      expect(await rig().driver.ping(deviceIdOf(lock()))).toBe(true);
      expect(await rig().insist(lock(), write(1, '1357'))).toMatchObject({ kind: 'done' });
      await rig().insist(lock(), { kind: 'clear_slot', slot: 1 });
    });

    it('that says yes and does nothing is not believed to be empty', async () => {
      expect(await rig().insist(lock(), write(6, '6667'))).toMatchObject({ kind: 'done' });
      lock().fault = { kind: 'drops_writes' };
      const outcome = await rig().execute(lock(), { kind: 'clear_slot', slot: 6 });
      // What a lock confirms it can lie about, but not what it shows.
      if (outcome.kind === 'done') expect(outcome.proof).not.toBe('read_back');
      lock().fault = { kind: 'none' };
      await rig().insist(lock(), { kind: 'clear_slot', slot: 6 });
      expect(rig().held(lock(), 6)).toBeUndefined();
    });
  });

  describe.each([roughest])('%s', (model) => {
    const lock = () => rig().lock(model);
    const write = (slot: number, digits: string) => rig().setPin(lock(), slot, digits);

    it.each([
      { kind: 'drop', probability: 0.3 },
      { kind: 'duplicate', probability: 0.5 },
      { kind: 'garbled', probability: 0.3 },
    ] as const)(
      'with frames subject to $kind ends up with the code, and is never misjudged',
      async (fault) => {
        lock().fault = fault;
        let outcome = await rig().execute(lock(), write(5, '0505'));
        if (outcome.kind === 'refused') expect(rig().held(lock(), 5)).toBeUndefined();
        if (outcome.kind !== 'done') outcome = await rig().insist(lock(), write(5, '0505'));
        expect(outcome.kind).toBe('done');
        expect(rig().held(lock(), 5)).toBe(rig().digitsFor(lock(), '0505'));
        lock().fault = { kind: 'none' };
        await rig().insist(lock(), { kind: 'clear_slot', slot: 5 });
      },
      TEST_MS,
    );

    it('that answers too late is unknown in time, and what it did is seen', async () => {
      lock().fault = { kind: 'slow', delayMs: SLOW_MS };
      const startedAt = performance.now();
      const outcome = await rig().execute(lock(), write(4, '4040'));
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect((performance.now() - startedAt) * rig().face.pace).toBeLessThan(DEADLINE_MS);
      lock().fault = { kind: 'none' };
      expect(await rig().insist(lock(), { kind: 'clear_slot', slot: 4 })).toMatchObject({ kind: 'done' });
      expect(lock().codes.read(houseSlot(lock(), 4))).toBeUndefined();
    });
  });

  it('answers within its deadline, and lets nothing overtake what is still under way', async () => {
    if (!rig().face.takesDeadline) return;
    await rig().restart({ executeDeadlineMs: SHORT_DEADLINE_MS });
    const [lock] = rig().face.locks;
    if (lock === undefined) throw new Error('the house is empty');
    lock.fault = { kind: 'slow', delayMs: SHORT_DEADLINE_MS * 3 };
    const startedAt = performance.now();
    const late = await rig().execute(lock, rig().setPin(lock, 4, '4040'));
    expect(late).toMatchObject({ kind: 'unknown' });
    expect(performance.now() - startedAt).toBeLessThan(SHORT_DEADLINE_MS + MARGIN_MS);
    expect(await rig().execute(lock, { kind: 'clear_slot', slot: 4 })).toMatchObject({ kind: 'unreachable' });
    expect(await rig().act(lock, 'unlock')).toMatchObject({ kind: 'unreachable' });
    lock.fault = { kind: 'none' };
    await rig().restart();
    expect(await rig().insist(lock, { kind: 'clear_slot', slot: 4 })).toMatchObject({ kind: 'done' });
    expect(rig().held(lock, 4)).toBeUndefined();
  });
}
