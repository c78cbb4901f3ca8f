import { chmodSync, readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  axeViolations,
  logIn,
  openWindow,
  overflow,
  SIZES,
  startBrowser,
  type Opened,
} from '../page/browser.ts';
import { unpacked } from '../support/archive.ts';
import { startDemo, type RunningDemo } from '../page/demo.ts';
import { viewsOf } from '../page/views.ts';

/** How long a person waits for something to become true by itself. */
const SOON_MS = 20_000;
/** The hub waits longer from attempt to attempt. */
const RECONNECTED_MS = 60_000;
/** Joining, exchanging keys and the interview. */
const PAIRED_MS = 90_000;
/** What the first view may weigh, login page and styles included. */
const FIRST_VIEW_BYTES_MAX = 150_000;
const PIN = '840613';

let demo: RunningDemo;
let browser: Browser;
let opened: Opened;
let page: Page;

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  opened = await openWindow(browser, demo.http, { size: 'phone', scheme: 'light' });
  page = opened.page;
  page.setDefaultTimeout(SOON_MS);
});
afterAll(async () => {
  await browser.close();
  await demo.end();
});

async function go(view: string): Promise<void> {
  await page.goto(`${demo.http}/#${view}`);
}

/** The name of a lock of the house, as the page shows it. */
async function pageNameOf(
  address: number | string,
): Promise<{ readonly name: string; readonly deviceId: string }> {
  const answer = await page.evaluate<{
    page: { locks: readonly { name: string; address: number | string; device_id: string }[] };
  }>("fetch('/page/overview').then((response) => response.json())");
  const lock = answer.page.locks.find((one) => one.address === address);
  if (lock === undefined) throw new Error(`The page has no lock with address ${address}.`);
  return { name: lock.name, deviceId: lock.device_id };
}

test('a one-time link logs a person in, once, and the first view is light', async () => {
  await logIn(page, demo.login_url);
  await page.getByRole('heading', { name: '6 locks' }).waitFor();
  expect(opened.bytes()).toBeGreaterThan(10_000);
  expect(opened.bytes()).toBeLessThan(FIRST_VIEW_BYTES_MAX);
  const stranger = await openWindow(browser, demo.http, { size: 'phone', scheme: 'dark' });
  await stranger.page.goto(demo.login_url);
  await stranger.page.getByRole('button', { name: 'Log in' }).click();
  await stranger.page.getByText('was used').waitFor();
  await stranger.context.close();
});

test('a code that is created becomes set before the eyes, opens the door, and the entry has its name', async () => {
  const [door] = await demo.houseLocks();
  if (door === undefined) throw new Error('The house has no lock.');
  const { deviceId } = await pageNameOf(door.address);
  await go(`/codes/${deviceId}/new`);
  await page.getByLabel('Name').fill('Dr. Anna Blum');
  await page.getByLabel('PIN').fill('12');
  await page
    .getByText(/at least|digits/)
    .first()
    .waitFor();
  await page.getByLabel('PIN').fill(PIN);
  await page.getByRole('button', { name: 'Create code' }).click();
  const row = page.getByRole('listitem').filter({ hasText: 'Dr. Anna Blum' });
  await row.getByText('Works now').waitFor();
  const held = (await demo.houseLocks()).find(({ id }) => id === door.id);
  expect(held?.slots.map(({ pin }) => pin)).toContain(PIN);

  await go(`/locks/${deviceId}`);
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
  await demo.house(`locks/${door.id}/keypad`, { pin: PIN });
  await page.getByText('The timeline as a table').click();
  const entry = page
    .getByRole('listitem')
    .filter({ hasText: /unlock/i })
    .filter({ hasText: 'Dr. Anna Blum' });
  await entry.first().waitFor();
  // A PIN is on the page only when somebody asks for it.
  expect(await page.content()).not.toContain(PIN);
});

test('a PIN is shown on a wish, and the hub writes down that it was', async () => {
  await go('/codes');
  const row = page.getByRole('listitem').filter({ hasText: 'Dr. Anna Blum' });
  await row.getByRole('button').first().click();
  await row.getByRole('button', { name: /^Show/ }).click();
  await row.getByText(PIN).waitFor();
  const headers = { authorization: `Bearer ${demo.api_key}` };
  const query = 'event_type=hub.code_shown&since=2020-01-01T00:00:00Z';
  const { events } = (await (await fetch(`${demo.http}/events/list?${query}`, { headers })).json()) as {
    events: unknown[];
  };
  expect(events).toMatchObject([{ event_type: 'hub.code_shown' }]);
});

test('a new lock comes in by the text of its QR code', async () => {
  const joining = (await demo.house('join', { radio: 'zwave', model: 'uc-v2' })) as {
    label: { qr: string };
  };
  await go('/pairing');
  await page.getByText('Type or paste its QR code').click();
  await page.getByRole('textbox').fill(joining.label.qr);
  await page.getByRole('button', { name: 'Start pairing' }).click();
  await page.getByText('is in the network and was met').waitFor({ timeout: PAIRED_MS });
  await page.getByRole('button', { name: 'Pair another lock' }).click();
  await go('/');
  await page.getByRole('heading', { name: '7 locks' }).waitFor();
});

test('a cloud that is cut off is seen, and so is its return', async () => {
  await go('/');
  await page.getByText('Connected', { exact: true }).waitFor();
  demo.switchInternet();
  await page.getByText('Connected', { exact: true }).waitFor({ state: 'hidden' });
  demo.switchInternet();
  await page.getByText('Connected', { exact: true }).waitFor({ timeout: RECONNECTED_MS });
});

test('a check-up says what is wrong and what to do, and looks again when it is asked to', async () => {
  await go('/doctor');
  const finding = page.getByRole('listitem').filter({ hasText: 'data_exposed' });
  await page.getByText(/^Looked at/).waitFor();
  expect(await finding.count()).toBe(0);
  chmodSync(demo.data_dir, 0o755);
  await page.getByRole('button', { name: 'Look again' }).click();
  await finding.getByText(`chmod 700 ${demo.data_dir}`).waitFor();
  chmodSync(demo.data_dir, 0o700);
  await page.getByRole('button', { name: 'Look again' }).click();
  await finding.waitFor({ state: 'detached' });
});

test('the bundle for diagnostics is one file without a PIN in it', async () => {
  await go('/log');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: /Download/ }).click();
  const file = await (await download).path();
  const files = unpacked(readFileSync(file));
  expect(JSON.parse(files['hub.json'] ?? '')).toMatchObject({ settings: { hub_id: 'demo' } });
  expect(JSON.parse(files['database.json'] ?? '')).toMatchObject({
    tables: expect.arrayContaining([expect.objectContaining({ name: 'access_codes' })]),
  });
  const bundle = Object.values(files).join('');
  expect(bundle).not.toContain(PIN);
  expect(bundle).not.toContain('Anna Blum');
});

test.each([
  { size: 'phone', scheme: 'light' },
  { size: 'phone', scheme: 'dark' },
  { size: 'desktop', scheme: 'dark' },
] as const)('every view is for everybody: $size, $scheme', async ({ size, scheme }) => {
  await page.setViewportSize(SIZES[size]);
  await page.emulateMedia({ colorScheme: scheme });
  const found: Record<string, unknown> = {};
  for (const view of await viewsOf(demo)) {
    await view.open(page);
    found[view.name] = { violations: await axeViolations(page), overflow: await overflow(page) };
  }
  const clean = { violations: [], overflow: 0 };
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, clean])));
});

test('nobody but the hub was asked for anything, and no script failed', () => {
  expect(opened.faults).toEqual([]);
});

test('who has logged out sees nothing any more', async () => {
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('One-time code').waitFor();
  await go('/');
  await page.getByLabel('One-time code').waitFor();
});
