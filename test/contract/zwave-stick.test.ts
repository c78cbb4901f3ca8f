import { expect, it, onTestFinished } from 'vitest';
import { startHouse } from '../../drivers/sim/house.ts';
import { eventually, everyLockFound, heldBy, lockOf, pinOf, startRig, type Rig } from './zwave-rig.ts';

const TEST_MS = 60_000;

async function rigWithLocks(): Promise<Rig> {
  const house = await startHouse({});
  onTestFinished(() => house.stop());
  const rig = await startRig(house);
  await everyLockFound(rig);
  return rig;
}

async function replaceStick({ house }: Rig): Promise<void> {
  const answer = await fetch(`${house.control}/stick`, {
    method: 'POST',
    body: JSON.stringify({ radio: 'zwave' }),
  });
  expect(answer.ok).toBe(true);
}

const write = { kind: 'set_pin', slot: 2, pin: pinOf('2468'), enabled: true } as const;

it(
  'the memory of the stick is kept, and its locks answer as before',
  async () => {
    const rig = await rigWithLocks();
    expect(await rig.driver.keepStick?.()).toBe(true);
    expect(rig.storage.files.get('lockhub.stick')?.has('memory')).toBe(true);
    for (const lock of rig.house.locks) {
      expect(await rig.execute(lock, { kind: 'read_slot', slot: 2 })).toMatchObject({ kind: 'done' });
    }
    await rig.stop();
  },
  TEST_MS,
);

it(
  'another hub with another stick has the locks by that memory, by the same identity, without a write',
  async () => {
    const rig = await rigWithLocks();
    expect(await rig.execute(lockOf(rig, 'uc-v2'), write)).toMatchObject({ kind: 'done' });
    expect(await rig.driver.keepStick?.()).toBe(true);
    await rig.stop();
    await replaceStick(rig);
    const writes = rig.house.locks.map(({ writes: written }) => [...written]);
    const again = await startRig(rig.house, rig.storage);
    await eventually(() => again.states.at(-1) === 'ready', 'the radio is back').catch((error) => {
      console.log(again.logged(), again.states);
      throw error;
    });
    await everyLockFound(again);
    expect(again.identities.map(({ network, address }) => `${network}/${address}`).toSorted()).toEqual(
      rig.identities.map(({ network, address }) => `${network}/${address}`).toSorted(),
    );
    for (const lock of again.house.locks) {
      expect(await again.execute(lock, { kind: 'read_slot', slot: 2 })).toMatchObject({ kind: 'done' });
    }
    expect(again.house.locks.map(({ writes: written }) => [...written])).toEqual(writes);
    expect(heldBy(lockOf(again, 'uc-v2'), 2)).toBe('2468');
    expect(again.storage.files.get('lockhub.stick')?.has('writing')).toBe(false);
    await again.stop();
  },
  TEST_MS,
);

it(
  'a stick that is pulled while the hub runs is followed by a new one in the same way',
  async () => {
    const rig = await rigWithLocks();
    expect(await rig.driver.keepStick?.()).toBe(true);
    await replaceStick(rig);
    await eventually(() => rig.states.includes('down'), 'the loss is seen');
    await eventually(
      () => rig.house.locks.every((lock) => rig.told(lock, 'found').length > 1),
      'every lock is found again',
    );
    for (const lock of rig.house.locks) {
      expect(await rig.execute(lock, { kind: 'read_slot', slot: 2 })).toMatchObject({ kind: 'done' });
    }
    await rig.stop();
  },
  TEST_MS,
);

it(
  'a stick that is told to forgets its network, and no lock hears it any more',
  async () => {
    const rig = await rigWithLocks();
    const home = rig.identities[0]?.network;
    expect(await rig.driver.resetStick?.()).toBe(true);
    await rig.stop();
    const again = await startRig(rig.house);
    await eventually(() => again.states.at(-1) === 'ready', 'the empty stick is up');
    expect(again.driver.network()?.nodes.map(({ isController }) => isController)).toEqual([true]);
    expect(again.identities).toEqual([]);
    expect(again.driver.network()?.network).not.toBe(home);
    await again.stop();
  },
  TEST_MS,
);
