import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimScene, strictLines, type ClaimScene } from '../contract/claim-rig.ts';
import { freePort, Scene, startMosquitto } from '../contract/cloud-rig.ts';
import { TypedCloud } from '../contract/reference-cloud-rig.ts';
import { LOCKHUB, startProgram, type Program } from './program.ts';
import { until } from './world.ts';

const START_WITHIN_MS = 30_000;
const MET_WITHIN_MS = 90_000;
const WIPED_WITHIN_MS = 90_000;
/** A canary: digits that stand nowhere else. */
const PIN = '490617';

let scene: Scene;
let place: ClaimScene;
let site: Site;
beforeEach(async () => {
  scene = new Scene();
  place = await claimScene(scene);
  site = new Site(await freePort());
});
afterEach(() => scene.end());

interface House {
  readonly zwave: string;
  readonly zigbee: string;
  readonly control: string;
  readonly security_keys_file: string;
}

/** A hub that is claimed over TLS, its house, and the cloud on a command line. */
class Site {
  readonly data = path.join(scene.dir, 'state');
  readonly http: string;
  readonly hubs: Program[] = [];
  readonly #config = path.join(scene.dir, 'lockhub.yaml');
  #claims = 0;

  constructor(port: number) {
    this.http = `http://127.0.0.1:${port}`;
  }

  configure(house: House | null, more: object = {}): void {
    const { authority, url, claim } = place;
    const claimPair = { cert_file: claim.certFile, key_file: claim.keyFile };
    const zwave = house && { kind: 'zwave', port: house.zwave, security_keys_file: house.security_keys_file };
    writeFileSync(
      this.#config,
      JSON.stringify({
        hub_id: 'hub-7',
        site: { timezone: 'Europe/Berlin' },
        clock: { trust_system: true },
        data_dir: 'state',
        radios: zwave === null ? [] : [zwave],
        cloud: { url, ca_file: authority.ca, claim: claimPair, ...more },
        http: { listen: new URL(this.http).host },
      }),
    );
  }

  start(env: Readonly<Record<string, string>> = {}): Program {
    const hub = startProgram(LOCKHUB, ['run', '--config', this.#config], { env });
    this.hubs.push(hub);
    scene.atEnd(() => hub.end('SIGKILL'));
    return hub;
  }

  async lockhub(...command: readonly string[]): Promise<readonly string[]> {
    const run = startProgram(LOCKHUB, [...command, '--config', this.#config]);
    expect(await run.ended()).toBe(0);
    return run.stdout;
  }

  async cloud(...more: readonly string[]): Promise<TypedCloud> {
    const { authority, url } = place;
    const { cert, key } = authority.issue('lockhub.cloud');
    const login = ['--ca-file', authority.ca, '--cert-file', cert, '--key-file', key];
    const issuer = ['--issuer-cert', authority.ca, '--issuer-key', authority.caKey];
    const db = path.join(scene.dir, 'cloud.db');
    const cloud = new TypedCloud(scene, ['--url', url, '--db', db, '--json', ...login, ...issuer, ...more]);
    await until('the cloud is connected', START_WITHIN_MS, () => said(cloud, '"connected"'));
    return cloud;
  }

  async claimedBy(cloud: TypedCloud): Promise<void> {
    this.#claims += 1;
    await until(
      'it asks',
      START_WITHIN_MS,
      () => times(cloud, 'waits to be claimed') >= this.#claims || undefined,
    );
    const hellos = times(cloud, '"kind":"hello"');
    const line = (await this.lockhub('claim')).find((one) => one.startsWith('claim code')) ?? '';
    expect(await cloud.answer(`claim ${line.slice('claim code '.length)} owner=Adler`)).toMatchObject({
      ok: true,
    });
    await until('it says hello', START_WITHIN_MS, () => times(cloud, '"kind":"hello"') > hellos || undefined);
  }

  /** Every file of the data directory, by its path. */
  files(): readonly string[] {
    if (!existsSync(this.data)) return [];
    return readdirSync(this.data, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
  }

  async problems(): Promise<readonly { readonly code: string; readonly message: string }[]> {
    const key = (await this.lockhub('key', 'create', '--name', crypto.randomUUID(), '--scope', 'admin'))[0];
    const answer = await fetch(`${this.http}/page/overview`, { headers: { authorization: `Bearer ${key}` } });
    const { page } = (await answer.json()) as {
      page: { hub: { problems: { code: string; message: string }[] } };
    };
    return page.hub.problems;
  }
}

function times(cloud: TypedCloud, text: string): number {
  return cloud.lines.filter((line) => line.includes(text)).length;
}

function said(cloud: TypedCloud, text: string): true | undefined {
  return times(cloud, text) > 0 || undefined;
}

async function startHouse(): Promise<House> {
  const args = ['simulate', '--zwave-port', '0', '--control-port', '0', '--keys-file'];
  const house = startProgram(LOCKHUB, [...args, path.join(scene.dir, 'keys.json')]);
  scene.atEnd(() => house.end('SIGTERM'));
  return JSON.parse(await house.line((line) => line.startsWith('{'), START_WITHIN_MS)) as House;
}

async function truth(house: House): Promise<string> {
  return (await fetch(`${house.control}/locks`)).text();
}

/** Secrets as they may stand in a file: hex in either case, raw bytes, base64. */
function formsOf(hex: string): readonly Buffer[] {
  const raw = Buffer.from(hex, 'hex');
  const texts = [hex.toLowerCase(), hex.toUpperCase(), raw.toString('base64'), raw.toString('base64url')];
  return [raw, ...texts.map((text) => Buffer.from(text))];
}

test('a hub that was stolen takes off what has ended, forgets every key, says so, and can be claimed anew', async () => {
  const house = await startHouse();
  const networkKeys = Object.values(JSON.parse(readFileSync(house.security_keys_file, 'utf8')) as object).map(
    String,
  );
  site.configure(house);
  const cloud = await site.cloud();
  const hub = site.start();
  await site.claimedBy(cloud);
  await until('a lock is reported', MET_WITHIN_MS, () => said(cloud, '"kind":"reported"'));
  const { value } = await cloud.answer('locks');
  const [{ device_id: deviceId }] = value as [{ device_id: string }];
  await cloud.answer(`set ${deviceId} guest code=${PIN}`);
  await until('the code is on the lock', MET_WITHIN_MS, async () =>
    (await truth(house)).includes(PIN) ? true : undefined,
  );
  await site.lockhub('backup');
  const hubKey = readFileSync(path.join(site.data, 'hub.key'), 'utf8').trim();
  // What is searched for below is there now, so that the search would find it.
  expect(site.files().some((file) => readFileSync(file).includes(hubKey))).toBe(true);
  expect(site.files().some((file) => file.endsWith('.lockhub-backup'))).toBe(true);

  expect(await cloud.answer('wipe hub-7 reason="Stolen from the hall."')).toMatchObject({ ok: true });
  await until('its last message', WIPED_WITHIN_MS, () =>
    cloud.lines.some((line) => line.includes('"wipe"') && line.includes('"succeeded"')) ? true : undefined,
  );
  const last = cloud.lines.find((line) => line.includes('"wipe"') && line.includes('"succeeded"')) ?? '';
  expect(JSON.parse(last)).toMatchObject({
    result: { result: { unreached: [], codes_left: 1, sticks_reset: ['zwave'], left: [] } },
  });
  // The guest does not stand outside.
  expect(await truth(house)).toContain(PIN);

  await until('it runs anew', START_WITHIN_MS, () =>
    hub.stdout.filter((line) => line.includes('hub started')).length === 3 ? true : undefined,
  );
  expect(existsSync(house.security_keys_file)).toBe(false);
  const secrets = [hubKey, ...networkKeys].flatMap(formsOf);
  for (const file of site.files()) {
    const bytes = readFileSync(file);
    expect(`${file} ${secrets.some((secret) => bytes.includes(secret))}`).toBe(`${file} false`);
    expect(`${file} ${bytes.includes(PIN)}`).toBe(`${file} false`);
  }
  expect(await site.problems()).toContainEqual({
    code: 'wiped',
    message: expect.stringContaining('Stolen from the hall.'),
  });

  // Its stick hears no lock any more, and the hub knows none.
  expect(cloud.lines.filter((line) => line.includes('"violation"'))).toEqual([]);
  expect(await cloud.answer('release hub-7')).toMatchObject({ ok: true });
  await site.claimedBy(cloud);
  expect((await site.problems()).map(({ code }) => code)).not.toContain('wiped');
});

test('killed while it waits for a lock, it goes on, and takes off every code where it was told to', async () => {
  const house = await startHouse();
  site.configure(house);
  const cloud = await site.cloud();
  const hub = site.start();
  await site.claimedBy(cloud);
  await until('a lock is reported', MET_WITHIN_MS, () => said(cloud, '"kind":"reported"'));
  const { value } = await cloud.answer('locks');
  const [{ device_id: deviceId, reported }] = value as [
    { device_id: string; reported: { device: { address: number } } },
  ];
  const locks = JSON.parse(await truth(house)) as { id: string; address: number }[];
  const door = locks.find(({ address }) => address === reported.device.address)?.id;
  const fault = (kind: string): Promise<Response> =>
    fetch(`${house.control}/locks/${door}/fault`, { method: 'POST', body: JSON.stringify({ kind }) });
  await cloud.answer(`set ${deviceId} guest code=${PIN}`);
  await until('the code is on the lock', MET_WITHIN_MS, async () =>
    (await truth(house)).includes(PIN) ? true : undefined,
  );
  await fault('unreachable');
  expect(await cloud.answer('wipe hub-7 codes=remove')).toMatchObject({ ok: true });
  await hub.line((line) => line.includes('THIS HUB IS TO BE WIPED'), START_WITHIN_MS);
  await hub.end('SIGKILL');
  expect(await truth(house)).toContain(PIN);
  await fault('none');
  await site.start().line((line) => line.includes('the cloud was told'), WIPED_WITHIN_MS);
  expect(await truth(house)).not.toContain(PIN);
  await until('its last message', START_WITHIN_MS, () => said(cloud, '"unreached":[],"codes_left":0'));
});

test('a broker that refuses a revoked certificate does not make the hub wipe anything', async () => {
  site.configure(null);
  const crl = path.join(scene.dir, 'revoked.pem');
  const cloud = await site.cloud('--crl-file', crl);
  const hub = site.start();
  await site.claimedBy(cloud);
  expect(await cloud.answer('revoke hub-7')).toMatchObject({ ok: true, value: 1 });
  const { broker, authority } = place;
  await broker.stop();
  await startMosquitto(scene, [...strictLines(scene, authority), `crlfile ${crl}`], broker.port);
  await hub.line((line) => /refuses the client certificate/.test(line), START_WITHIN_MS);
  expect(existsSync(path.join(site.data, 'wipe.json'))).toBe(false);
  expect((await site.lockhub('claim'))[0]).toContain('claimed by Adler');
  await until('the cloud is back', START_WITHIN_MS, async () =>
    JSON.stringify(await cloud.answer('status')).includes('"connected"') ? true : undefined,
  );
});

test('an order counts only signed by the right key, for this hub as it is now, and once', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const key = scene.file('wipe-key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  site.configure(null, { wipe_public_key: x });
  const cloud = await site.cloud('--wipe-key', key);
  const hub = site.start();
  await site.claimedBy(cloud);
  const refused = async (line: string, why: string): Promise<void> => {
    expect(await cloud.answer(line)).toMatchObject({ ok: true });
    await until(why, START_WITHIN_MS, () => said(cloud, why));
  };
  const hello = cloud.lines.findLast((line) => line.includes('"kind":"hello"')) ?? '';
  const [, epoch] = /"epoch":"([^"]+)"/.exec(hello) ?? [];
  await refused(`send wipe hub-7 hub_id=hub-8 epoch=${epoch}`, 'params.hub_id');
  await refused(`send wipe hub-7 hub_id=hub-7 epoch=${crypto.randomUUID()}`, 'params.epoch');
  await refused(`send wipe hub-7 hub_id=hub-7 epoch=${epoch}`, 'params.signature');
  expect(existsSync(path.join(site.data, 'wipe.json'))).toBe(false);

  expect(await cloud.answer('wipe hub-7')).toMatchObject({ ok: true });
  await until('wiped', WIPED_WITHIN_MS, () =>
    hub.stdout.some((line) => line.includes('THIS HUB WAS WIPED')) ? true : undefined,
  );
});
