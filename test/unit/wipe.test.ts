import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadConfig, type Config } from '../../src/config.ts';
import type { Command, WipeRequest } from '../../src/core/command.ts';
import { openData } from '../../src/data.ts';
import { goOnWiping } from '../../src/wipe/go-on.ts';
import { deleteLeftovers } from '../../src/wipe/leftovers.ts';
import { readMark, writeMark, type WipeMark } from '../../src/wipe/mark.ts';
import { refusalOf, wipeText, type Ordered } from '../../src/wipe/order.ts';
import { wipingOf } from '../../src/wipe/wiping.ts';
import { temporaryDirectory } from './store-fixture.ts';

const CHILD = new URL('wipe-child.ts', import.meta.url).pathname;
const DIE = new URL('../support/die-at-call.ts', import.meta.url).pathname;
/** Bound of the search for the last step; a wipe has about ninety. */
const STEPS_MAX = 300;
/** Each step is a program that is started. */
const STRIDE = process.env['LOCKHUB_TEST_FULL'] ? 1 : 17;
const CANARY = 'canary-network-key-4f1e';
const GUEST = 'Gerda Canary';
const AT = Date.UTC(2026, 10, 23);
const QUIET = pino({ level: 'silent' });

const MARK: WipeMark = {
  command_id: 'order-1',
  received_at: AT,
  expires_at: AT + 60_000,
  codes: 'keep',
  reason: 'Stolen',
  phase: 'wiping',
  starts: 1,
  wiped_at: AT + 1000,
  unreached: [],
  codes_left: 0,
  sticks_reset: [],
  left: [],
};

let folder: string;
let hubKey: string;
beforeEach(() => {
  folder = path.join(temporaryDirectory(), 'hub');
  mkdirSync(folder);
  const keys = { kind: 'zwave', port: '/dev/none', security_keys_file: 'keys.json' };
  const config = { hub_id: 'hub-1', site: { timezone: 'UTC' }, data_dir: 'data', radios: [keys] };
  writeFileSync(path.join(folder, 'lockhub.yaml'), JSON.stringify(config));
  writeFileSync(path.join(folder, 'keys.json'), CANARY);
  const data = path.join(folder, 'data');
  for (const name of ['', 'backups', 'before-restore', 'restore.new']) mkdirSync(path.join(data, name));
  const store = openData(configOf(folder), () => undefined);
  store.secrets.set('network', CANARY);
  store.append([{ event_type: 'hub.started', occurredAt: AT, details: { name: GUEST } }]);
  // As a power cut leaves it: with a log that was never folded in.
  cpSync(path.join(data, 'lockhub.db-wal'), path.join(data, 'wal'));
  store.close();
  cpSync(path.join(data, 'wal'), path.join(data, 'lockhub.db-wal'));
  rmSync(path.join(data, 'wal'));
  hubKey = readFileSync(path.join(data, 'hub.key'), 'utf8').trim();
  writeFileSync(path.join(data, 'backups', 'old.lockhub-backup'), `${CANARY} ${hubKey}`);
  writeFileSync(path.join(data, 'before-restore', 'hub.key'), hubKey);
  writeFileSync(path.join(data, 'restore.new', 'lockhub.db'), CANARY);
  writeFileSync(path.join(data, 'last-good-config.yaml'), 'hub_id: hub-1\n');
});

function configOf(place: string): Config {
  const config = loadConfig(path.join(place, 'lockhub.yaml'));
  if (!config.ok) throw new Error(config.mistakes.join());
  return config.value;
}

function filesIn(place: string): readonly string[] {
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Files in which something stands that opens a door, or says who was a guest. */
function telling(place: string): readonly string[] {
  const secrets = [CANARY, GUEST, hubKey];
  return filesIn(place).filter((file) => {
    const bytes = readFileSync(file);
    return secrets.some((secret) => bytes.includes(secret));
  });
}

function expectWiped(place: string): void {
  expect(telling(place)).toEqual([]);
  expect(readMark(path.join(place, 'data'))).toMatchObject({ phase: 'wiped', left: [] });
  expect(existsSync(path.join(place, 'data', 'last-good-config.yaml'))).toBe(true);
  const store = openData(configOf(place), () => undefined);
  expect(store.secrets.get('network')).toBeUndefined();
  expect(store.deviceIds()).toEqual([]);
  expect(store.commands.get('order-1')?.outcome).toMatchObject({ state: 'succeeded' });
  expect(store.floor()).toBe(AT + 1000);
  store.close();
}

test('a hub that is to be wiped keeps nothing that opens a door', async () => {
  // What is searched for is there, so that it would be found.
  expect(telling(folder).length).toBeGreaterThanOrEqual(5);
  writeMark(path.join(folder, 'data'), MARK);
  const { config, mark } = await goOnWiping(configOf(folder), QUIET);
  expect(mark?.phase).toBe('wiped');
  expect(config.radios).toMatchObject([{ securityKeysFile: null }]);
  expectWiped(folder);
});

test(
  'killed before any of its steps, it goes on at the next start; the key went first',
  { timeout: 300_000 },
  async () => {
    writeMark(path.join(folder, 'data'), MARK);
    let step = 1;
    for (let hasEnded = false; !hasEnded; step += STRIDE) {
      expect(step).toBeLessThan(STEPS_MAX);
      const place = `${folder}-${step}`;
      cpSync(folder, place, { recursive: true });
      const run = spawnSync(process.execPath, ['--import', DIE, CHILD, path.join(place, 'lockhub.yaml')], {
        env: { ...process.env, DIE_AT: String(step) },
        encoding: 'utf8',
      });
      hasEnded = run.signal === null;
      expect(run.stderr).toBe('');
      const data = path.join(place, 'data');
      const isKeyThere = existsSync(path.join(data, 'hub.key'));
      const hasLostAnything = !existsSync(path.join(data, 'backups'));
      if (hasLostAnything && isKeyThere) {
        expect(readFileSync(path.join(data, 'hub.key'), 'utf8')).not.toContain(hubKey);
      }
      await goOnWiping(configOf(place), QUIET);
      expectWiped(place);
      rmSync(place, { recursive: true });
    }
    expect(step).toBeGreaterThan(30);
  },
);

test('root deletes what the hub may not, once it was wiped', async () => {
  const config = configOf(folder);
  expect(deleteLeftovers(config)).toEqual([]);
  expect(existsSync(path.join(folder, 'keys.json'))).toBe(true);
  writeMark(path.join(folder, 'data'), MARK);
  expect(deleteLeftovers(config)).toEqual([]);
  writeMark(path.join(folder, 'data'), { ...MARK, phase: 'wiped', left: ['key_file', 'keys.json'] });
  expect(deleteLeftovers(config)).toEqual(['Left: key_file.']);
  expect(existsSync(path.join(folder, 'keys.json'))).toBe(false);
  expect(existsSync(path.join(folder, 'data', 'hub.key'))).toBe(true);
});

test('while it is being wiped nobody opens the database or makes another one', () => {
  writeMark(path.join(folder, 'data'), MARK);
  expect(() => openData(configOf(folder), () => undefined)).toThrow('is being wiped');
});

test('each start gives locks the time anew, but not for ever', async () => {
  writeMark(path.join(folder, 'data'), { ...MARK, phase: 'expiring', starts: 0 });
  for (const starts of [1, 2, 3]) {
    const { config, mark } = await goOnWiping(configOf(folder), QUIET);
    expect(mark).toMatchObject({ phase: 'expiring', starts });
    expect(config.policy.safeMode).toBe(true);
  }
  expect((await goOnWiping(configOf(folder), QUIET)).mark?.phase).toBe('wiped');
  expectWiped(folder);
});

test('a mark that nobody can read wipes nothing', async () => {
  writeFileSync(path.join(folder, 'data', 'wipe.json'), '{"phase":"wiping"');
  expect((await goOnWiping(configOf(folder), QUIET)).mark).toBeNull();
  const store = openData(configOf(folder), () => undefined);
  expect(store.secrets.get('network')).toBe(CANARY);
  store.close();
});

describe('an order', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const HUB: Ordered = {
    hubId: 'hub-1',
    epoch: 'f2c7a9d4-8e1b-4f6a-b3d5-1a2b3c4d5e6f',
    publicKey: String(publicKey.export({ format: 'jwk' }).x),
    urls: ['mqtts://broker.example'],
  };
  const ORDER: Command = {
    commandId: 'order-1',
    type: 'wipe',
    request: null,
    receivedAt: AT,
    expiresAt: AT + 60_000,
    outcome: { state: 'accepted' },
    outcomeAt: AT,
  };
  const WISH = { hubId: HUB.hubId, epoch: HUB.epoch, codes: 'keep', reason: 'Stolen' } as const;

  function signed(wish: Omit<WipeRequest, 'type' | 'signature'>, commandId = 'order-1'): WipeRequest {
    const text = Buffer.from(wipeText(commandId, ORDER.expiresAt, wish));
    return { type: 'wipe', ...wish, signature: sign(null, text, privateKey).toString('base64url') };
  }

  test('that is signed counts, for this hub and epoch', () => {
    expect(refusalOf(ORDER, signed(WISH), HUB)).toBeNull();
  });

  test.each<readonly [string, WipeRequest, string]>([
    ['for another hub', signed({ ...WISH, hubId: 'hub-2' }), 'params.hub_id'],
    ['that an earlier database had', signed({ ...WISH, epoch: crypto.randomUUID() }), 'params.epoch'],
    ['without a signature', { type: 'wipe', ...WISH, signature: null }, 'params.signature'],
    ['whose codes were changed', { ...signed(WISH), codes: 'remove' }, 'params.signature'],
    ['whose reason was changed', { ...signed(WISH), reason: 'Sold' }, 'params.signature'],
    ['under another id', signed(WISH, 'order-2'), 'params.signature'],
  ])('%s is refused', (_name, request, where) => {
    expect(JSON.stringify(refusalOf(ORDER, request, HUB))).toContain(where);
  });

  test('without a key in the config counts over TLS alone', () => {
    const request: WipeRequest = { type: 'wipe', ...WISH, signature: null };
    const hub = { ...HUB, publicKey: null };
    expect(refusalOf(ORDER, request, hub)).toBeNull();
    const clear = refusalOf(ORDER, request, { ...hub, urls: ['mqtts://a', 'mqtt://b'] });
    expect(clear).toMatchObject({ state: 'failed', error: { code: 'unsupported' } });
  });

  test('that came twice is one', () => {
    let restarts = 0;
    const dataDir = path.join(folder, 'data');
    const wiping = wipingOf({ dataDir, hub: HUB, restart: () => (restarts += 1) });
    wiping.begin(ORDER, signed(WISH));
    writeMark(dataDir, { ...MARK, starts: 2 });
    wiping.begin(ORDER, signed(WISH));
    expect([restarts, readMark(dataDir)?.starts]).toEqual([1, 2]);
  });
});
