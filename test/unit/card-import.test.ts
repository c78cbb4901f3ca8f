import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { importCard } from '../../src/provision/import.ts';

const CHILD = new URL('card-import-child.ts', import.meta.url).pathname;
const DIE = new URL('../support/die-at-call.ts', import.meta.url).pathname;
const PASSWORD = 'pässword-of-the-broker';
const KEY = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n';
const CONFIG = `# House at the lake
site: {timezone: Europe/Berlin} # where it is
cloud:
  url: mqtts://broker.example
  username: lake
  password_file: credential:mqtt-password
  cert_file: /etc/ssl/lake.pem
  key_file: credential:key
`;
const SECRETS = `secrets:
  mqtt-password: ${PASSWORD}
  key: ${JSON.stringify(KEY)}
`;
const NETWORK =
  '# Written by scripts/flash of lockhub.\nnetwork: {wifis: {wlan0: {access-points: {Lake: {password: 0a1b2c}}}}}\n';
/** Bound of the search for the last step; an import has about fifty. */
const STEPS_MAX = 200;
/** Each step is a program that is started. */
const STRIDE = process.env['LOCKHUB_TEST_FULL'] ? 1 : 3;

let folder: string;
let from: string;
let to: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-import-'));
  lay(CONFIG + SECRETS);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A card with this file, and a hub that has nothing yet. */
function lay(text: string): void {
  rmSync(folder, { recursive: true, force: true });
  from = path.join(folder, 'boot/lockhub.yaml');
  to = path.join(folder, 'etc');
  mkdirSync(path.join(folder, 'boot'), { recursive: true });
  mkdirSync(to);
  writeFileSync(from, text);
  writeFileSync(onCard('network-config'), NETWORK);
}

function onCard(name: string): string {
  return path.join(folder, 'boot', name);
}

function onHub(name: string): string {
  return path.join(to, name);
}

function take(): ReturnType<typeof importCard> {
  return importCard({ from, to, gid: process.getgid?.() ?? 0 });
}

function seal(name: string, secret: string): Buffer {
  return Buffer.from(`${name} ${secret.length}`);
}

function hubId(): unknown {
  return (parse(readFileSync(onHub('lockhub.yaml'), 'utf8')) as { hub_id: unknown }).hub_id;
}

/** All that a finished import has to have done. */
function expectImported(): void {
  expect(readFileSync(onHub('credentials/mqtt-password'), 'utf8')).toBe(PASSWORD);
  expect(readFileSync(onHub('credentials/key'), 'utf8')).toBe(KEY);
  const config = loadConfig(onHub('lockhub.yaml'), { CREDENTIALS_DIRECTORY: onHub('credentials') });
  if (!config.ok) throw new Error(config.mistakes.join('\n'));
  expect(config.value.cloud).toMatchObject({
    passwordFile: onHub('credentials/mqtt-password'),
    keyFile: onHub('credentials/key'),
  });
  expect(config.value.hubId).toMatch(/^hub-[0-9a-f]{12}$/);
  for (const name of readdirSync(path.join(folder, 'boot'))) {
    const bytes = readFileSync(onCard(name), 'latin1');
    expect(bytes).not.toMatch(/password-of|PRIVATE|0a1b2c/);
  }
  // Nothing half done lies about.
  expect(readdirSync(to).toSorted()).toEqual(['credentials', 'lockhub.yaml']);
  expect(readdirSync(onHub('credentials')).toSorted()).toEqual(['key', 'mqtt-password']);
}

describe('an import', () => {
  test('moves secrets to files that only root reads, makes the hub an id, and leaves a note on the card', () => {
    expect(take().ok).toBe(true);
    expectImported();
    const modes = ['lockhub.yaml', 'credentials', 'credentials/key'].map(
      (name) => statSync(onHub(name)).mode & 0o777,
    );
    expect(modes).toEqual([0o640, 0o700, 0o600]);
    expect(readFileSync(onHub('lockhub.yaml'), 'utf8')).toContain('# where it is');
    const note = readFileSync(from, 'utf8');
    expect(note).toContain(String(hubId()));
    expect(note).toContain('#   mqtt-password\n');
    expect(parse(note)).toBeNull();
  });

  test('leaves secrets to whoever encrypts them to this machine, and takes away what was in clear', () => {
    take();
    writeFileSync(from, `${CONFIG}${SECRETS}`);
    expect(importCard({ from, to, gid: process.getgid?.() ?? 0, seal }).ok).toBe(true);
    expect(readdirSync(onHub('credentials'))).toEqual([]);
    expect(readFileSync(onHub('credentials.encrypted/key'), 'utf8')).toBe(`key ${KEY.length}`);
    const both = { CREDENTIALS_DIRECTORY: onHub('handed') };
    mkdirSync(onHub('handed'));
    writeFileSync(onHub('handed/sealed_mqtt-password'), PASSWORD);
    const config = loadConfig(onHub('lockhub.yaml'), both);
    expect(config.ok && config.value.cloud?.passwordFile).toBe(onHub('handed/sealed_mqtt-password'));
    writeFileSync(from, `${CONFIG}${SECRETS}`);
    const unable = importCard({ from, to, gid: process.getgid?.() ?? 0, seal: () => null });
    expect(unable.ok).toBe(true);
    expect(readdirSync(onHub('credentials.encrypted'))).toEqual([]);
    expect(readFileSync(onHub('credentials/key'), 'utf8')).toBe(KEY);
  });

  test('makes a key for the hub where the config wants one as a credential, once', () => {
    writeFileSync(from, `key_file: credential:hub-key\n${CONFIG}${SECRETS}`);
    expect(take().ok).toBe(true);
    const key = readFileSync(onHub('credentials/hub-key'), 'latin1');
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    writeFileSync(from, `key_file: credential:hub-key\n${CONFIG}`);
    expect(take().ok).toBe(true);
    expect(readFileSync(onHub('credentials/hub-key'), 'latin1')).toBe(key);
  });

  test('overwrites the blocks that the secrets were in', () => {
    const { ino, blocks } = statSync(from);
    take();
    expect(statSync(from).ino).toBe(ino);
    expect(blocks).toBeGreaterThan(0);
  });

  test('is done once: the next start changes nothing', () => {
    take();
    const before = [readFileSync(onHub('lockhub.yaml')), readFileSync(from)];
    expect(take()).toEqual({ ok: true, value: [`${from} was imported before; nothing to do.`] });
    expect([readFileSync(onHub('lockhub.yaml')), readFileSync(from)]).toEqual(before);
  });

  test('takes a later config of the same card, keeps the id and the secrets that it still names, and the old config', () => {
    take();
    const id = hubId();
    writeFileSync(from, `${CONFIG}log: {level: debug}\n`);
    expect(take().ok).toBe(true);
    expect(hubId()).toBe(id);
    expect(readFileSync(onHub('credentials/mqtt-password'), 'utf8')).toBe(PASSWORD);
    expect(readFileSync(onHub('lockhub.yaml.replaced'), 'utf8')).not.toContain('debug');
    expect(readFileSync(onHub('lockhub.yaml'), 'utf8')).toContain('debug');
  });

  test('keeps an id that the file gives', () => {
    lay(`hub_id: lake-7\n${CONFIG}${SECRETS}`);
    take();
    expect(hubId()).toBe('lake-7');
  });
});

describe('a broken file', () => {
  test.each([
    [
      'a key that is unknown',
      `${CONFIG}colour: blue\n${SECRETS}`,
      'colour: expected a known key, found an unknown one',
    ],
    [
      'a secret that nobody gave',
      CONFIG,
      'cloud.password_file: expected secrets.mqtt-password in this file, found none',
    ],
    [
      'a secret that nothing names',
      `${CONFIG}${SECRETS}  other: x\n`,
      'secrets.other: expected a key that says credential:other, found none',
    ],
    [
      'a secret that is a number',
      `${CONFIG}secrets: {mqtt-password: 1234}\n`,
      'secrets.mqtt-password: expected a text in quotes, found something else',
    ],
    [
      'a name that leaves the folder',
      `${CONFIG}secrets: {../shadow: x}\n`,
      'secrets.../shadow: expected a name of letters',
    ],
    ['no YAML', `${CONFIG}${SECRETS}  - [`, 'expected valid YAML'],
    ['an empty file', '', 'the config file is empty'],
  ])('is told on the card and imports nothing: %s', (_what, text, mistake) => {
    lay(text);
    const done = take();
    expect(done.ok ? '' : done.mistakes.join('\n')).toContain(mistake);
    expect(readFileSync(onCard('lockhub-error.txt'), 'utf8')).toContain(mistake);
    expect(readFileSync(onCard('lockhub-error.txt'), 'utf8')).not.toMatch(/password-of|PRIVATE/);
    expect(readdirSync(to)).toEqual([]);
    expect(readFileSync(from, 'utf8')).toBe(text);
  });

  test('is imported once it is mended, and the error goes', () => {
    lay(`${CONFIG}colour: blue\n${SECRETS}`);
    take();
    writeFileSync(from, CONFIG + SECRETS);
    expect(take().ok).toBe(true);
    expect(existsSync(onCard('lockhub-error.txt'))).toBe(false);
  });
});

test(
  'an import that is killed before any of its steps is ended by the next start, and nothing is lost',
  { timeout: 120_000 },
  () => {
    let deaths = 0;
    const cache = mkdtempSync(path.join(tmpdir(), 'lockhub-import-cache-'));
    onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
    for (let step = 1; step <= STEPS_MAX; step += STRIDE) {
      lay(CONFIG + SECRETS);
      const env = { ...process.env, DIE_AT: String(step), NODE_COMPILE_CACHE: cache };
      const child = spawnSync(process.execPath, ['--import', DIE, CHILD, from, to], {
        env,
        encoding: 'utf8',
      });
      if (child.status === 0) break;
      expect(child.signal, child.stderr).toBe('SIGKILL');
      deaths += 1;
      const isOnHub = existsSync(onHub('lockhub.yaml'));
      // Whatever happened: one place has all of it.
      if (!isOnHub) expect(readFileSync(from, 'utf8')).toBe(CONFIG + SECRETS);
      const id = isOnHub ? hubId() : null;
      expect(take().ok).toBe(true);
      if (id !== null) expect(hubId()).toBe(id);
      expectImported();
    }
    expect(deaths).toBeGreaterThan(36 / STRIDE);
    expect(deaths).toBeLessThan(STEPS_MAX / STRIDE - 1);
  },
);
