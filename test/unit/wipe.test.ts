import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Command, WipeRequest } from '../../src/core/command.ts';
import { openData } from '../../src/data.ts';
import { goOnWiping } from '../../src/wipe/go-on.ts';
import { deleteLeftovers } from '../../src/wipe/leftovers.ts';
import { readMark, writeMark } from '../../src/wipe/mark.ts';
import { refusalOf, wipeText, type Ordered } from '../../src/wipe/order.ts';
import { wipingOf } from '../../src/wipe/wiping.ts';
import { AT, MARK, WIPE_CHILD, WipePlace } from '../support/wipe-place.ts';
import { temporaryDirectory } from './store-fixture.ts';

/** Bound of the search for the last step; a wipe has about ninety. */
const STEPS_MAX = 300;
/** Each step is a program that is started. */
const STRIDE = process.env['LOCKHUB_TEST_FULL'] ? 1 : 7;
const QUIET = pino({ level: 'silent' });

let place: WipePlace;
beforeEach(() => {
  place = WipePlace.lay(path.join(temporaryDirectory(), 'hub'));
});

test('a hub that is to be wiped keeps nothing that opens a door', async () => {
  // What is searched for is there, so that it would be found.
  expect(place.telling().length).toBeGreaterThanOrEqual(5);
  writeMark(place.data, MARK);
  const { config, mark } = await goOnWiping(place.config, QUIET);
  expect(mark?.phase).toBe('wiped');
  expect(config.radios).toMatchObject([{ securityKeysFile: null }]);
  place.expectWiped();
});

test(
  'killed before any of its steps, it goes on at the next start; the key went first',
  { timeout: 300_000 },
  async () => {
    writeMark(place.data, MARK);
    let step = 1;
    for (let hasEnded = false; !hasEnded; step += STRIDE) {
      expect(step).toBeLessThan(STEPS_MAX);
      const killed = place.copyTo(`${place.folder}-${step}`);
      const file = path.join(killed.folder, 'lockhub.yaml');
      const run = spawnSync(process.execPath, [WIPE_CHILD, file], {
        env: { ...process.env, DIE_AT: String(step) },
        encoding: 'utf8',
      });
      hasEnded = run.signal === null;
      expect(run.stderr).toBe('');
      killed.expectKeyFirst();
      await goOnWiping(killed.config, QUIET);
      killed.expectWiped();
      rmSync(killed.folder, { recursive: true });
    }
    expect(step).toBeGreaterThan(30);
  },
);

test('root deletes what the hub may not, once it was wiped', () => {
  const keys = path.join(place.folder, 'keys.json');
  expect(deleteLeftovers(place.config)).toEqual([]);
  expect(existsSync(keys)).toBe(true);
  writeMark(place.data, MARK);
  expect(deleteLeftovers(place.config)).toEqual([]);
  writeMark(place.data, { ...MARK, phase: 'wiped', left: ['key_file', 'keys.json'] });
  expect(deleteLeftovers(place.config)).toEqual(['Left: key_file.']);
  expect(existsSync(keys)).toBe(false);
  expect(existsSync(path.join(place.data, 'hub.key'))).toBe(true);
});

test('while it is being wiped nobody opens the database or makes another one', () => {
  writeMark(place.data, MARK);
  expect(() => openData(place.config, () => undefined)).toThrow('is being wiped');
});

test('each start gives locks the time anew, but not for ever', async () => {
  writeMark(place.data, { ...MARK, phase: 'expiring', starts: 0 });
  for (const starts of [1, 2, 3]) {
    const { config, mark } = await goOnWiping(place.config, QUIET);
    expect(mark).toMatchObject({ phase: 'expiring', starts });
    expect(config.policy.safeMode).toBe(true);
  }
  expect((await goOnWiping(place.config, QUIET)).mark?.phase).toBe('wiped');
  place.expectWiped();
});

test('a mark that nobody can read wipes nothing', async () => {
  const before = place.secret();
  writeFileSync(path.join(place.data, 'wipe.json'), '{"phase":"wiping"');
  expect((await goOnWiping(place.config, QUIET)).mark).toBeNull();
  expect(place.secret()).toBe(before);
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
    const dataDir = place.data;
    const wiping = wipingOf({ dataDir, hub: HUB, restart: () => (restarts += 1) });
    wiping.begin(ORDER, signed(WISH));
    writeMark(dataDir, { ...MARK, starts: 2 });
    wiping.begin(ORDER, signed(WISH));
    expect([restarts, readMark(dataDir)?.starts]).toEqual([1, 2]);
  });
});
