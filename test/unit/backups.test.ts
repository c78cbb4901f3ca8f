import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Backups } from '../../src/backup/backups.ts';
import { SystemClock } from '../../src/clock.ts';
import { parseConfig, type Config } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import type { Store } from '../../src/store/store.ts';

/** The user of an installed hub, whoever that is. */
const HUB_USER = 990;

let folder: string;
let config: Config;
let store: Store;
let backups: Backups;
let hasRoom: boolean;
let sticksKept: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-backups-'));
  const parsed = parseConfig({ hub_id: 'hub-1', site: { timezone: 'UTC' }, data_dir: 'data' }, folder);
  if (!parsed.ok) throw new Error(parsed.mistakes.join());
  config = parsed.value;
  mkdirSync(config.dataDir);
  store = openData(config, () => undefined);
  hasRoom = true;
  sticksKept = 0;
  backups = new Backups({
    config,
    version: '1.2.3',
    store,
    clock: new SystemClock(),
    log: pino({ level: 'silent' }),
    keepSticks: async () => {
      sticksKept += 1;
      return [];
    },
    hasRoom: () => hasRoom,
    restart: () => undefined,
  });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function files(): readonly string[] {
  return readdirSync(config.dataDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('lockhub-backup'),
  );
}

test('while the disk has little room nothing is written for a backup, and it says so until the next one', async () => {
  hasRoom = false;
  expect(await backups.make('on_demand')).toBeNull();
  expect({ files: files(), sticksKept }).toEqual({ files: [], sticksKept: 0 });
  expect(backups.state().failure).toContain('little room');
  hasRoom = true;
  expect(await backups.make('nightly')).not.toBeNull();
  expect(files()).toHaveLength(1);
  expect(backups.state().failure).toBeNull();
});

test('one that can not be read is no reason to make none', async () => {
  mkdirSync(path.join(config.backup.folder, 'hub-1-20200101T000000Z.lockhub-backup'), { recursive: true });
  expect(await backups.make('nightly')).not.toBeNull();
  expect(backups.state()).toMatchObject({ failure: null, backups: [{}, {}] });
});

test('before risky work one is made, unless the hour has seen one, and both the made and the failed are told', async () => {
  expect(await backups.make('before_risk')).not.toBeNull();
  expect(sticksKept).toBe(0);
  expect(await backups.make('before_risk')).toBeNull();
  hasRoom = false;
  await backups.make('on_demand');
  const told = store.outbox.after(0, 10).map(({ event }) => event.event_type);
  expect(told).toEqual(['hub.backup_made', 'hub.backup_failed']);
});

test.runIf(process.getuid?.() === 0)('a backup that root makes belongs to the user of the hub', async () => {
  chownSync(config.dataDir, HUB_USER, HUB_USER);
  const name = (await backups.make('on_demand')) ?? '';
  const made = [config.backup.folder, path.join(config.backup.folder, name)];
  expect(made.map((file) => statSync(file).uid)).toEqual([HUB_USER, HUB_USER]);
});
