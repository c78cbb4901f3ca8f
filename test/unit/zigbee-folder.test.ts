import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createZigbeeDriver } from '../../drivers/zigbee/driver.ts';
import { RadioFolder } from '../../drivers/zigbee/folder.ts';
import { makeNetworkKeys } from '../../drivers/zigbee/keys.ts';
import { memoryPlace } from '../../src/memory-place.ts';
import { MemoryRadioStorage } from '../contract/memory-radio-storage.ts';

/** On a disk, as the sources are. */
const DISK = path.dirname(new URL(import.meta.url).pathname);
const SHARED_MEMORY = '/dev/shm';

function memory(): string {
  const folder = mkdtempSync(path.join(SHARED_MEMORY, 'lockhub-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('what must not be on a disk goes to the first folder that is in memory, and to none on a disk', () => {
  expect(statfsSync(DISK).type, 'the sources are on a disk').not.toBe(0x01021994);
  const here = memory();
  expect(memoryPlace({ RUNTIME_DIRECTORY: `${here}:${DISK}`, XDG_RUNTIME_DIR: DISK })).toBe(here);
  expect(memoryPlace({ RUNTIME_DIRECTORY: DISK, XDG_RUNTIME_DIR: here })).toBe(here);
  expect(memoryPlace({ RUNTIME_DIRECTORY: DISK })).toBe(SHARED_MEMORY);
  expect(memoryPlace({ RUNTIME_DIRECTORY: DISK, XDG_RUNTIME_DIR: '/missing' }, DISK)).toBeNull();
});

test('the files of the library are in a folder that only the hub enters, and it goes with the hub', () => {
  const place = memory();
  const storage = new MemoryRadioStorage();
  const folder = new RadioFolder(storage, place);
  expect(path.dirname(path.dirname(folder.backupPath))).toBe(place);
  expect(statSync(path.dirname(folder.backupPath)).mode & 0o777).toBe(0o700);
  writeFileSync(folder.databasePath, 'devices');
  folder.save();
  expect(storage.entries('zigbee.files')).toEqual([['database.db', 'devices']]);
  folder.remove();
  expect(readdirSync(place)).toEqual([]);
});

test('what a hub that was killed has left goes with the next one, and that of a running hub stays', () => {
  const place = memory();
  const { pid } = spawnSync('true');
  for (const owner of [pid, process.ppid]) mkdirSync(path.join(place, `lockhub-zigbee-${owner}-abcdef`));
  mkdirSync(path.join(place, 'lockhub-zigbee-other'));
  new RadioFolder(new MemoryRadioStorage(), place).remove();
  expect(readdirSync(place).toSorted()).toEqual(
    [`lockhub-zigbee-${process.ppid}-abcdef`, 'lockhub-zigbee-other'].toSorted(),
  );
});

test('without a folder in memory the radio stays down and says why, and nothing is written', async () => {
  const states: unknown[] = [];
  const driver = createZigbeeDriver({
    port: 'tcp://127.0.0.1:1',
    adapter: 'zstack',
    storage: new MemoryRadioStorage(),
    memoryPlace: null,
    keys: makeNetworkKeys(),
    zone: 'Europe/Berlin',
    log: pino({ level: 'silent' }),
  });
  await driver.start({
    onRadioState: (state: string, message: string) => states.push([state, message]),
  } as unknown as Parameters<typeof driver.start>[0]);
  expect(states).toEqual([['down', expect.stringContaining('no folder is in memory')]]);
  await driver.stop();
  expect(existsSync(path.join(DISK, 'backup.json'))).toBe(false);
});
