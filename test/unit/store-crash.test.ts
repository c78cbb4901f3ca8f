import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { loadOrCreateKey } from '../../src/store/key-file.ts';
import { openStore } from '../../src/store/open-store.ts';
import { hubPlace, temporaryDirectory } from './store-fixture.ts';
import { accessCode, event, lockState, pin, slotRow } from './store-rows.ts';

const CANARY = '739182640517';
const SECRET = 'S2 key 5b1e9a0c77d2';

test.each([20, 137, 500])('killed after %i commits, everything it told is there, whole', async (told) => {
  const directory = temporaryDirectory();
  const [file, keyFile] = [path.join(directory, 'hub.db'), path.join(directory, 'hub.key')];
  const script = fileURLToPath(new URL('./store-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, file, keyFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > told) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
  const lastTold = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1));
  expect(lastTold).toBeGreaterThanOrEqual(told);

  const store = openStore({ file, key: loadOrCreateKey({ keyFile, databaseExists: true }) });
  const events = store.outbox.after(0, 1_000_000);
  const state = store.lockState('a');
  store.close();
  expect(events.length).toBeGreaterThanOrEqual(lastTold);
  expect(events.map((row) => [row.seq, row.event['count']])).toEqual(
    events.map((_, index) => [index + 1, index + 1]),
  );
  expect(state?.lock.failures).toBe(events.length);
  expect(state?.codes.map((code) => code.failures)).toEqual([events.length]);
  expect(state?.slots.map((slot) => slot.writtenAt)).toEqual([events.length]);
});

test('no file of the hub holds a PIN or a secret in clear, while it runs and afterwards', () => {
  const place = hubPlace();
  const store = place.open();
  const code = accessCode('one', { pin: pin(CANARY) });
  const holds = { kind: 'pin', pin: pin(CANARY), enabled: true } as const;
  const state = lockState('a', {
    codes: [code],
    slots: [slotRow(1, { content: holds, pending: { pin: pin(CANARY), overEmpty: true } })],
  });
  store.commit(undefined, state, [event('access_code.created', { details: { code: pin(CANARY) } })]);
  store.begin('a', { kind: 'set_pin', slot: 1, pin: pin(CANARY), enabled: true }, 'one', 0);
  store.radioStorage.set('network.jsonl', 'node.5.userCode', CANARY);
  store.radioStorage.flush();
  store.secrets.set('zwave', SECRET);
  store.commit(state, lockState('a'), [event('access_code.deleted', { access_code_id: 'one' })]);
  expect(readdirSync(place.directory).toSorted()).toEqual(['hub.db', 'hub.db-shm', 'hub.db-wal']);
  expectNoneIn(place.directory);
  store.close();
  expect(readdirSync(place.directory)).toEqual(['hub.db']);
  expectNoneIn(place.directory);
});

function expectNoneIn(directory: string): void {
  for (const name of readdirSync(directory)) {
    const bytes = readFileSync(path.join(directory, name));
    for (const text of [CANARY, SECRET]) {
      expect(bytes.includes(text)).toBe(false);
      expect(bytes.includes(Buffer.from(text, 'utf16le'))).toBe(false);
      expect(bytes.includes(Buffer.from(text).toString('hex'))).toBe(false);
      expect(bytes.includes(Buffer.from(text).toString('base64').replace(/=+$/, ''))).toBe(false);
    }
  }
}
