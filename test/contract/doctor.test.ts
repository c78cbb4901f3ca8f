import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { chooseRadio } from '../../src/provision/chosen-radios.ts';
import { HubKey } from '../../src/store/key.ts';
import { Authority } from './certificates.ts';
import { ended, freePort, Scene, startAedes, startMosquitto, unlocked, type Broker } from './cloud-rig.ts';
import { DoctorScene, namesOf, FRONT } from './doctor-rig.ts';

const NOBODY = 65_534;
const QUEUE = 10_001;
const STARTS = 6;

let house: House;
let broker: Broker;
const brokers = new Scene();

beforeAll(async () => {
  house = await startHouse({ zwavePort: 0, controlPort: 0, zigbeePort: 0 });
  broker = await startMosquitto(brokers);
});
afterAll(async () => {
  await brokers.end();
  await house.stop();
});

async function scene(): Promise<DoctorScene> {
  const made = await DoctorScene.healthy(house, broker.url);
  onTestFinished(() => made.end());
  return made;
}

/** Breaks one thing of a healthy hub, as it breaks at a site. */
type Seed = (hub: DoctorScene) => unknown;

const AT_THE_STICK: readonly (readonly [string, Seed])[] = [
  ['stick_missing', (hub) => radios(hub, '/dev/serial/by-id/usb-nothing')],
  ['stick_missing', async (hub) => radios(hub, `tcp://127.0.0.1:${await freePort()}`)],
  [
    'stick_not_permitted',
    async (hub) => {
      radios(hub, await hub.serial('stick', `TCP:${new URL(house.zwave).host}`));
      chmodSync(path.join(hub.dir, 'stick'), 0o600);
      give(hub, NOBODY);
    },
  ],
  [
    'stick_shared',
    async (hub) => {
      const device = await hub.serial('stick', `TCP:${new URL(house.zwave).host}`);
      radios(hub, device);
      const other = spawn('sleep', ['60'], { stdio: [openSync(device, 'r+'), 'ignore', 'ignore'] });
      hub.atEnd(() => ended(other, 'SIGTERM'));
    },
  ],
  [
    'stick_silent',
    async (hub) => radios(hub, await hub.serial('stick', `PTY,link=${path.join(hub.dir, 'nobody')},rawer`)),
  ],
  ['stick_foreign', (hub) => hub.set('radios', [{ kind: 'zwave', port: house.zigbee }])],
  [
    'stick_missing',
    (hub) => {
      hub.set('radios', 'auto');
      hub.inStore((store) =>
        chooseRadio(store.secrets, { kind: 'zwave', port: '/dev/serial/by-id/usb-gone' }),
      );
    },
  ],
  ['radio_keys_missing', (hub) => hub.sql("DELETE FROM secrets WHERE name = 'zwave_security_keys'")],
  [
    'radio_keys_unusable',
    (hub) => {
      hub.file('keys.json', '{"S0_Legacy": "00"}');
      radios(hub, house.zwave, { security_keys_file: 'keys.json' });
    },
  ],
];

const AT_THE_MACHINE: readonly (readonly [string, Seed])[] = [
  ['config_broken', (hub) => hub.set('hub_ID', 'hub 1')],
  ['zone_doubtful', (hub) => hub.liveIn('America/New_York')],
  [
    'clock_wrong',
    (hub) =>
      hub.inStore(
        (store) => store.append([unlocked(1)]),
        () => Date.now() + 300 * DAY_MS,
      ),
  ],
  [
    'clock_unsynchronised',
    (hub) => {
      rmSync(path.join(hub.places.run, 'systemd/timesync/synchronized'));
      hub.file('timedatectl', '#!/bin/sh\necho no\n');
      chmodSync(path.join(hub.dir, 'timedatectl'), 0o755);
      // For the rest of these tests: only a machine without that mark asks it.
      vi.stubEnv('PATH', `${hub.dir}:${process.env['PATH']}`);
    },
  ],
  [
    'card_worn',
    (hub) => {
      hub.machineFile('sys', 'block/mmcblk0/device/life_time', '0x02 0x0b\n');
      hub.machineFile('sys', 'block/mmcblk0/device/pre_eol_info', '0x01\n');
    },
  ],
  [
    'undervoltage',
    (hub) => {
      hub.machineFile('sys', 'class/hwmon/hwmon1/name', 'rpi_volt\n');
      hub.machineFile('sys', 'class/hwmon/hwmon1/in0_lcrit_alarm', '1\n');
    },
  ],
  [
    'memory_short',
    (hub) => {
      hub.machineFile('run', 'proc/meminfo', 'MemTotal:         948304 kB\nMemAvailable:      20312 kB\n');
      Object.assign(hub.places, { proc: path.join(hub.places.run, 'proc') });
    },
  ],
  [
    'page_port_taken',
    async (hub) => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      hub.atEnd(() => other.close());
      const address = other.address();
      if (typeof address === 'object') hub.set('http', { listen: `127.0.0.1:${address?.port}` });
    },
  ],
  [
    'page_certificate_expired',
    async (hub) => {
      const { cert, key } = new Authority(hub, 'page').issue('page', { days: -1 });
      hub.set('http', { listen: `127.0.0.1:${await freePort()}`, tls: { cert_file: cert, key_file: key } });
    },
  ],
];

const IN_THE_DATA: readonly (readonly [string, Seed])[] = [
  [
    'data_not_owned',
    (hub) => {
      give(hub, NOBODY);
      chownSync(hub.database, 0, 0);
    },
  ],
  ['data_exposed', (hub) => chmodSync(hub.data, 0o755)],
  ['key_missing', (hub) => rmSync(hub.key)],
  ['key_unusable', (hub) => writeFileSync(hub.key, 'no key\n')],
  ['key_wrong', (hub) => writeFileSync(hub.key, `${HubKey.generate().reveal()}\n`)],
  ['key_exposed', (hub) => chmodSync(hub.key, 0o644)],
  ['key_change_unfinished', (hub) => writeFileSync(`${hub.key}.next`, `${HubKey.generate().reveal()}\n`)],
  [
    'database_damaged',
    (hub) => {
      const bytes = readFileSync(hub.database);
      writeFileSync(hub.database, bytes.fill(0xa5, 8 * 4096, 12 * 4096));
    },
  ],
  ['database_foreign', (hub) => writeFileSync(hub.database, 'a shopping list\n'.repeat(500))],
  ['database_newer', (hub) => hub.sql('PRAGMA user_version = 9999')],
  [
    'queue_growing',
    (hub) => hub.inStore((store) => store.append(Array.from({ length: QUEUE }, (_, slot) => unlocked(slot)))),
  ],
  [
    'restarts_often',
    (hub) => {
      const started = {
        event_type: 'hub.started',
        occurredAt: Date.now(),
        details: { version: '1' },
      } as const;
      hub.inStore((store) => store.append(Array.from({ length: STARTS }, () => started)));
    },
  ],
  ['lock_unreachable', (hub) => hub.change({ online: false })],
  ['lock_keys_missing', (hub) => hub.change({ credentialsMissing: true })],
  ['lock_low_security', (hub) => hub.change({ secure: false })],
  ['lock_battery_low', (hub) => hub.change({ batteryLow: true, batteryLevel: 0.08 })],
  [
    'lock_signal_weak',
    (hub) =>
      hub.inStore((store) =>
        store.history.measure(FRONT, { at: Date.now(), batteryLevel: 1, rssiDbm: -97, roundTripMs: 900 }),
      ),
  ],
  ['lock_clock_wrong', (hub) => hub.change({ clockRead: clock(17 * MINUTE_MS) })],
  ['lock_zone_wrong', (hub) => hub.change({ clockRead: clock(-HOUR_MS) })],
  ['lock_fights_back', (hub) => hub.change({ repeatsBlockedUntil: Date.now() + HOUR_MS })],
];

const AT_THE_BROKER: readonly (readonly [string, Seed])[] = [
  ['broker_unreachable', async (hub) => hub.set('cloud', { url: `mqtt://127.0.0.1:${await freePort()}` })],
  [
    'broker_refuses_login',
    async (hub) => {
      const file = path.join(hub.dir, 'passwords');
      execFileSync('mosquitto_passwd', ['-b', '-c', file, 'hub', 'right'], { stdio: 'ignore' });
      chmodSync(file, 0o644);
      const { url } = await startMosquitto(hub, ['allow_anonymous false', `password_file ${file}`]);
      hub.set('cloud', { url, username: 'hub', password_file: hub.file('password', 'wrong\n') });
    },
  ],
  [
    'broker_refuses_topics',
    async (hub) => {
      const { url } = await startAedes(hub, {
        authorizeSubscribe: (_client, _wish, done) => done(null, null),
      });
      hub.set('cloud', { url });
    },
  ],
  ['broker_certificate_unknown', (hub) => tls(hub, { believed: 'another' })],
  ['broker_certificate_expired', (hub) => tls(hub, { days: -1 })],
  ['broker_name_mismatch', (hub) => tls(hub, { names: 'DNS:elsewhere.example' })],
  [
    'login_unusable',
    (hub) => hub.set('cloud', { url: broker.url, username: 'hub', password_file: 'is-not-there' }),
  ],
  ['client_certificate_expired', (hub) => tls(hub, { clientDays: -1 })],
  ['client_certificate_expires', (hub) => tls(hub, { clientDays: 7 })],
];

const ON_THE_DISK: readonly (readonly [string, string])[] = [
  ['disk_full', onDisk('5m', 'head -c 9m /dev/zero > state/filler || true')],
  ['disk_nearly_full', onDisk('64m', 'true')],
  ['disk_read_only', 'mount --bind state state; mount -o remount,bind,ro state'],
];

/** The data directory on a disk of its own, with something more on it. */
function onDisk(size: string, more: string): string {
  return `mkdir kept; cp -p state/* kept/; mount -t tmpfs -o mode=0700,size=${size} tmpfs state; cp -p kept/* state/; touch state/lockhub.db-wal; ${more}`;
}

test('a healthy hub that is stopped has nothing wrong, and everything was looked at', async () => {
  const hub = await scene();
  expect(await hub.checkUp()).toMatchObject({ hub: 'stopped', findings: [], unchecked: [] });
});

test('a healthy hub at serial devices has nothing wrong either', async () => {
  const hub = await scene();
  hub.set('radios', [
    { kind: 'zwave', port: await hub.serial('one', `TCP:${new URL(house.zwave).host}`) },
    {
      kind: 'zigbee',
      adapter: 'zstack',
      port: await hub.serial('two', `TCP:${new URL(house.zigbee ?? '').host}`),
    },
  ]);
  expect(await hub.checkUp()).toMatchObject({ findings: [], unchecked: [] });
});

test('a hub before its first start has nothing wrong', async () => {
  const hub = await scene();
  rmSync(hub.data, { recursive: true });
  expect(await hub.checkUp()).toMatchObject({ findings: [], unchecked: [] });
});

test('the user of the hub is told the same as root, but for credentials that are for root', async () => {
  const hub = await scene();
  give(hub, NOBODY);
  const password = hub.file('password', 'secret');
  chmodSync(password, 0o600);
  hub.set('cloud', { url: broker.url, username: 'hub', password_file: password });
  expect(await hub.checkUpAs(NOBODY)).toMatchObject({ findings: [], unchecked: [{ check: 'cloud' }] });
});

test('another user is told what could not be looked at, and no false alarm', async () => {
  const hub = await scene();
  const { findings, hub: state, unchecked } = await hub.checkUpAs(NOBODY);
  expect({ findings, state }).toEqual({ findings: [], state: 'unknown' });
  expect(unchecked.map(({ check }) => check)).toEqual(['hub', 'key', 'database', 'backups']);
});

test.each(AT_THE_STICK)('one thing is wrong at the stick: %s', async (id, seed) => {
  const hub = await scene();
  await seed(hub);
  expect(namesOf(await hub.checkUp())).toEqual([id]);
});

// A stick serves one at a time, so these hubs have none.
describe.each([
  ['at the machine', AT_THE_MACHINE],
  ['in the data', IN_THE_DATA],
  ['at the broker', AT_THE_BROKER],
])('one thing is wrong %s, and that is found and nothing else', (_, faults) => {
  test.concurrent.for(faults)('%s', async ([id, seed], { expect: expectHere, onTestFinished: atEnd }) => {
    const hub = await DoctorScene.healthy(house, broker.url);
    atEnd(() => hub.end());
    hub.set('radios', []);
    await seed(hub);
    expectHere(namesOf(await hub.checkUp())).toEqual([id]);
  });
});

test.concurrent.for(ON_THE_DISK)(
  'one thing is wrong with the disk: %s',
  async ([id, commands], { expect: expectHere, onTestFinished: atEnd }) => {
    const hub = await DoctorScene.healthy(house, broker.url);
    atEnd(() => hub.end());
    hub.set('radios', []);
    expectHere(namesOf(await hub.checkUpAfter(commands))).toEqual([id]);
  },
);

function radios(hub: DoctorScene, zwavePort: string, more: object = {}): void {
  hub.set('radios', [
    { kind: 'zwave', port: zwavePort, ...more },
    { kind: 'zigbee', adapter: 'zstack', port: house.zigbee },
  ]);
}

/** The data belongs to a user who is not root. */
function give(hub: DoctorScene, uid: number): void {
  for (const file of [hub.data, hub.database, hub.key]) chownSync(file, uid, uid);
}

function clock(aheadMs: number) {
  return { at: Date.now() - HOUR_MS, aheadMs, staysWrong: false };
}

/** A broker with a certificate of one authority; the hub believes `believed` and may have a certificate of its own. */
async function tls(hub: DoctorScene, { believed = 'one', clientDays, ...ofBroker }: Tls): Promise<void> {
  const one = new Authority(hub, 'one');
  const { cert, key } = one.issue('broker', ofBroker);
  const { url } = await startMosquitto(hub, [`cafile ${one.ca}`, `certfile ${cert}`, `keyfile ${key}`]);
  const { ca } = believed === 'one' ? one : new Authority(hub, believed);
  const client = clientDays === undefined ? null : one.issue('hub', { days: clientDays });
  const login = client === null ? {} : { cert_file: client.cert, key_file: client.key };
  hub.set('cloud', { url: url.replace('mqtt:', 'mqtts:'), ca_file: ca, ...login });
}

interface Tls {
  readonly names?: string;
  readonly days?: number;
  readonly believed?: string;
  readonly clientDays?: number;
}
