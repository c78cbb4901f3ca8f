import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UPDATE_PUBLIC_KEY } from '../../src/cloud/contract/example.ts';
import { loadConfig } from '../../src/config.ts';
import { BROKEN_CONFIGS, SECRET } from './config-samples.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string | Uint8Array): ReturnType<typeof loadConfig> {
  const file = path.join(folder, 'lockhub.yaml');
  writeFileSync(file, text);
  return loadConfig(file);
}

function mistakesIn(text: string | Uint8Array): readonly string[] {
  const loaded = load(text);
  return loaded.ok ? [] : loaded.mistakes;
}

const handedOver = (name: string) => `/run/credentials/lockhub.service/${name}`;
const MINIMAL = 'hub_id: h\nsite: {timezone: UTC}\n';

describe('a valid config', () => {
  test('needs only a hub id and a zone, and has the documented defaults', () => {
    expect(load('hub_id: hub-1\nsite:\n  timezone: Europe/Berlin\n')).toEqual({
      ok: true,
      value: {
        hubId: 'hub-1',
        dataDir: '/var/lib/lockhub',
        keyFile: '/var/lib/lockhub/hub.key',
        radios: [],
        radiosAuto: false,
        offline: [],
        cloud: null,
        homeAssistant: null,
        http: {
          host: '127.0.0.1',
          port: 8080,
          localOverride: false,
          tls: null,
          hosts: [],
          requestsPerMinute: 12_000,
        },
        policy: {
          timezone: 'Europe/Berlin',
          jitLeadMs: 30 * 60_000,
          nativePreloadMs: 72 * 3_600_000,
          strictStart: false,
          backupPoolSize: 3,
          auditFramesPerDay: 60,
          repeatedWritesPerHour: 20,
          safeMode: false,
        },
        trustsSystemClock: null,
        updateKeys: [],
        backup: {
          folder: '/var/lib/lockhub/backups',
          isOwnFolder: true,
          filesMax: 7,
          bytesMax: 512 * 1024 * 1024,
          publicKeys: [],
        },
        logLevel: 'info',
        configFile: path.join(folder, 'lockhub.yaml'),
        files: [],
      },
    });
  });

  test('may set every key; relative paths start at the folder of the file', () => {
    const loaded = load(`
hub_id: hub_1
site: {timezone: America/New_York}
data_dir: state
key_file: /etc/lockhub/hub.key
radios:
  - {kind: zwave, port: 'tcp://127.0.0.1:5000', security_keys_file: keys.json}
offline:
  - {kind: igloohome, client_id: site-1, client_secret_file: igloohome-secret, devices: [IGK1, IGK2]}
  - {kind: dormakaba_oracode, url: 'http://127.0.0.1:9000/oracode/', token_file: /etc/oracode-token}
cloud:
  url: mqtts://broker.example:8883
  username: hub_1
  password_file: password
  ca_file: /etc/ca.pem
  cert_file: cert.pem
  key_file: key.pem
  plain_codes: false
  wipe_public_key: ${'B'.repeat(43)}
http:
  listen: '[::1]:8081'
  local_override: true
  tls: {cert_file: http.pem, key_file: /etc/http-key.pem}
  hosts: [hub.example]
  requests_per_minute: 60
scheduling: {jit_lead_minutes: 1, native_preload_hours: 24, strict_start: true}
backup_pool: {size: 5}
radio_budget: {audit_frames_per_day: 30, repeated_writes_per_hour: 10}
clock: {trust_system: true}
update: {public_keys: [${UPDATE_PUBLIC_KEY}]}
backup: {to: usb, keep: 3, max_megabytes: 1, recipients: [${'A'.repeat(43)}]}
log: {level: trace}
`);
    expect(loaded).toEqual({
      ok: true,
      value: {
        hubId: 'hub_1',
        dataDir: path.join(folder, 'state'),
        keyFile: '/etc/lockhub/hub.key',
        radiosAuto: false,
        radios: [
          { kind: 'zwave', port: 'tcp://127.0.0.1:5000', securityKeysFile: path.join(folder, 'keys.json') },
        ],
        offline: [
          {
            kind: 'igloohome',
            url: 'https://api.igloodeveloper.co/igloohome',
            devices: ['IGK1', 'IGK2'],
            tokenUrl: 'https://auth.igloohome.co/oauth2/token',
            clientId: 'site-1',
            clientSecretFile: path.join(folder, 'igloohome-secret'),
          },
          {
            kind: 'dormakaba_oracode',
            url: 'http://127.0.0.1:9000/oracode',
            devices: null,
            tokenFile: '/etc/oracode-token',
          },
        ],
        cloud: {
          url: 'mqtts://broker.example:8883',
          username: 'hub_1',
          passwordFile: path.join(folder, 'password'),
          caFile: '/etc/ca.pem',
          certFile: path.join(folder, 'cert.pem'),
          keyFile: path.join(folder, 'key.pem'),
          plainCodes: false,
          wipePublicKey: 'B'.repeat(43),
          claim: null,
        },
        homeAssistant: null,
        http: {
          host: '::1',
          port: 8081,
          localOverride: true,
          tls: { certFile: path.join(folder, 'http.pem'), keyFile: '/etc/http-key.pem' },
          hosts: ['hub.example'],
          requestsPerMinute: 60,
        },
        policy: {
          timezone: 'America/New_York',
          jitLeadMs: 60_000,
          nativePreloadMs: 24 * 3_600_000,
          strictStart: true,
          backupPoolSize: 5,
          auditFramesPerDay: 30,
          repeatedWritesPerHour: 10,
          safeMode: false,
        },
        trustsSystemClock: true,
        updateKeys: [UPDATE_PUBLIC_KEY],
        backup: {
          folder: path.join(folder, 'usb'),
          isOwnFolder: false,
          filesMax: 3,
          bytesMax: 1024 * 1024,
          publicKeys: ['A'.repeat(43)],
        },
        logLevel: 'trace',
        configFile: path.join(folder, 'lockhub.yaml'),
        files: [
          { named: 'keys.json', path: path.join(folder, 'keys.json') },
          { named: 'igloohome-secret', path: path.join(folder, 'igloohome-secret') },
          { named: '/etc/oracode-token', path: '/etc/oracode-token' },
          { named: 'password', path: path.join(folder, 'password') },
          { named: '/etc/ca.pem', path: '/etc/ca.pem' },
          { named: 'cert.pem', path: path.join(folder, 'cert.pem') },
          { named: 'key.pem', path: path.join(folder, 'key.pem') },
          { named: 'http.pem', path: path.join(folder, 'http.pem') },
          { named: '/etc/http-key.pem', path: '/etc/http-key.pem' },
        ],
      },
    });
    expect(existsSync(path.join(folder, 'state'))).toBe(false);
  });

  test('may name cloud files that are not there yet: a hub serves its doors without its cloud', () => {
    const loaded = load(
      'hub_id: h\nsite: {timezone: UTC}\nhttp: false\ncloud: {url: mqtts://x, ca_file: /nowhere/ca.pem}\n',
    );
    expect(loaded).toMatchObject({
      ok: true,
      value: { http: null, cloud: { caFile: '/nowhere/ca.pem', plainCodes: true } },
    });
  });

  test('may name the nodes of a cluster', () => {
    expect(load(`${MINIMAL}cloud: {url: [mqtts://a, mqtts://b], ca_file: /ca.pem}\n`)).toMatchObject({
      ok: true,
      value: { cloud: { url: ['mqtts://a', 'mqtts://b'], caFile: '/ca.pem' } },
    });
  });

  test('may name the certificate that the hub is to be claimed with', () => {
    const claim = 'claim: {cert_file: claim.pem, key_file: /etc/claim-key.pem}';
    expect(load(`${MINIMAL}cloud: {url: mqtts://b, ${claim}}\n`)).toMatchObject({
      ok: true,
      value: { cloud: { certFile: null, claim: { keyFile: '/etc/claim-key.pem' } } },
    });
  });

  test('may name files that systemd hands over as credentials', () => {
    const file = path.join(folder, 'lockhub.yaml');
    writeFileSync(
      file,
      `hub_id: h
site: {timezone: UTC}
key_file: credential:hub.key
radios: [{kind: zwave, port: /dev/a, security_keys_file: 'credential:zwave'}]
cloud: {url: 'mqtts://x', username: u, password_file: credential:p, ca_file: ca.pem, cert_file: credential:c, key_file: credential:k}
`,
    );
    const loaded = loadConfig(file, { CREDENTIALS_DIRECTORY: '/run/credentials/lockhub.service' });
    expect(loaded).toMatchObject({
      ok: true,
      value: {
        keyFile: handedOver('hub.key'),
        radios: [{ securityKeysFile: handedOver('zwave') }],
        cloud: {
          passwordFile: handedOver('p'),
          caFile: path.join(folder, 'ca.pem'),
          certFile: handedOver('c'),
          keyFile: handedOver('k'),
        },
      },
    });
  });
});

describe('Home Assistant', () => {
  test('is at the broker of the cloud where that is all that is said', () => {
    const cloud = 'cloud: {url: mqtt://b, username: u, password_file: p, home_assistant: true}';
    expect(load(`${MINIMAL}${cloud}\n`)).toMatchObject({
      ok: true,
      value: {
        homeAssistant: {
          url: 'mqtt://b',
          username: 'u',
          passwordFile: path.join(folder, 'p'),
          discoveryPrefix: 'homeassistant',
        },
      },
    });
  });

  test('can have a broker and a prefix of its own, also without a cloud', () => {
    const own = 'home_assistant: {url: mqtts://h, ca_file: ca.pem, discovery_prefix: home/disco}';
    expect(load(`${MINIMAL}${own}\n`)).toMatchObject({
      ok: true,
      value: {
        cloud: null,
        homeAssistant: {
          url: 'mqtts://h',
          username: null,
          caFile: path.join(folder, 'ca.pem'),
          discoveryPrefix: 'home/disco',
        },
      },
    });
  });

  test('is off unless it is asked for', () => {
    expect(load(`${MINIMAL}cloud: {url: mqtt://b, home_assistant: false}\n`)).toMatchObject({
      value: { homeAssistant: null },
    });
  });
});

test('radios may be left to whoever confirms them on the page', () => {
  expect(load(`${MINIMAL}radios: auto\n`)).toMatchObject({
    ok: true,
    value: { radios: [], radiosAuto: true },
  });
});

test('commands that systemd does not start find credentials beside the config', () => {
  const credentials = path.join(folder, 'credentials');
  const text = `${MINIMAL}key_file: 'credential:hub-key'\n`;
  mkdirSync(credentials);
  try {
    expect(load(text)).toMatchObject({ value: { keyFile: path.join(credentials, 'hub-key') } });
    // Where it hands over a folder, systemd puts a name before those of its files.
    writeFileSync(path.join(credentials, 'lockhub_hub-key'), '');
    const handed = loadConfig(path.join(folder, 'lockhub.yaml'), { CREDENTIALS_DIRECTORY: credentials });
    expect(handed).toMatchObject({ value: { keyFile: path.join(credentials, 'lockhub_hub-key') } });
  } finally {
    rmSync(credentials, { recursive: true });
  }
});

describe('a broken config', () => {
  test.each(BROKEN_CONFIGS)('$kind: one line that names the key', ({ text, mistake }) => {
    const before = readdirSync(folder).toSorted();
    const mistakes = mistakesIn(text);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(mistake);
    expect(mistakes[0]).not.toMatch(/\n/);
    expect(mistakes[0]).not.toContain(SECRET);
    expect(readdirSync(folder).toSorted()).toEqual([...new Set([...before, 'lockhub.yaml'])].toSorted());
  });

  test('has one line for each mistake, in one go', () => {
    expect(mistakesIn('hub_id: 7\nsite: {timezone: Mars/Base}\nlog: {level: loud}\nextra: 1\n')).toEqual([
      'hub_id: expected up to 64 letters, digits, "-" or "_", found 7',
      'site.timezone: expected an IANA time zone such as Europe/Berlin, found "Mars/Base"',
      expect.stringMatching(/^log\.level: expected one of .*, found "loud"$/),
      'extra: expected a known key, found an unknown one',
    ]);
  });

  test('that is not there, or a folder, is one mistake that names it', () => {
    const missing = path.join(folder, 'missing.yaml');
    expect(loadConfig(missing)).toEqual({
      ok: false,
      mistakes: [`${missing}: expected a readable text file, found no such file`],
    });
    expect(loadConfig(folder)).toEqual({
      ok: false,
      mistakes: [`${folder}: expected a readable text file, found a folder`],
    });
  });
});
