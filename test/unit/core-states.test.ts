import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STATES } from './core-states/states.ts';
import { rowsOf, sectionsOf } from './core-states/table.ts';
import { TRIGGERS } from './core-states/triggers.ts';

const FILE = join(import.meta.dirname, 'core-states', 'table.txt');
const written = sectionsOf(readFileSync(FILE, 'utf8'));

test('the table has a section for every trigger and none for anything else', () => {
  expect([...written.keys()]).toEqual(Object.keys(TRIGGERS));
});

test('no pair of a state and a trigger is left to chance', () => {
  const pairs = [...written.values()].reduce((sum, rows) => sum + rows.length, 0);
  expect(pairs).toBe(Object.keys(STATES).length * Object.keys(TRIGGERS).length);
});

test.each(Object.keys(TRIGGERS))('%s', (trigger) => {
  expect(rowsOf(trigger)).toEqual(written.get(trigger));
});

test('a table with two sections for one trigger, or a row without one, is no table', () => {
  expect(() => sectionsOf('it is deleted\n\nit is deleted\n')).toThrow('Two sections');
  expect(() => sectionsOf('  set  gone | not on lock | deleted\n')).toThrow('A row before');
});
