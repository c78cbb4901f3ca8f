import { expect, test } from 'vitest';
import { KeyTables } from '../../drivers/sim/zigbee/key-tables.ts';
import { StickMemory } from '../../drivers/sim/zigbee/memory.ts';

const LOCK = '0x000d6ffffe000011';
const OTHER = '0x000d6ffffe000012';

function tables(address = '0x00124b0000000001'): KeyTables {
  return new KeyTables(new StickMemory(address, undefined, () => undefined));
}

test('a device that shows its link key is taken back, and each time the counters go on', () => {
  const keys = tables();
  const first = keys.admit(LOCK, 0x1111);
  const second = keys.readmit(LOCK, 0x2222, first);
  expect(second).toMatchObject({ key: first?.key, sent: 2, heard: 2 });
  // What was shown before is a frame that somebody plays again.
  expect(keys.readmit(LOCK, 0x3333, first)).toBeUndefined();
  expect(keys.readmit(LOCK, 0x3333, second)).toBeDefined();
});

test('a device whose key the stick has not is refused', () => {
  const keys = tables();
  const held = keys.admit(LOCK, 0x1111);
  const other = keys.admit(OTHER, 0x2222);
  expect(other?.key).not.toBe(held?.key);
  expect(keys.readmit(LOCK, 0x3333, other)).toBeUndefined();
  expect(keys.readmit(LOCK, 0x3333, undefined)).toBeUndefined();
  expect(tables('0x00124b0000000002').readmit(LOCK, 0x3333, held)).toBeUndefined();
  keys.forget(LOCK);
  expect(keys.readmit(LOCK, 0x3333, held)).toBeUndefined();
});

test('a stick with counters from before those of a device is not believed by it', () => {
  const old = new StickMemory('0x00124b0000000001', undefined, () => undefined);
  const joined = new KeyTables(old).admit(LOCK, 0x1111);
  const copy = new StickMemory(old.ownAddress, old.toJSON(), () => undefined);
  const later = new KeyTables(old).readmit(LOCK, 0x2222, joined);
  expect(new KeyTables(copy).readmit(LOCK, 0x3333, later)).toBeUndefined();
});

function ieeeOf(index: number): string {
  return `0x000d6ffffe00${String(index).padStart(4, '0')}`;
}

test('a stick keeps as many devices as it has places, and has one again when one leaves', () => {
  const keys = tables();
  const admitted = Array.from({ length: 41 }, (_, index) => keys.admit(ieeeOf(index + 1), index + 1));
  expect(admitted.filter((key) => key !== undefined)).toHaveLength(40);
  keys.forget(ieeeOf(7));
  expect(keys.admit(ieeeOf(41), 41)).toBeDefined();
});
