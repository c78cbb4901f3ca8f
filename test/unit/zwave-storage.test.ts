import { mkdtempSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readMostlyFileSystem, VIRTUAL_CACHE_FOLDER } from '../../drivers/zwave/file-system.ts';
import { radioDatabases } from '../../drivers/zwave/storage.ts';
import { MemoryRadioStorage } from '../contract/memory-radio-storage.ts';

const FILE = 'cafe.values.jsonl';

/** As zwave-js uses it: values that JSON does not know go through functions of its own. */
const AS_DATES = {
  enableTimestamps: true,
  serializer: (_key: string, value: Date) => value.toISOString(),
  reviver: (_key: string, value: unknown) => new Date(String(value)),
};

async function opened(storage: MemoryRadioStorage) {
  const database = radioDatabases(storage).createInstance<Date>(path.join('anywhere', FILE), AS_DATES);
  await database.open();
  return database;
}

it('keeps values, their order and their times over a restart', async () => {
  const storage = new MemoryRadioStorage();
  const before = await opened(storage);
  before.set('a', new Date(1)).set('b', new Date(2)).set('c', new Date(3));
  before.delete('b');
  const at = before.getTimestamp('a');
  await before.close();
  const after = await opened(storage);
  expect([...after.entries()]).toEqual([
    ['a', new Date(1)],
    ['c', new Date(3)],
  ]);
  expect(at).toBeTypeOf('number');
  expect(after.getTimestamp('a')).toBe(at);
  after.clear();
  await after.close();
  expect((await opened(storage)).size).toBe(0);
});

it('writes what changed, together, and nothing that only says when a lock was heard', async () => {
  const storage = new MemoryRadioStorage();
  const database = await opened(storage);
  database.set('node.2.lastSeen', new Date(5));
  expect(database.get('node.2.lastSeen')).toEqual(new Date(5));
  database.set('a', new Date(1)).set('b', new Date(2));
  const row = storage.files.get(FILE)?.get('a');
  database.set('a', new Date(1));
  expect(storage.files.get(FILE)?.get('a')).toBe(row);
  expect([...(storage.files.get(FILE)?.keys() ?? [])]).toEqual(['a', 'b']);
  expect(storage.flushes).toBe(0);
  await database.close();
  expect(storage.flushes).toBe(1);
});

it('drops rows that nobody can read', async () => {
  const storage = new MemoryRadioStorage();
  storage.set(FILE, 'broken', '{"value":');
  storage.set(FILE, 'whole', '{"value":"1970-01-01T00:00:00.001Z"}');
  const database = await opened(storage);
  expect([...database.keys()]).toEqual(['whole']);
  expect(storage.entries(FILE)).toHaveLength(1);
});

it('is closed with the words that the library takes for closed', async () => {
  const database = await opened(new MemoryRadioStorage());
  await database.close();
  expect(() => database.set('a', new Date())).toThrow(/database is not open/);
  expect(() => database.get('a')).toThrow(/database is not open/);
});

it('lets the library write no file', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-files-'));
  const file = path.join(folder, 'x');
  const content = new Uint8Array([1]);
  await readMostlyFileSystem.ensureDir(path.join(folder, 'cache'));
  await expect(readMostlyFileSystem.writeFile(file, content)).rejects.toThrow('no files');
  await expect(readMostlyFileSystem.copyFile(file, `${file}2`)).rejects.toThrow('no files');
  await expect(readMostlyFileSystem.makeTempDir('x')).rejects.toThrow('no files');
  await expect(readMostlyFileSystem.stat(`${VIRTUAL_CACHE_FOLDER}/cafe.json`)).rejects.toThrow('ENOENT');
  expect(await readdir(folder)).toEqual([]);
});
