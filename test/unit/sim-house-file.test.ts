import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HouseFileError, readHouseFile } from '../../drivers/sim/house-file.ts';

function houseOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'lockhub-house-file-')), 'house.yaml');
  writeFileSync(file, text);
  return file;
}

function mistakesOf(text: string): string[] {
  try {
    readHouseFile(houseOf(text));
  } catch (error) {
    if (error instanceof HouseFileError) return error.message.split('\n');
    throw error;
  }
  return [];
}

it('lists the locks of a house', () => {
  const file = houseOf(
    'locks:\n  - { id: cellar, model: uc-v2, address: 7, admin_pin: "4711", drift_ppm: 20 }\n',
  );
  expect(readHouseFile(file)).toEqual({
    keypads: [],
    locks: [{ id: 'cellar', model: 'uc-v2', address: 7, admin_pin: '4711', drift_ppm: 20 }],
  });
});

it('lists Zigbee locks by their IEEE address', () => {
  const file = houseOf('locks:\n  - { id: shed, model: dl-base-0, address: "0x000d6ffffe00000a" }\n');
  expect(readHouseFile(file)).toEqual({
    keypads: [],
    locks: [{ id: 'shed', model: 'dl-base-0', address: '0x000d6ffffe00000a', drift_ppm: 0 }],
  });
});

it('lists keypads of both radios', () => {
  const locks = 'locks:\n  - { id: cellar, model: uc-v2, address: 7 }\n';
  const zwave = { id: 'beside', address: 8 };
  const zigbee = { id: 'above', model: 'ace-keypad', address: '0x000d6ffffe00000b' };
  const file = houseOf(`${locks}keypads: ${JSON.stringify([zwave, zigbee])}\n`);
  expect(readHouseFile(file).keypads).toEqual([zwave, zigbee]);
});

it.each([
  ['locks: []', 'locks'],
  ['locks:\n  - { id: Cellar, model: uc-v2, address: 7 }', 'locks.0.id'],
  ['locks:\n  - { id: cellar, model: uc-v3, address: 7 }', 'locks.0.model'],
  ['locks:\n  - { id: cellar, model: uc-v2, address: 1 }', 'locks.0.address'],
  ['locks:\n  - { id: cellar, model: uc-v2, address: 7, colour: red }', 'locks.0'],
  ['locks:\n  - { id: a, model: u3c, address: 7 }\n  - { id: a, model: u3c, address: 8 }', 'same id'],
  ['locks:\n  - { id: a, model: u3c, address: 7 }\n  - { id: b, model: u3c, address: 7 }', 'same address'],
  ['locks:\n  - { id: shed, model: dl-base-0, address: 7 }', 'locks.0.address'],
  ['locks:\n  - { id: shed, model: uc-v2, address: "0x000d6ffffe00000a" }', 'locks.0.address'],
  [
    'locks:\n  - { id: a, model: u3c, address: 7 }\nkeypads:\n  - { id: b, address: "0x000d6ffffe00000b" }',
    'keypads.0: a Zigbee keypad has a model',
  ],
  ['locks: [', 'line 1'],
  ['', 'house'],
])('says in one line what is wrong: %j', (text, told) => {
  const mistakes = mistakesOf(text);
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toContain(told);
});

it('says that a file is missing', () => {
  expect(() => readHouseFile(join(tmpdir(), 'no-such-house.yaml'))).toThrow(
    /no-such-house\.yaml: cannot be read/,
  );
});
