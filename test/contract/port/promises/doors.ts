import { expect, it } from 'vitest';
import type { LockAction } from '../../../../src/lock-driver.ts';
import { eventually } from '../../zwave-rig.ts';
import type { Standing } from '../standing.ts';
import { deviceIdOf } from '../rig.ts';

const TRAVEL_MS = 500;

/** What a person at a lock could do, done by radio. */
export function promiseDoor(model: string, rig: Standing): void {
  const lock = () => rig().lock(model);

  const act = (action: LockAction) => rig().act(lock(), action);

  it('is where it was sent, and the lock tells so', async () => {
    await rig().close(lock());
    const before = rig().told(lock(), 'unlocked').length;
    expect(await act('unlock')).toEqual({ kind: 'done' });
    expect(lock().bolt).toBe('unlocked');
    await eventually(() => rig().told(lock(), 'unlocked').length > before, 'the lock tells that it is open');
    expect(await act('lock')).toEqual({ kind: 'done' });
    expect(lock().bolt).toBe('locked');
  });

  it('that sticks is said to, and obeys when it is free', async () => {
    lock().setJammed(true);
    expect(await act('unlock')).toMatchObject({ kind: 'jammed' });
    expect(lock().bolt).toBe('locked');
    lock().setJammed(false);
    expect(await act('unlock')).toEqual({ kind: 'done' });
    expect(await act('lock')).toEqual({ kind: 'done' });
  });

  it('shows which one it is, where it can', async () => {
    const before = lock().identified;
    const { identifies } = lock().model;
    const outcome = await act('identify');
    expect(outcome.kind).toBe(identifies ? 'done' : 'unsupported');
    expect(lock().identified).toBe(identifies ? before + 1 : before);
  });

  it('is asked everything anew, is told again, and loses no code', async () => {
    const held = rig().keepers().includes(lock()) ? rig().digitsFor(lock(), '6060') : undefined;
    if (held !== undefined) await rig().insist(lock(), rig().setPin(lock(), 6, held));
    const found = rig().told(lock(), 'found');
    lock().setBatteryPercent(50);
    expect(await act('reinterview')).toEqual({ kind: 'done' });
    expect(rig().told(lock(), 'found')).toHaveLength(found.length + 1);
    const { description } = rig().told(lock(), 'found').at(-1) ?? {};
    const before = found.at(-1)?.description;
    const batteryLevel = (before?.batteryLevel ?? 0) / 2;
    expect(description).toEqual({ ...before, batteryLevel, locked: true });
    lock().setBatteryPercent(100);
    expect(rig().held(lock(), 6)).toBe(held);
    expect(lock().codes.slotsInUse()).toHaveLength(held === undefined ? 0 : 1);
    if (held !== undefined) await rig().insist(lock(), { kind: 'clear_slot', slot: 6 });
  });
}

/** What is said of a door that nobody saw move. */
export function promiseRoughDoor(model: string, rig: Standing): void {
  const lock = () => rig().lock(model);

  const act = (action: LockAction) => rig().act(lock(), action);

  it('is waited for where its bolt takes its time', async () => {
    lock().boltTravelMs = TRAVEL_MS;
    expect(await act('unlock')).toEqual({ kind: 'done' });
    expect(lock().bolt).toBe('unlocked');
    expect(await act('lock')).toEqual({ kind: 'done' });
  });

  it('is not said to have moved when nothing is heard of it, or the lock is gone', async () => {
    lock().fault = { kind: 'no_answer' };
    expect(await act('unlock')).toMatchObject({ kind: 'unknown' });
    lock().fault = { kind: 'none' };
    expect(await act('lock')).toEqual({ kind: 'done' });
    lock().fault = { kind: 'unreachable' };
    expect(await act('unlock')).toMatchObject({ kind: 'unreachable' });
    expect(lock().bolt).toBe('locked');
    lock().fault = { kind: 'none' };
    expect(await rig().driver.ping(deviceIdOf(lock()))).toBe(true);
  });
}
