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

/** Types a PIN and waits until the lock has told it: a report that crosses a write loses the answer (field note 4). */
async function opens(lock: SimLock, digits: string): Promise<boolean> {
  const told = (): number => rig.told(lock, 'unlocked').length + rig.told(lock, 'access_denied').length;
  const before = told();
  const { opened } = lock.typePin(digits);
  await eventually(() => told() > before, 'the lock tells what was typed');
  return opened;
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
  it('holds a disabled code that opens nothing until the same PIN is written enabled', async () => {
    const lock = lockOf(rig, model);
    expect(await write(model, 3, '0123', false)).toMatchObject(shown(3, '0123', false));
    expect(lock.codes.read(3)?.status).toBe('disabled');
    expect(await opens(lock, '0123')).toBe(false);
    expect(await write(model, 3, '0123', true)).toMatchObject({ kind: 'done' });
    expect(await opens(lock, '0123')).toBe(true);
    expect(await write(model, 3, '0123', false)).toMatchObject(shown(3, '0123', false));
    expect(await opens(lock, '0123')).toBe(false);
    await rig.execute(lock, { kind: 'clear_slot', slot: 3 });
  });

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

  it('tells the truth where the lock enables what it was given disabled', async () => {
    const lock = lockOf(rig, model);
    lock.fault = { kind: 'refuses_disabled' };
    expect(await write(model, 6, '6767', false)).toMatchObject(shown(6, '6767', true));
    lock.fault = { kind: 'none' };
    await rig.execute(lock, { kind: 'clear_slot', slot: 6 });
  });

  it('refuses a duplicate that is written disabled, and keeps nothing of it', async () => {
    const lock = lockOf(rig, model);
    await edit(lock, () => lock.programPin(7, '7878'));
    expect(await write(model, 8, '7878', false)).toMatchObject({ kind: 'refused', reason: 'duplicate_pin' });
    expect(heldBy(lock, 8)).toBeUndefined();
    const read = await rig.execute(lock, { kind: 'read_slot', slot: 8 });
    expect(read).toMatchObject({ reading: { content: { kind: 'empty' } } });
    await edit(lock, () => lock.unprogramPin(7));
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

it('says which locks can hold disabled codes, and writes none to the others', async () => {
  for (const model of ['uc-v1', 'uc-v1-masked'] as const) {
    const [found] = rig.told(lockOf(rig, model), 'found');
    expect(found?.description.capabilities.disabledCodes).toBe(false);
    const writesBefore = lockOf(rig, model).writes.size;
    expect(await write(model, 3, '0123', false)).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    expect(lockOf(rig, model).writes.size).toBe(writesBefore);
  }
  for (const model of ['uc-v2', 'u3c'] as const) {
    const [found] = rig.told(lockOf(rig, model), 'found');
    expect(found?.description.capabilities.disabledCodes).toBe(true);
  }
});
