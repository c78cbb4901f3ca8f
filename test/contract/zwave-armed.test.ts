import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { Outcome } from '../../src/core/operation.ts';
import { eventually, heldBy, lockOf, pinOf, startRigWithLocks, type Rig } from './zwave-rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await startRigWithLocks();
});

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

const ATTEMPTS_MAX = 3;

type Model = Parameters<typeof lockOf>[1];

/**
 * Writes as the hub does: reports of the lock that cross a write lose its answer (field note 4), and then the slot is
 * read and written again.
 */
async function write(model: Model, slot: number, digits: string, enabled: boolean): Promise<Outcome> {
  const lock = lockOf(rig, model);
  const operation = { kind: 'set_pin', slot, pin: pinOf(digits), enabled } as const;
  let outcome = await rig.execute(lock, operation);
  for (let attempt = 2; attempt <= ATTEMPTS_MAX && outcome.kind === 'unknown'; attempt += 1) {
    await rig.execute(lock, { kind: 'read_slot', slot });
    outcome = await rig.execute(lock, operation);
  }
  return outcome;
}

/** Edits a code at the lock and waits until that is told. */
async function edit(lock: SimLock, change: () => unknown): Promise<void> {
  const told = (): number => rig.told(lock, 'slot_changed').length + rig.told(lock, 'slot_cleared').length;
  const before = told();
  change();
  await eventually(() => told() > before, 'the lock tells the edit');
}

/** The outcome of a write that a reading has shown to be just that. */
function shown(slot: number, digits: string, enabled: boolean) {
  const content = { kind: 'pin', pin: pinOf(digits), enabled };
  return { kind: 'done', proof: 'read_back', reading: { slot, content } };
}

describe.each(['uc-v2', 'u3c'] as const)('%s', (model) => {
  it('is never open with either PIN while a disabled code takes the place of an enabled one', async () => {
    const lock = lockOf(rig, model);
    await write(model, 4, '4445', true);
    const opened: string[] = [];
    const set = lock.codes.set.bind(lock.codes);
    lock.codes.set = (slot, digits, status) => {
      const before = lock.codes.read(slot);
      const refusal = set(slot, digits, status);
      if (lock.codes.read(slot)?.status === 'enabled') opened.push(digits);
      if (model === 'u3c' && before?.status === 'enabled') opened.push(before.pin.reveal());
      return refusal;
    };
    expect(await write(model, 4, '5556', false)).toMatchObject(shown(4, '5556', false));
    lock.codes.set = set;
    expect(opened).toEqual([]);
    await rig.execute(lock, { kind: 'clear_slot', slot: 4 });
  });

  it('sends the digits it was given and not what the library remembers', async () => {
    const lock = lockOf(rig, model);
    await write(model, 5, '1112', true);
    lock.codes.set(5, '2223', 'enabled');
    expect(await write(model, 5, '1212', false)).toMatchObject(shown(5, '1212', false));
    expect(heldBy(lock, 5)).toBe('1212');
    await rig.execute(lock, { kind: 'clear_slot', slot: 5 });
  });
});

it.each([true, false])('leaves no user without a PIN behind (enabled: %s)', async (enabled) => {
  const lock = lockOf(rig, 'u3c');
  await edit(lock, () => lock.programPin(7, '7878'));
  expect(await write('u3c', 9, '7878', enabled)).toMatchObject({ reason: 'duplicate_pin' });
  expect([...lock.users.keys()]).toEqual([7]);
  await edit(lock, () => lock.unprogramPin(7));
  expect(await write('u3c', 9, '9898', enabled)).toMatchObject({ kind: 'done' });
  expect(lock.users.get(9)?.active).toBe(enabled);
  await rig.execute(lock, { kind: 'clear_slot', slot: 9 });
  expect([...lock.users.keys()]).toEqual([]);
});
