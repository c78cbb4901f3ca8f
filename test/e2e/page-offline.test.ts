import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { HOUR_MS, SECOND_MS } from '../../src/core/time.ts';
import { wallTime } from '../../src/page/site-time.ts';
import {
  axeViolations,
  logIn,
  openWindow,
  overflow,
  SIZES,
  startBrowser,
  type Opened,
} from '../page/browser.ts';
import { seal } from '../support/hpke.ts';
import { IgloohomeServer } from '../support/igloohome-server.ts';
import { SECRET } from '../support/offline-door.ts';
import { OracodeServer, timeSlot } from '../support/oracode-server.ts';
import { freePort } from '../contract/cloud-rig.ts';
import { ROOT, until, World } from './world.ts';

const ZONE = 'Europe/Berlin';
const HOUSE = `
locks:
  - { id: door, model: uc-v2, address: 2 }
keypads:
  - { id: beside, address: 3 }
`;
const SOON_MS = 20 * SECOND_MS;
const MET_WITHIN_MS = 30 * SECOND_MS;
/** Wrong codes after which none is looked at. */
const GUESSES = 5;

const summarySchema = z.object({ name: z.string(), device_id: z.string(), is_keypad: z.boolean() });
const overviewSchema = z.object({ page: z.object({ locks: z.array(summarySchema) }) });
const helloSchema = z.object({ sealing_key: z.object({ key_id: z.string(), public_key: z.string() }) });
const keypadSchema = z.object({ shown: z.object({ denied: z.int() }) });

let world: World;
let igloohome: IgloohomeServer;
let oracode: OracodeServer;
let browser: Browser;
let opened: Opened;
let page: Page;
let url: string;
let ids: { readonly door: string; readonly keypad: string; readonly igloo: string; readonly cabin: string };

beforeAll(async () => {
  [igloohome, oracode] = await Promise.all([new IgloohomeServer().listen(), new OracodeServer().listen()]);
  const slots = [timeSlot(ZONE, '16:00', '10:00', { name: 'Guest' })];
  oracode.doors = [{ door_id: 'cabin', name: 'Cabin', model: '660', predefined_time_slots: slots }];
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  [world, browser] = await Promise.all([buildWorld(port), startBrowser()]);
  await world.startHub();
  opened = await openWindow(browser, url, { size: 'phone', scheme: 'light' });
  page = opened.page;
  page.setDefaultTimeout(SOON_MS);
  await logIn(page, await world.lockhub('login-link'));
  const door = await world.deviceId('door');
  ids = await until('all devices are on the page', MET_WITHIN_MS, () => idsOf(door));
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.error(world.lastWords());
});
afterAll(async () => {
  await browser.close();
  await world.end();
  await Promise.all([igloohome.server.close(), oracode.server.close()]);
});

async function buildWorld(port: number): Promise<World> {
  const built = await World.build({
    house: HOUSE,
    config: {
      http: { listen: `127.0.0.1:${port}` },
      offline: [
        {
          kind: 'igloohome',
          client_id: igloohome.clientId,
          client_secret_file: 'igloohome',
          url: `${igloohome.url}/igloohome`,
          token_url: `${igloohome.url}/oauth2/token`,
        },
        { kind: 'dormakaba_oracode', url: oracode.url, token_file: 'oracode' },
      ],
    },
  });
  built.write('igloohome', igloohome.secret);
  built.write('oracode', oracode.token);
  return built;
}

async function idsOf(door: string): Promise<typeof ids | undefined> {
  const answer = await page.evaluate("fetch('/page/overview').then((response) => response.json())");
  const { locks } = overviewSchema.parse(answer).page;
  const keypad = locks.find((lock) => lock.is_keypad)?.device_id;
  const igloo = locks.find(({ name }) => name === 'Front door')?.device_id;
  const cabin = locks.find(({ name }) => name === 'Cabin')?.device_id;
  if (keypad === undefined || igloo === undefined || cabin === undefined) return undefined;
  return { door, keypad, igloo, cabin };
}

async function go(view: string): Promise<void> {
  await page.goto(`${url}/#${view}`);
}

function row(name: string) {
  return page.getByRole('listitem').filter({ hasText: name });
}

/** Begins a new code; the times are those of the site. */
async function begin(deviceId: string, name: string, from: string, to: string | null): Promise<void> {
  await go('/');
  await go(`/codes/${deviceId}/new`);
  await page.getByLabel('Name').fill(name);
  if (deviceId === ids.door) await page.getByLabel('Offline, for the keypad beside it').check();
  if (to === null) await page.getByLabel('For one use').check();
  else await page.getByLabel('Ends').fill(to);
  await page.getByLabel('Starts').fill(from);
}

async function create(): Promise<void> {
  await page.getByRole('button', { name: 'Create code' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function shownPin(name: string): Promise<string> {
  await row(name)
    .getByRole('button', { name: /^Show PIN/ })
    .click();
  const text = await row(name).locator('output.pin').textContent();
  return (text ?? '').replaceAll(/\D/g, '');
}

function siteTime(at: number): string {
  return wallTime(new Date(at).toISOString(), ZONE);
}

/** How often the keypad has shown that it takes no code. */
async function denied(): Promise<number> {
  return keypadSchema.parse(await world.control('/keypads/beside')).shown.denied;
}

async function sendSecret(secretId: string): Promise<void> {
  const hello = await until('the hub said hello', SOON_MS, () =>
    world.upward.find((line) => line.startsWith(`${ROOT}/up/hello `)),
  );
  const { key_id, public_key } = helloSchema.parse(JSON.parse(hello.slice(hello.indexOf(' ')))).sealing_key;
  const { enc, ciphertext } = seal(
    Buffer.from(public_key, 'base64url'),
    Buffer.from(SECRET).toString('base64url'),
    { info: 'lockhub v1 sealed offline secret', aad: `${ROOT}/${secretId}` },
  );
  const sealed_secret = {
    key_id,
    enc: enc.toString('base64url'),
    ciphertext: ciphertext.toString('base64url'),
  };
  const command = {
    v: 1,
    command_id: randomUUID(),
    type: 'set_offline_secret',
    expires_at: new Date(Date.now() + SOON_MS).toISOString(),
    params: { secret_id: secretId, sealed_secret },
  };
  await world.broker.publish(`${ROOT}/down/command`, JSON.stringify(command));
}

test('a keypad is none of the locks: it has no bolt to be moved, and no codes', async () => {
  await go('/');
  await page.getByRole('heading', { name: '3 locks, 1 keypad' }).waitFor();
  await go(`/locks/${ids.keypad}`);
  const actions = page.getByRole('region', { name: 'Actions' });
  await actions.getByRole('button', { name: 'Ping' }).waitFor();
  expect(await actions.getByRole('button', { name: /lock$|Audit|Self-test/i }).count()).toBe(0);
  await page.getByText('Keypad', { exact: true }).first().waitFor();
  expect(await page.getByRole('heading', { name: 'Codes of this lock' }).count()).toBe(0);
  await go('/codes');
  await page.getByRole('button', { name: 'New code' }).click();
  await page.getByRole('dialog').getByText('Cabin').waitFor();
  expect(await page.getByRole('group', { name: 'Locks' }).getByRole('checkbox').count()).toBe(3);
});

test('the window is shown before anybody confirms, and the code waits for its issuer in sight', async () => {
  igloohome.server.fail(...[1, 2, 3].map(() => ({ on: 'algopin', kind: 'answer', status: 503 }) as const));
  await begin(ids.igloo, 'Anna', '2100-06-01T16:20', '2100-06-01T19:50');
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByLabel('PIN').count()).toBe(0);
  await dialog.getByText('1 hour to 28 days by whole hours').waitFor();
  await dialog.getByText('Opens 1 Jun 2100, 16:00 – 20:00.').waitFor();
  await dialog.getByText('starts 20 min earlier and ends 10 min later').waitFor();
  expect(igloohome.codes).toEqual([]);
  await create();
  await row('Anna').getByText('Waits for its digits').waitFor();
  await row('Anna').getByText('1 Jun 2100, 16:00 – 20:00').first().waitFor();
  await row('Anna').getByText('Issued', { exact: true }).waitFor();
  const [{ pin } = { pin: '' }] = igloohome.codes;
  expect(await page.content()).not.toContain(pin);
  expect(await shownPin('Anna')).toBe(pin);
  await row('Anna').getByText('neither be changed nor taken back').waitFor();
  expect(
    await row('Anna')
      .getByRole('button', { name: /Change|Delete/ })
      .count(),
  ).toBe(0);
});

test('what the lock does not take is refused, and the nearest that it takes is one tap away', async () => {
  await begin(ids.igloo, 'Berta', '2100-06-01T16:20', '2100-07-02T19:50');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('which moves the start by 40 minutes').waitFor();
  await dialog.getByRole('button', { name: 'Take 1 Jun 2100, 17:00 – 2 Jul 2100, 17:00' }).click();
  await dialog.getByText('Exactly as asked for. Daily offline code.').waitFor();
  await dialog.getByText('first be used within 24 hours').waitFor();
  await dialog.getByLabel('Ends').fill('2100-07-02T19:50');
  await dialog.getByLabel('A day').check();
  await dialog.getByText('Opens 1 Jun 2100, 17:00 – 2 Jul 2100, 17:00').waitFor();
  expect(igloohome.codes).toHaveLength(1);
});

test('a code for one use has no end to be chosen', async () => {
  await begin(ids.igloo, 'Carla', '2100-06-01T16:20', null);
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByLabel('Ends').count()).toBe(0);
  await dialog.getByText('Opens once, 1 Jun 2100, 16:00 – 2 Jun 2100, 16:00').waitFor();
  await create();
  await row('Carla').getByText('One-time offline code').waitFor();
  await row('Carla').getByText('Issued', { exact: true }).waitFor();
  expect(igloohome.codes).toHaveLength(2);
});

test('a lock with user levels tells them by their names, and offers nothing for one use', async () => {
  await begin(ids.cabin, 'Dora', '2100-06-01T15:45', '2100-06-04T10:15');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('“Guest” (in from 16:00, out by 10:00)').waitFor();
  expect(await dialog.getByLabel('For one use').count()).toBe(0);
  await dialog.getByText('Opens 1 Jun 2100, 16:00 – 4 Jun 2100, 10:00.').waitFor();
  await dialog.getByText('of the user level “Guest”').waitFor();
  await create();
  await row('Dora').getByText('Issued', { exact: true }).waitFor();
  expect(oracode.codes.size).toBe(1);
});

test('a door gets its keypad, the hub its secret, and a code of the hub opens the door', async () => {
  await sendSecret('autumn');
  await go(`/locks/${ids.door}`);
  await page.getByLabel('Keypad whose offline codes open the lock').selectOption(ids.keypad);
  await page.getByText(/Codes typed at .* open this lock/).waitFor();
  await go('/');
  await page.getByRole('region', { name: 'This hub' }).getByText('autumn').waitFor();

  const from = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  await begin(ids.door, 'Emma', siteTime(from), siteTime(from + 3 * HOUR_MS));
  await page.getByText('Exactly as asked for. Hourly offline code.').waitFor();
  await create();
  await row('Emma').getByText('Works now').waitFor();
  const pin = await shownPin('Emma');
  expect(pin).toMatch(/^\d{10}$/);
  await world.control('/keypads/beside/type', { digits: pin });
  await expect.poll(async () => (await world.lock('door')).bolt, { timeout: SOON_MS }).toBe('unlocked');
  world.expectNoTrace([pin]);
});

test('a door that looks at no code any more says so', async () => {
  const before = await denied();
  for (let guess = 0; guess < GUESSES; guess += 1) {
    await world.control('/keypads/beside/type', { digits: `000000000${guess}` });
    await expect.poll(denied, { timeout: SOON_MS }).toBe(before + guess + 1);
  }
  await go('/');
  await page.getByText('Too many wrong codes were typed').waitFor();
  await go(`/locks/${ids.door}`);
  await page.getByText('no offline code opens it before').waitFor();
});

test.each([
  { size: 'phone', scheme: 'light' },
  { size: 'desktop', scheme: 'dark' },
] as const)('what is about offline codes is for everybody: $size, $scheme', async ({ size, scheme }) => {
  await page.setViewportSize(SIZES[size]);
  await page.emulateMedia({ colorScheme: scheme });
  const found: Record<string, unknown> = {};
  const look = async (view: string): Promise<void> => {
    await page.screenshot({
      fullPage: true,
    });
    found[view] = { violations: await axeViolations(page), overflow: await overflow(page) };
  };
  for (const [view, text] of [
    ['/', 'Too many wrong codes'],
    [`/locks/${ids.keypad}`, 'Ping'],
    [`/locks/${ids.igloo}`, 'One-time offline code'],
    [`/locks/${ids.door}`, 'no offline code opens it'],
    ['/codes', 'Dora'],
  ] as const) {
    await go(view);
    if (text === 'One-time offline code') await row('Carla').getByRole('button').first().click();
    await page.getByText(text).first().waitFor();
    await look(view);
  }
  await begin(ids.igloo, 'Frida', '2100-06-01T16:20', '2100-07-02T19:50');
  await page.getByRole('button', { name: /^Take / }).waitFor();
  await look('refused');
  await page.getByRole('button', { name: /^Take / }).click();
  await page.getByText('Exactly as asked for').waitFor();
  await look('previewed');
  const clean = { violations: [], overflow: 0 };
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, clean])));
});

test('nobody but the hub was asked for anything, and no script failed', () => {
  expect(opened.faults).toEqual([]);
});
