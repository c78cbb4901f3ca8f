import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import { everyLockFound, heldBy, pinOf, startRig, type Rig } from './zwave-rig.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';

const CANARY = '73914682';
const FRAMES_OF_A_RESTART = 6;

let house: House;
let rig: Rig;

beforeEach(async () => {
  house = await startHouse();
  for (const lock of house.locks) lock.programPin(2, '2223');
  rig = await startRig(house);
  await everyLockFound(rig);
});

afterEach(async () => {
  await rig.stop();
  await house.stop();
});

async function restart(storage: MemoryRadioStorage): Promise<void> {
  await rig.stop();
  rig = await startRig(house, storage);
  await everyLockFound(rig);
}

function expectNothingWritten(): void {
  for (const lock of house.locks) {
    expect(heldBy(lock, 2), lock.id).toBe('2223');
    expect([...lock.writes], lock.id).toEqual([]);
  }
}

it('clears no code at the first meeting and tells what it found', () => {
  expectNothingWritten();
  for (const lock of house.locks) {
    const [found] = rig.told(lock, 'found');
    const held = found?.snapshot.find(({ slot }) => slot === 2);
    const content = lock.model.masksPins ? { kind: 'masked' } : { kind: 'pin', pin: pinOf('2223') };
    expect(held, lock.id).toMatchObject({ content });
  }
});

it('starts again from its storage with a few frames and the same identities', async () => {
  const identities = rig.identities;
  const frames = house.locks.map((lock) => lock.frames.received);
  await restart(rig.storage);
  expectNothingWritten();
  expect(rig.identities).toEqual(expect.arrayContaining([...identities]));
  house.locks.forEach((lock, index) => {
    expect(lock.frames.received - (frames[index] ?? 0), lock.id).toBeLessThanOrEqual(FRAMES_OF_A_RESTART);
  });
});

it('loses no code when its storage is emptied between two starts', async () => {
  await restart(new MemoryRadioStorage());
  expectNothingWritten();
  for (const lock of house.locks) {
    const read = await rig.execute(lock, { kind: 'read_slot', slot: 2 });
    expect(read, lock.id).toMatchObject({ kind: 'done' });
    const write = await rig.execute(lock, { kind: 'set_pin', slot: 3, pin: pinOf('3334'), enabled: true });
    expect(write, lock.id).toMatchObject({ kind: 'done' });
  }
});

it('survives rows that nobody can read', async () => {
  for (const rows of rig.storage.files.values()) {
    const [first] = rows.keys();
    if (first !== undefined) rows.set(first, '{"value":');
  }
  await restart(rig.storage);
  expectNothingWritten();
});

it('writes no file and logs no PIN, even at level trace', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-radio-'));
  const before = process.cwd();
  process.chdir(folder);
  try {
    await restart(new MemoryRadioStorage());
    for (const lock of house.locks) {
      await rig.execute(lock, { kind: 'set_pin', slot: 4, pin: pinOf(CANARY), enabled: true });
      lock.typePin(CANARY);
      await rig.execute(lock, { kind: 'set_pin', slot: 5, pin: pinOf(CANARY), enabled: true });
      await rig.execute(lock, { kind: 'read_slot', slot: 4 });
    }
    await rig.stop();
  } finally {
    process.chdir(before);
  }
  expect(readdirSync(folder)).toEqual([]);
  expect(rig.logged()).not.toContain(CANARY);
  expect(JSON.stringify(rig.heard)).not.toContain(CANARY);
});
