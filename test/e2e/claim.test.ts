import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { claimScene, type ClaimScene } from '../contract/claim-rig.ts';
import { freePort, Scene } from '../contract/cloud-rig.ts';
import { TypedCloud } from '../contract/reference-cloud-rig.ts';
import { axeViolations, logIn, openWindow, overflow, startBrowser } from '../page/browser.ts';
import { LOCKHUB, startProgram, type Program } from './program.ts';
import { until } from './world.ts';

const START_WITHIN_MS = 30_000;
const SOON_MS = 20_000;
const MET_WITHIN_MS = 90_000;
const PIN = '493817';
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

let scene: Scene;
let place: ClaimScene;
let site: Site;
beforeEach(async () => {
  scene = new Scene();
  place = await claimScene(scene);
  site = new Site(await freePort());
});
afterEach(() => scene.end());

/** A hub with the config that a card brings, and the cloud on a command line. */
class Site {
  readonly http: string;
  readonly #config: string;
  #hub: Program | undefined;

  constructor(port: number) {
    this.http = `http://127.0.0.1:${port}`;
    this.#config = path.join(scene.dir, 'lockhub.yaml');
    this.configure([]);
  }

  configure(radios: readonly object[]): void {
    const { authority, url, claim } = place;
    const cloud = {
      url,
      ca_file: authority.ca,
      claim: { cert_file: claim.certFile, key_file: claim.keyFile },
    };
    const config = {
      hub_id: 'hub-7',
      site: { timezone: 'Europe/Berlin' },
      clock: { trust_system: true },
      data_dir: 'state',
      radios,
      cloud,
      http: { listen: new URL(this.http).host },
    };
    writeFileSync(this.#config, JSON.stringify(config));
  }

  start(): Program {
    const hub = startProgram(LOCKHUB, ['run', '--config', this.#config]);
    this.#hub = hub;
    scene.atEnd(() => hub.end('SIGKILL'));
    return hub;
  }

  /** Whether the hub has made this file of its data. */
  has(file: string): true | undefined {
    return existsSync(path.join(scene.dir, 'state', file)) ? true : undefined;
  }

  async kill(): Promise<void> {
    expect(await this.#hub?.end('SIGKILL')).toBe('SIGKILL');
  }

  async lockhub(...command: readonly string[]): Promise<readonly string[]> {
    const run = startProgram(LOCKHUB, [...command, '--config', this.#config]);
    expect(await run.ended()).toBe(0);
    return run.stdout;
  }

  /** As the terminal shows it. */
  async code(): Promise<string> {
    const lines = await this.lockhub('claim');
    const [, code] =
      /^claim code (\S+)$/.exec(lines.find((line) => line.startsWith('claim code')) ?? '') ?? [];
    expect(code).toMatch(/^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$/);
    return code ?? '';
  }

  async cloud(): Promise<TypedCloud> {
    const { authority, url } = place;
    const { cert, key } = authority.issue('lockhub.cloud');
    const login = ['--ca-file', authority.ca, '--cert-file', cert, '--key-file', key];
    const issuer = ['--issuer-cert', authority.ca, '--issuer-key', authority.caKey];
    const db = path.join(scene.dir, 'cloud.db');
    const cloud = new TypedCloud(scene, ['--url', url, '--db', db, '--json', ...login, ...issuer]);
    await until('the cloud is connected', START_WITHIN_MS, () => said(cloud, '"connected"'));
    return cloud;
  }
}

function said(cloud: TypedCloud, text: string): true | undefined {
  return cloud.lines.some((line) => line.includes(text)) ? true : undefined;
}

/** The simulated house with its control interface. */
async function startHouse() {
  const args = ['simulate', '--zwave-port', '0', '--control-port', '0', '--keys-file'];
  const house = startProgram(LOCKHUB, [...args, path.join(scene.dir, 'keys.json')]);
  scene.atEnd(() => house.end('SIGTERM'));
  const ready = JSON.parse(await house.line((line) => line.startsWith('{'), START_WITHIN_MS)) as {
    readonly zwave: string;
    readonly control: string;
    readonly security_keys_file: string;
  };
  return ready;
}

test('a fresh hub is claimed from its page, and serves a code of the cloud that claimed it', async () => {
  const house = await startHouse();
  site.configure([{ kind: 'zwave', port: house.zwave, security_keys_file: house.security_keys_file }]);
  const cloud = await site.cloud();
  const hub = site.start();
  await hub.line((line) => line.includes('hub started'), START_WITHIN_MS);

  const [link = ''] = await site.lockhub('login-link');
  const opened = await openWindow(browser, site.http, { size: 'phone', scheme: 'dark' });
  const { page } = opened;
  page.setDefaultTimeout(SOON_MS);
  await logIn(page, link);
  await page.getByText('Not claimed', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Claim this hub' }).click();
  await page.getByRole('img', { name: 'The claim code as a QR code' }).waitFor();
  await page.getByText('The cloud waits for it.').waitFor();
  expect(await axeViolations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
  const code = (await page.locator('code').textContent()) ?? '';
  expect(code).toBe(await site.code());

  expect(await cloud.answer('claim 00000-00000-00000-00000')).toMatchObject({ ok: false });
  await page.getByText('The cloud waits for it.').waitFor();
  expect(await cloud.answer(`claim ${code} owner="Hotel Adler"`)).toMatchObject({
    ok: true,
    value: { hub_id: 'hub-7' },
  });
  await page.getByText('This hub is claimed by Hotel Adler.').waitFor();
  expect(await axeViolations(page)).toEqual([]);
  expect(opened.faults).toEqual([]);
  expect((await site.lockhub('claim'))[0]).toContain('claimed by Hotel Adler');
  await opened.context.close();

  await until('a lock is reported', MET_WITHIN_MS, () => said(cloud, '"kind":"reported"'));
  const locks = (await (await fetch(`${house.control}/locks`)).json()) as { id: string; address: number }[];
  const { value } = await cloud.answer('locks');
  const [{ device_id: deviceId, reported }] = value as [
    { device_id: string; reported: { device: { address: number } } },
  ];
  const door = locks.find(({ address }) => address === reported.device.address)?.id;
  expect(await cloud.answer(`set ${deviceId} guest code=${PIN}`)).toMatchObject({ ok: true });
  await until('the code is on the lock', MET_WITHIN_MS, async () => {
    const truth = await (await fetch(`${house.control}/locks/${door}`)).text();
    return truth.includes(`"${PIN}"`) ? true : undefined;
  });
  const body = JSON.stringify({ pin: PIN });
  const typed = await fetch(`${house.control}/locks/${door}/keypad`, { method: 'POST', body });
  expect(await typed.json()).toMatchObject({ opened: true });
  expect(cloud.lines.filter((line) => line.includes('"violation"'))).toEqual([]);
  for (const line of [...hub.stdout, ...hub.stderr]) expect(line).not.toContain(code.replaceAll('-', ''));
});

test('killed at every step, a hub keeps its key and its code, and is claimed in the end', async () => {
  const cloud = await site.cloud();
  for (const file of ['hub.key', 'lockhub.db']) {
    site.start();
    await until(`${file} is there`, START_WITHIN_MS, () => site.has(file));
    await site.kill();
  }
  for (const step of ['hub started', 'connected to the cloud, to be claimed']) {
    await site.start().line((line) => line.includes(step), START_WITHIN_MS);
    await site.kill();
  }
  site.start();
  await until('it asks', START_WITHIN_MS, () => said(cloud, 'waits to be claimed'));
  const code = await site.code();
  await site.kill();
  expect(await cloud.answer(`claim ${code} owner=Adler`)).toMatchObject({ ok: true });
  expect(await site.code()).toBe(code);
  const hub = site.start();
  await hub.line((line) => line.includes('this hub was claimed'), START_WITHIN_MS);
  await site.kill();
  site.start();
  await until('it says hello', START_WITHIN_MS, () => said(cloud, '"kind":"hello"'));
  const requests = (): number => cloud.lines.filter((line) => line.includes('waits to be claimed')).length;
  expect(requests()).toBe(1);
  expect((await site.lockhub('claim'))[0]).toContain('claimed by Adler');

  expect((await site.lockhub('claim', '--again')).join()).toContain('claim code');
  await until('it asks anew', START_WITHIN_MS, () => (requests() === 2 ? true : undefined));
  expect(await site.code()).not.toBe(code);
});
