import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { changeKey } from '../../src/key-change.ts';
import { loadOrCreateKey } from '../../src/store/key-file.ts';
import { SEALED } from '../../src/store/key-change.ts';
import { askForNextKey, readNextKey } from '../../src/store/next-key.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { compileShim, Power } from '../support/power/power.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { accessCode, lockState, pin, slotRow } from '../unit/store-rows.ts';
import { storeFailure } from '../unit/store-fixture.ts';

const CHILD = fileURLToPath(new URL('key-change-child.ts', import.meta.url));
const CUTS = process.env['LOCKHUB_TEST_FULL'] === '1' ? 200 : 15;
/** A change takes some tens of milliseconds. */
const LIFE_MS = 150;
/** More than two batches. */
const RADIO_VALUES = 600;
const SECRETS = { zwave_security_keys: 'S2 5b1e9a0c77d2', offline_secrets: '[]' } as const;

function place() {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'lockhub-key-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const [keyFile, file] = [path.join(dataDir, 'hub.key'), path.join(dataDir, 'lockhub.db')];
  const open = (): Store =>
    openStore({
      file,
      key: loadOrCreateKey({ keyFile, databaseExists: existsSync(file) }),
      nextKey: readNextKey(keyFile),
    });
  return { dataDir, keyFile, file, open };
}

/** Everything that a hub seals, and a key of its local API, whose text is answered. */
function filled({ open }: ReturnType<typeof place>): string {
  const store = open();
  const holds = { kind: 'pin', pin: pin('739182640517'), enabled: true } as const;
  store.commit(
    undefined,
    lockState('a', {
      codes: [accessCode('one', { pin: pin('739182640517') }), accessCode('none', { pin: null })],
      slots: [slotRow(1, { content: holds, pending: { pin: pin('0042'), overEmpty: true } }), slotRow(2)],
    }),
    [],
  );
  for (const [name, value] of Object.entries(SECRETS)) store.secrets.set(name, value);
  store.webhooks.add({ webhookId: 'w', url: 'https://x', eventTypes: null, secret: 'whsec', createdAt: 0 });
  for (let n = 0; n < RADIO_VALUES; n += 1)
    store.radioStorage.set('network.jsonl', `node.${n}`, `value ${n}`);
  const key = store.apiKeys.create('program', ['read'], 0);
  store.close();
  return key?.text ?? '';
}

/** All that was sealed is what it was. */
function expectAll(store: Store, apiKey: string): void {
  const state = store.lockState('a');
  expect(state?.codes.map((code) => code.pin?.reveal() ?? null)).toEqual(['739182640517', null]);
  expect(state?.slots.map(({ content }) => (content.kind === 'pin' ? content.pin.reveal() : null))).toEqual([
    '739182640517',
    null,
  ]);
  expect(state?.slots[0]?.pending?.pin.reveal()).toBe('0042');
  for (const [name, value] of Object.entries(SECRETS)) expect(store.secrets.get(name)).toBe(value);
  expect(store.webhooks.get('w')?.secret).toBe('whsec');
  const values = store.radioStorage.entries('network.jsonl');
  expect(values).toHaveLength(RADIO_VALUES);
  expect(values.every(([key, value]) => value === key.replace('node.', 'value '))).toBe(true);
  expect(store.apiKeys.find(apiKey)?.name).toBe('program');
}

/** What is sealed now. */
function sealedIn(file: string): Buffer[] {
  const database = new Database(file, { readonly: true });
  const values = SEALED.flatMap(({ table, columns }) =>
    columns.flatMap((column) =>
      database.prepare(`SELECT ${column} FROM ${table} WHERE ${column} IS NOT NULL`).pluck().all(),
    ),
  );
  database.close();
  return values as Buffer[];
}

/** A change of keys was cut off in it. */
function isMixed(file: string): boolean {
  const database = new Database(file, { readonly: true });
  const check = database.prepare("SELECT value FROM meta WHERE name = 'next_key_check'").pluck().get();
  database.close();
  return (check ?? '') !== '';
}

function filesIn(folder: string): readonly Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)));
}

test('everything secret is sealed by the next key, and neither the old key nor what it sealed is left', () => {
  const here = place();
  const apiKey = filled(here);
  const old = loadOrCreateKey({ keyFile: here.keyFile, databaseExists: true });
  const before = sealedIn(here.file);
  mkdirSync(path.join(here.dataDir, 'before-restore'));
  writeFileSync(path.join(here.dataDir, 'before-restore', 'hub.key'), old.reveal());
  const store = here.open();
  const fingerprint = store.fingerprint(pin('0042'));
  // What was replaced is in a free page of the file.
  store.secrets.set('offline_secrets', 'x'.repeat(9000));
  before.push(...sealedIn(here.file));
  store.secrets.set('offline_secrets', '[]');
  store.close();

  expect(changeKey(here), 'nobody has asked').toBe(false);
  askForNextKey(here.keyFile);
  expect(changeKey(here)).toBe(true);

  const after = here.open();
  expectAll(after, apiKey);
  expect(after.keyNumber).toBe(2);
  expect(after.fingerprint(pin('0042')), 'short PINs could be found by the old one').not.toBe(fingerprint);
  after.close();
  expect(readdirSync(here.dataDir).toSorted()).toEqual(['hub.key', 'lockhub.db']);
  expect(storeFailure(() => openStore({ file: here.file, key: old })).kind).toBe('wrong_key');
  const files = filesIn(here.dataDir);
  expect(before.length).toBeGreaterThan(RADIO_VALUES);
  for (const value of [...before, Buffer.from(old.reveal())]) {
    expect(files.some((bytes) => bytes.includes(value.subarray(4)))).toBe(false);
  }
});

test('the power may be cut at any moment of it: all is there, by one key or by both', async () => {
  const draw = seededDraw(9);
  const tools = mkdtempSync(path.join(os.tmpdir(), 'lockhub-shim-'));
  onTestFinished(() => rmSync(tools, { recursive: true, force: true }));
  const shim = compileShim(tools);
  const here = place();
  const apiKey = filled(here);
  const states = new Set<string>();
  for (let cut = 0; cut < CUTS; cut += 1) {
    const power = new Power(here.dataDir, shim);
    const child = spawn(process.execPath, [CHILD, here.dataDir], {
      env: { ...process.env, ...power.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    setTimeout(() => child.kill('SIGKILL'), draw(LIFE_MS));
    await closed;
    power.cut(draw);
    power.end();
    const store = here.open();
    states.add(isMixed(here.file) ? 'by both' : 'by one');
    expectAll(store, apiKey);
    store.close();
    // Half of them go on from here, the others with the next child.
    if (draw(2) === 0) {
      changeKey(here);
      expect(readdirSync(here.dataDir).filter((name) => name.startsWith('hub.key'))).not.toContain(
        'hub.key.next',
      );
    }
  }
  expect([...states], 'some cuts hit it in the middle').toContain('by both');
}, 120_000);

test('a next key that went missing while it seals is told, and so is one that only the hub may not write', () => {
  const here = place();
  filled(here);
  askForNextKey(here.keyFile);
  const database = new Database(here.file);
  database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('next_key_check', 'ab')").run();
  database.close();
  expect(storeFailure(here.open).kind).toBe('missing_key');
  expect(storeFailure(() => changeKey(here)).kind).toBe('missing_key');
});
