import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sealedCodeSchema, sealingKeySchema, type CodePlace } from '../../src/cloud/messages/sealed.ts';
import { makeKeyPair } from '../../src/cloud/sealing.ts';
import { openSealingKeys, type SealingKeys } from '../../src/cloud/sealing-keys.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { loadOrCreateKey } from '../../src/store/key-file.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { sealedCode, type HubKey } from '../support/sealer.ts';
import { hubPlace, temporaryDirectory } from './store-fixture.ts';

const CANARY = '739182640517';
const START = Date.UTC(2026, 10, 22);
const PLACE: CodePlace = {
  hubId: 'hub-1',
  deviceId: 'b5d27a4c-7a9e-4f31-9d0e-3a6f1c2b4d5e',
  accessCodeId: 'booking-17',
  generation: 3,
  version: 12,
};

function sealed(key: HubKey, text = CANARY, place = PLACE) {
  const { hubId, deviceId, accessCodeId, ...document } = place;
  const belongs = { hub_id: hubId, device_id: deviceId, access_code_id: accessCodeId, ...document };
  return sealedCodeSchema.parse(sealedCode(key, text, belongs));
}

/** The digits that a sealed code opens to, or what is said to its sender. */
async function opened(keys: SealingKeys, code: ReturnType<typeof sealed>, place = PLACE): Promise<string> {
  const answer = await keys.open(code, place);
  return answer.ok ? answer.pin.reveal() : answer.message;
}

/** A hub's clock that a test moves. */
function clockAt(start: number) {
  const clock = { at: start, now: () => ({ earliest: clock.at, latest: clock.at }) };
  return clock;
}

function keysOf(store: Store, clock = clockAt(START)): SealingKeys {
  return openSealingKeys({ secrets: store.secrets, clock });
}

describe('the key pair', () => {
  test('is made at the first start, and is the same ever after', async () => {
    const place = hubPlace();
    const first = keysOf(place.open());
    const key = sealingKeySchema.parse(first.current());
    const again = keysOf(place.open());
    expect(again.current()).toEqual(key);
    expect(await opened(again, sealed(key))).toBe(CANARY);
    expect(keysOf(hubPlace().open()).current()).not.toEqual(key);
  });

  test('is followed by a new one after 90 days, at a start or when somebody looks', () => {
    const place = hubPlace();
    const clock = clockAt(START);
    const store = place.open();
    const keys = keysOf(store, clock);
    const first = keys.current();
    clock.at = START + 90 * DAY_MS;
    keys.rotateWhereDue();
    expect(keys.current()).toEqual(first);
    clock.at += 1;
    keys.rotateWhereDue();
    const second = keys.current();
    expect(second).not.toEqual(first);
    keys.rotateWhereDue();
    expect(keys.current()).toEqual(second);
    clock.at += 90 * DAY_MS + 1;
    const third = keysOf(store, clock).current();
    expect([first, second]).not.toContainEqual(third);
  });

  test('opens what was sealed to it while it is among the last four, also after a restart', async () => {
    const clock = clockAt(START);
    const store = hubPlace().open();
    const told: HubKey[] = [];
    for (let turn = 0; turn < 6; turn += 1, clock.at += 91 * DAY_MS)
      told.push(keysOf(store, clock).current());
    const keys = keysOf(store);
    const answers = await Promise.all(told.map((key) => opened(keys, sealed(key))));
    expect(answers.slice(2)).toEqual([CANARY, CANARY, CANARY, CANARY]);
    for (const answer of answers.slice(0, 2)) expect(answer).toContain(`current one, ${told[5]?.key_id}`);
  });

  test('is not changed because the clock was reset', () => {
    const clock = clockAt(START);
    const store = hubPlace().open();
    const key = keysOf(store, clock).current();
    clock.at = 0;
    expect(keysOf(store, clock).current()).toEqual(key);
    const unsure = { now: () => ({ earliest: 0, latest: START + 10 * 365 * DAY_MS }) };
    expect(openSealingKeys({ secrets: store.secrets, clock: unsure }).current()).toEqual(key);
    clock.at = START + HOUR_MS;
    expect(keysOf(store, clock).current()).toEqual(key);
  });

  test('has an id that follows from its public half', () => {
    const pair = makeKeyPair();
    const ids = [0, 1].map(
      () =>
        openSealingKeys({
          secrets: hubPlace().open().secrets,
          clock: clockAt(START),
          makePair: () => pair,
        }).current().key_id,
    );
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  test('stays when the new one can not be kept', async () => {
    const clock = clockAt(START);
    const place = hubPlace();
    const store = place.open();
    const keys = keysOf(store, clock);
    const key = keys.current();
    clock.at += 91 * DAY_MS;
    store.close();
    expect(() => keys.rotateWhereDue()).toThrow();
    expect(keys.current()).toEqual(key);
    expect(await opened(keysOf(place.open()), sealed(key))).toBe(CANARY);
  });

  test('is nowhere in clear, and neither is what it opened', async () => {
    const place = hubPlace();
    const made: string[] = [];
    const makePair = () => {
      const pair = makeKeyPair();
      made.push(pair.privateKey);
      return pair;
    };
    const store = place.open();
    const keys = openSealingKeys({ secrets: store.secrets, clock: clockAt(START), makePair });
    expect(await opened(keys, sealed(keys.current()))).toBe(CANARY);
    expect(made).toHaveLength(1);
    const told = JSON.stringify([keys, keys.current()]);
    for (const name of readdirSync(place.directory)) {
      const bytes = readFileSync(path.join(place.directory, name));
      for (const secret of [CANARY, ...made]) {
        expect(bytes.includes(secret), name).toBe(false);
        expect(bytes.includes(Buffer.from(secret, 'base64url')), name).toBe(false);
        expect(told).not.toContain(secret);
      }
    }
  });
});

describe('a sealed code', () => {
  test.each(['0000', '0123', '123456789012'])('can be %s', async (pin) => {
    const keys = keysOf(hubPlace().open());
    expect(await opened(keys, sealed(keys.current(), pin))).toBe(pin);
  });

  test.each(['', '123', '1234567890123', '12a4', `${CANARY}\n`, '{"code":"1234"}'])(
    'that holds %j is none',
    async (text) => {
      const keys = keysOf(hubPlace().open());
      const answer = await opened(keys, sealed(keys.current(), text));
      expect(answer).toBe('sealed_code: must hold a text of 4 to 12 digits.');
    },
  );

  test.each<[string, Partial<CodePlace>]>([
    ['hub', { hubId: 'hub-2' }],
    ['lock', { deviceId: 'b5d27a4c-7a9e-4f31-9d0e-3a6f1c2b4d5f' }],
    ['code', { accessCodeId: 'booking-18' }],
    ['generation', { generation: 4 }],
    ['version', { version: 13 }],
  ])('does not open for another %s, and its sender is told what to do', async (_what, other) => {
    const keys = keysOf(hubPlace().open());
    const answer = await opened(keys, sealed(keys.current()), { ...PLACE, ...other });
    expect(answer).toContain(
      'sealed_code: does not open. It is bound to hub, device, access code, generation',
    );
    expect(answer).toContain(keys.current().key_id);
    expect(answer).not.toContain(CANARY);
  });

  test('under the id of another key is refused', async () => {
    const keys = keysOf(hubPlace().open());
    const elsewhere = keysOf(hubPlace().open()).current();
    expect(await opened(keys, sealed(elsewhere))).toContain('key_id is of no key of this hub');
    const disguised = { ...sealed(elsewhere), key_id: keys.current().key_id };
    expect(await opened(keys, disguised)).toContain('does not open');
  });
});

test.each([3, 40])(
  'killed after %i changes, the hub has the last key that it told, and those before',
  async (told) => {
    const directory = temporaryDirectory();
    const [file, keyFile] = [path.join(directory, 'hub.db'), path.join(directory, 'hub.key')];
    const script = fileURLToPath(new URL('./sealing-keys-child.ts', import.meta.url));
    const child = spawn(process.execPath, [script, file, keyFile], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.split('\n').length > told) child.kill('SIGKILL');
    });
    await once(child, 'close');
    expect(child.signalCode).toBe('SIGKILL');
    const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
    const last = lines.slice(-3).map((line) => sealingKeySchema.parse(JSON.parse(line)));

    const store = openStore({ file, key: loadOrCreateKey({ keyFile, databaseExists: true }) });
    const keys = keysOf(store, clockAt(0));
    for (const key of last) expect(await opened(keys, sealed(key))).toBe(CANARY);
    store.close();
  },
);
