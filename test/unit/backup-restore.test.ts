import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BackupError } from '../../src/backup/errors.ts';
import { copyDatabase, makeBackup } from '../../src/backup/make.ts';
import { applyRestore, stageRestore } from '../../src/backup/restore.ts';
import { commitRestore, finishRestore, stagingOf } from '../../src/backup/swap.ts';
import { HubKey } from '../../src/store/key.ts';
import { loadOrCreateKey } from '../../src/store/key-file.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { codeWith, holding, lockWith, SAMPLE_AT, slotWith } from '../support/core-samples.ts';

const HUB_ID = 'hub-1';
let folder: string;
let dataDir: string;
let keyFile: string;
let backupFile: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-restore-'));
  dataDir = mkdtempSync(path.join(folder, 'data-'));
  keyFile = path.join(dataDir, 'hub.key');
  backupFile = path.join(folder, 'one.lockhub-backup');
});

afterEach(() => rmSync(folder, { recursive: true }));

function open(): Store {
  const file = path.join(dataDir, 'lockhub.db');
  const key = loadOrCreateKey({ keyFile, databaseExists: existsSync(file) });
  return openStore({ file, key });
}

function used<T>(work: (store: Store) => T): T {
  const store = open();
  try {
    return work(store);
  } finally {
    store.close();
  }
}

function kindOf(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => (error instanceof BackupError ? error.kind : error));
}

function happen(store: Store, count: number): void {
  for (let index = 0; index < count; index += 1) {
    store.append([{ event_type: 'hub.started', occurredAt: SAMPLE_AT, details: { index } }]);
  }
}

/** A hub with a lock that holds a code, of whose three events the cloud has acknowledged two. */
async function backedUp(): Promise<HubKey> {
  const store = open();
  try {
    const lock = lockWith({ retryAt: SAMPLE_AT + 1, failures: 3 });
    const row = slotWith(1, { owner: 'code', content: holding('1234'), proof: 'read_back' });
    const code = codeWith('code', { slot: 1, everOnDevice: true });
    store.commit(undefined, { lock, codes: [code], slots: [row, slotWith(2)] }, []);
    happen(store, 3);
    store.outbox.ack(2);
    const copy = await copyDatabase({ dataDir });
    const { secrets } = store;
    const source = { hubId: HUB_ID, version: '1', dataDir, keyFile, configFile: null, named: [], secrets };
    await makeBackup({ ...source, publicKeys: [] }, copy, {
      file: backupFile,
      at: SAMPLE_AT,
      reason: 'on_demand',
    });
    copy.remove();
  } finally {
    store.close();
  }
  return loadOrCreateKey({ keyFile, databaseExists: true });
}

it('is another database of the same hub: another epoch, numbered from 1 on, with what was not acknowledged', async () => {
  const key = await backedUp();
  const before = used((store) => ({ epoch: store.outbox.epoch, waiting: store.outbox.after(2, 10) }));
  used((store) => happen(store, 5));
  await stageRestore(backupFile, key, HUB_ID, { dataDir, keyFile });
  applyRestore({ dataDir, keyFile });
  used((store) => {
    expect(store.outbox.epoch).not.toBe(before.epoch);
    expect(store.outbox.acked()).toBe(0);
    expect(store.outbox.head()).toBe(1);
    expect(store.outbox.after(0, 10)).toEqual([{ seq: 1, event: before.waiting[0]?.event }]);
    expect(JSON.parse(String(store.outbox.batch(0, 10, 10)?.json))).toMatchObject({ seq: 1 });
    happen(store, 1);
    expect(store.outbox.after(1, 10)).toMatchObject([{ seq: 2 }]);
    expect(store.events.newest({}, 10)).toHaveLength(4);
    const ids = store.events.newest({}, 10).map(({ event }) => event['event_id']);
    expect(new Set(ids).size).toBe(4);
  });
});

it('looks at what it knows of slots before it believes it, and at once', async () => {
  const key = await backedUp();
  await stageRestore(backupFile, key, HUB_ID, { dataDir, keyFile });
  applyRestore({ dataDir, keyFile });
  used((store) => {
    const state = store.lockState('lock');
    expect(state?.slots.map(({ slot, recheck }) => [slot, recheck])).toEqual([
      [1, 'restored'],
      [2, 'no'],
    ]);
    expect(state?.lock).toMatchObject({ retryAt: null, failures: 0 });
    expect(state?.codes[0]?.pin?.reveal()).toBe('1234');
  });
});

it('a power cut at any step leaves the old database or the new one, whole', async () => {
  const key = await backedUp();
  const oldEpoch = used((store) => store.outbox.epoch);
  await stageRestore(backupFile, key, HUB_ID, { dataDir, keyFile });
  const staged = path.join(folder, 'staged');
  cpSync(dataDir, staged, { recursive: true });
  const places = { dataDir, keyFile };
  // Before the decision what was staged is as good as not there.
  expect(finishRestore(places)).toBe(false);
  expect(used((store) => store.outbox.epoch)).toBe(oldEpoch);
  for (let steps = 0; steps < 6; steps += 1) {
    rmSync(dataDir, { recursive: true });
    cpSync(staged, dataDir, { recursive: true });
    commitRestore(places);
    const ready = path.join(dataDir, 'restore.ready');
    const before = path.join(dataDir, 'before-restore');
    const moves: readonly (readonly [from: string, to: string])[] = [
      [keyFile, path.join(before, 'hub.key')],
      [path.join(dataDir, 'lockhub.db'), path.join(before, 'lockhub.db')],
      [path.join(ready, 'hub.key'), keyFile],
      [path.join(ready, 'lockhub.db'), path.join(dataDir, 'lockhub.db')],
    ];
    for (const [from, to] of moves.slice(0, steps)) {
      cpSync(from, to, { recursive: true });
      rmSync(from);
    }
    expect(finishRestore(places)).toBe(true);
    const now = used((store) => ({ epoch: store.outbox.epoch, locks: store.deviceIds() }));
    expect(now.epoch).not.toBe(oldEpoch);
    expect(now.locks).toEqual(['lock']);
    expect(readdirSync(before).toSorted()).toContain('lockhub.db');
    expect(finishRestore(places)).toBe(false);
  }
});

it("refuses a backup of another hub, and a key file that is somebody else's, and leaves nothing behind", async () => {
  const key = await backedUp();
  expect(await kindOf(stageRestore(backupFile, key, 'hub-2', { dataDir, keyFile }))).toBe('other_hub');
  const elsewhere = path.join(folder, 'elsewhere.key');
  loadOrCreateKey({ keyFile: elsewhere, databaseExists: false });
  expect(await kindOf(stageRestore(backupFile, key, HUB_ID, { dataDir, keyFile: elsewhere }))).toBe(
    'in_the_way',
  );
  expect(await kindOf(stageRestore(backupFile, HubKey.generate(), HUB_ID, { dataDir, keyFile }))).toBe(
    'foreign_key',
  );
  expect(existsSync(stagingOf(dataDir))).toBe(false);
});
