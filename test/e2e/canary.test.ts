import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { RecoveryKey } from '../../src/backup/recovery-key.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore } from '../../src/store/open-store.ts';
import { unpacked } from '../support/archive.ts';
import { seal } from '../support/hpke.ts';
import { IgloohomeServer } from '../support/igloohome-server.ts';
import { filesBelow, searcher, type Canary } from '../support/secret-search.ts';
import { freePort } from '../contract/cloud-rig.ts';
import { ended, send } from './command.ts';
import { letIn } from './let-in.ts';
import { LOCKHUB, startProgram } from './program.ts';
import { ROOT, until, World } from './world.ts';

const HELD_WITHIN_MS = 60 * SECOND_MS;
/** The hub ends, seals all anew, starts, and finds its broker. */
const CHANGED_WITHIN_MS = 2 * MINUTE_MS;
const PIN = '48021573';
const LATER_PIN = '57920461';
const PASSWORD = 'canary-of-the-broker-7391';
const OFFLINE_SECRET = randomBytes(32);
const HOUSE = JSON.stringify({
  locks: [
    { id: 'plain', model: 'uc-v2', address: 2 },
    { id: 'zigbee', model: 'dl-plain', address: '0x000d6ffffe000010' },
  ],
});
const LOCKS = ['plain', 'zigbee'] as const;
const helloSchema = z.object({ sealing_key: z.object({ key_id: z.string(), public_key: z.string() }) });
const zwaveKeys = z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())]));

let world: World;
let outside: string;
let igloohome: IgloohomeServer;
let api: string;
/** Name and bytes of everything that nobody may find. */
const canaries: Record<string, Canary> = {
  pin: PIN,
  'later pin': LATER_PIN,
  'password of the broker': PASSWORD,
  'offline secret': OFFLINE_SECRET,
};
/** What is told outside of the hub: archives, and what each process shows of itself. */
const shown: (readonly [place: string, content: Uint8Array | string])[] = [];

beforeAll(async () => {
  outside = mkdtempSync(path.join(os.tmpdir(), 'lockhub-outside-'));
  igloohome = await new IgloohomeServer().listen();
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  world = await World.build({
    house: HOUSE,
    radio: 'both',
    config: {
      http: { listen: `127.0.0.1:${port}` },
      offline: [
        {
          kind: 'igloohome',
          client_id: igloohome.clientId,
          client_secret_file: 'igloohome-secret',
          url: `${igloohome.url}/igloohome`,
          token_url: `${igloohome.url}/oauth2/token`,
        },
      ],
    },
  });
  world.write('igloohome-secret', igloohome.secret);
  world.write('mqtt-password', PASSWORD);
  changeConfig(({ cloud }) => ({
    cloud: { ...(cloud as object), username: 'hub', password_file: 'mqtt-password' },
  }));
  canaries['secret of the vendor'] = igloohome.secret;
}, 2 * MINUTE_MS);

afterAll(async () => {
  await world.end();
  await igloohome.server.close();
  rmSync(outside, { recursive: true, force: true });
});

function changeConfig(change: (config: Record<string, unknown>) => object): void {
  const config = JSON.parse(readFileSync(world.configFile, 'utf8')) as Record<string, unknown>;
  writeFileSync(world.configFile, JSON.stringify({ ...config, ...change(config) }));
}

function hubKey(): Uint8Array {
  return Buffer.from(readFileSync(path.join(world.dataDir, 'hub.key'), 'latin1').trim(), 'hex');
}

/** The secrets that the hub itself holds sealed. */
function secretsOf(names: readonly string[]): Record<string, string> {
  const key = HubKey.parse(Buffer.from(hubKey()).toString('hex'));
  if (key === undefined) throw new Error('There is no key.');
  const store = openStore({ file: path.join(world.dataDir, 'lockhub.db'), key });
  const found = Object.fromEntries(names.map((name) => [name, store.secrets.get(name) ?? '']));
  store.close();
  return found;
}

/** What a process shows to others on its machine. */
function lookAtProcess(): void {
  const pid = world.hubs.at(-1)?.child.pid ?? 0;
  for (const name of ['environ', 'cmdline']) {
    shown.push([`/proc ${name}`, readFileSync(`/proc/${pid}/${name}`)]);
  }
}

async function giveOfflineSecret(): Promise<void> {
  const start = `${ROOT}/up/hello `;
  const hello = world.upward.findLast((line) => line.startsWith(start)) ?? '';
  const { sealing_key } = helloSchema.parse(JSON.parse(hello.slice(start.length)));
  const publicKey = Buffer.from(sealing_key.public_key, 'base64url');
  const { enc, ciphertext } = seal(publicKey, OFFLINE_SECRET.toString('base64url'), {
    info: 'lockhub v1 sealed offline secret',
    aad: `${ROOT}/autumn`,
  });
  const sealed = {
    key_id: sealing_key.key_id,
    enc: enc.toString('base64url'),
    ciphertext: ciphertext.toString('base64url'),
  };
  const id = await send(world, 'set_offline_secret', { secret_id: 'autumn', sealed_secret: sealed });
  expect(await ended(world, id)).toMatchObject({ state: 'succeeded' });
}

function ongoing(code: string) {
  return { access_code_id: randomUUID(), name: 'Guest', code };
}

test(
  'a hub with secrets of every kind does its work, gets other keys, and dies',
  async () => {
    await world.startHub();
    const apiKey = (await world.lockhub('key', 'create', '--name', 'test', '--scope', 'admin')).trim();
    canaries['key of the local API'] = apiKey.slice(-32);
    await world.hubs.at(-1)?.line((line) => /"zigbee".*the radio is up/.test(line), HELD_WITHIN_MS);
    await letIn(world);
    const kept = ongoing(PIN);
    for (const id of LOCKS) await world.desire(id, [kept]);
    for (const id of LOCKS) await world.holds(id, [PIN], HELD_WITHIN_MS);
    await giveOfflineSecret();
    await world.broker.publish(`${ROOT}/down/desired/nobody`, `{"v":1,"codes":[{"code":"${PIN}"}`);
    await world.broker.publish(`${ROOT}/down/desired/x/y`, JSON.stringify({ v: 1, code: PIN, codes: PIN }));
    lookAtProcess();
    const [recoveryKey = ''] = (await world.lockhub('recovery-key')).split('\n');
    canaries['recovery key'] = Buffer.from(RecoveryKey.parse(recoveryKey).jwk().d ?? '', 'base64url');
    canaries['recovery key as text'] = recoveryKey;

    canaries['first hub key'] = hubKey();
    const asked = await send(world, 'rotate_key', {});
    expect(await ended(world, asked, CHANGED_WITHIN_MS)).toMatchObject({
      state: 'succeeded',
      result: { key_number: 2 },
    });
    canaries['second hub key'] = hubKey();
    expect(await world.lockhub('rotate-key')).toContain('sealed by a new key');
    const later = ongoing(LATER_PIN);
    for (const id of LOCKS) await world.desire(id, [kept, later]);
    for (const id of LOCKS) await world.holds(id, [PIN, LATER_PIN], HELD_WITHIN_MS);

    const answer = await fetch(`${api}/page/diagnostics`, { headers: { authorization: `Bearer ${apiKey}` } });
    const bundle = Object.entries(unpacked(Buffer.from(await answer.arrayBuffer())));
    expect(bundle.map(([name]) => name)).toContain('log.jsonl');
    shown.push(...bundle);
    const archive = path.join(outside, 'bundle.tar.gz');
    await world.lockhub('diagnostics', '--to', archive);
    shown.push(...Object.entries(unpacked(readFileSync(archive))));
    const backup = path.join(outside, 'all.lockhub-backup');
    await world.lockhub('backup', '--to', backup);
    shown.push(['backup', readFileSync(backup)]);

    const pid = String(world.hubs.at(-1)?.child.pid);
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max core file size +0 +0 /m);
    world.hubs.at(-1)?.child.kill('SIGUSR1');
    expect(await world.endHub('SIGABRT')).toBe('SIGABRT');
    expect(
      readdirSync('.').filter((name) => /^core|heapsnapshot$|^report\./.test(name)),
      'no dump',
    ).toEqual([]);
    await world.startHub();
    await until('what the dead hub left in memory is gone', HELD_WITHIN_MS, () =>
      readdirSync('/dev/shm').some((name) => name.startsWith(`lockhub-zigbee-${pid}-`)) ? undefined : true,
    );
    lookAtProcess();
  },
  6 * MINUTE_MS,
);

test(
  'none of its secrets can be found in its files, its log, what it sent, or what it gave to others',
  async () => {
    // While it runs, with its write-ahead log, and when it has ended.
    const running = filesBelow(world.dataDir);
    expect(await world.endHub()).toBe(0);
    changeConfig(() => ({
      cloud: { url: 'mqtts://127.0.0.1:1', claim: { cert_file: 'claim.pem', key_file: 'claim-key.pem' } },
    }));
    const claimed = startProgram(LOCKHUB, ['claim', '--config', world.configFile]);
    expect(await claimed.ended()).toBe(0);

    const secrets = secretsOf(['zwave_security_keys', 'zigbee_network_keys', 'claim', 'sealing_keys']);
    const zwave = zwaveKeys.parse(JSON.parse(secrets['zwave_security_keys'] ?? ''));
    for (const [name, key] of Object.entries(zwave)) {
      if (typeof key === 'string') canaries[`Z-Wave ${name}`] = Buffer.from(key, 'hex');
    }
    const zigbee = z
      .object({ networkKey: z.string() })
      .parse(JSON.parse(secrets['zigbee_network_keys'] ?? ''));
    canaries['Zigbee network key'] = Buffer.from(zigbee.networkKey, 'hex');
    const claim = z.object({ private_key: z.string() }).parse(JSON.parse(secrets['claim'] ?? ''));
    const base64 = claim.private_key.replaceAll(/-----[^-]+-----|\s/g, '');
    canaries['claim key'] = Buffer.from(base64, 'base64');
    canaries['claim key as PEM'] = claim.private_key.split('\n')[1] ?? '';
    const pairs = z
      .array(z.object({ private_key: z.string() }))
      .parse(JSON.parse(secrets['sealing_keys'] ?? ''));
    expect(pairs.length, 'each key of the hub came with another pair').toBe(3);
    for (const [index, pair] of pairs.entries()) canaries[`sealing key ${index}`] = pair.private_key;
    canaries['hub key'] = hubKey();
    expect(Object.values(canaries).every(({ length }) => length >= PIN.length)).toBe(true);
    expect(Object.keys(canaries).length).toBeGreaterThan(16);

    const said = world.hubs.flatMap((hub) => [...hub.stdout, ...hub.stderr]).join('\n');
    expect(said.includes('"level":"debug"'), 'all of its log').toBe(true);
    const places = [
      ...running,
      ...filesBelow(world.dataDir),
      ['log', said] as const,
      ['messages', world.upward.join('\n')] as const,
      ...shown,
    ];
    expect(places.map(([place]) => place)).toEqual(
      expect.arrayContaining(['lockhub.db', 'lockhub.db-wal', 'hub.key', 'hub.json', 'backup']),
    );
    const search = searcher(canaries);
    const hits = places.flatMap(([place, content]) => search(place, content));
    // The key is in its own file, and nowhere else.
    expect([...new Set(hits)].filter((hit) => !hit.startsWith('hub.key: hub key ('))).toEqual([]);
    expect(hits).toContain('hub.key: hub key (hex)');
    expect(search('planted', `${said}${PIN}`)).toContain('planted: pin (raw)');
  },
  2 * MINUTE_MS,
);
