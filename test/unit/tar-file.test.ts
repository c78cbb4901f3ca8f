import { expect, test } from 'vitest';
import { newestLines, tarOf } from '../../src/http/page/tar-file.ts';
import { unpacked } from '../support/archive.ts';

test('what is packed is what tar unpacks, whatever its length', async () => {
  const files = { empty: '', block: 'a'.repeat(512), long: 'ö'.repeat(10_000), line: 'b\n' };
  const list = Object.entries(files).map(([name, text]) => ({ name, text }));
  expect(unpacked(await tarOf(list, 1_795_000_000_000))).toEqual(files);
});

test('of a long log the newest lines are kept', () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `${index} ${'x'.repeat(2000)}`);
  const kept = newestLines(lines);
  expect(kept.length).toBeLessThanOrEqual(4 * 1024 * 1024);
  expect(kept.length).toBeGreaterThan(4 * 1024 * 1024 - 2100);
  expect(kept.endsWith(`${lines.at(-1)}\n`)).toBe(true);
  expect(newestLines([])).toBe('');
});
