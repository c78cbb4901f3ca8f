import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { logIn, openWindow, startBrowser, type Opened } from '../page/browser.ts';
import { startDemo, type RunningDemo } from '../page/demo.ts';
import { filmOfLabel, photoOfLabel } from '../page/label.ts';

/** Joining, exchanging keys and the interview; a lock asks for its keys again every 10 s while a person types. */
const PAIRED_MS = 90_000;
const SOON_MS = 20_000;

const joiningSchema = z.object({ id: z.string(), label: z.object({ qr: z.string(), pin: z.string() }) });
type Joining = z.infer<typeof joiningSchema>;

const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-pairing-'));
let demo: RunningDemo;
let browser: Browser;
let opened: Opened;
/** The lock whose label the camera sees. */
let seen: Joining;

beforeAll(async () => {
  demo = await startDemo();
  seen = await newLock();
  const film = path.join(folder, 'label.y4m');
  writeFileSync(film, filmOfLabel(seen.label.qr));
  browser = await startBrowser(film);
  opened = await openWindow(browser, demo.http, { size: 'phone', scheme: 'dark' });
  opened.page.setDefaultTimeout(SOON_MS);
  await logIn(opened.page, demo.login_url);
});
afterAll(async () => {
  await browser.close();
  await demo.end();
  rmSync(folder, { recursive: true, force: true });
});

async function newLock(): Promise<Joining> {
  return joiningSchema.parse(await demo.house('join', { radio: 'zwave', model: 'uc-v2' }));
}

async function go(view: string): Promise<void> {
  await opened.page.goto(`${demo.http}/#${view}`);
}

test('a label is read from a photo and by the camera, and the lock comes in by it', async () => {
  const { page, context } = opened;
  await go('/pairing');
  await page.getByText('Scan its QR code').click();
  // Nobody has allowed the camera yet.
  await page.getByText('told not to use the camera').waitFor();
  const photo = { name: 'label.gif', mimeType: 'image/gif', buffer: photoOfLabel(seen.label.qr) };
  await page.locator('input[type=file]').setInputFiles(photo);
  await page.getByLabel('Number on the label').waitFor();

  await context.grantPermissions(['camera']);
  await page.reload();
  await page.getByText('Scan its QR code').click();
  await page.getByLabel('Number on the label').waitFor();
  await page.getByRole('button', { name: 'Start pairing' }).click();
  await page.getByText('is in the network and was met').waitFor({ timeout: PAIRED_MS });
  await page.getByRole('button', { name: 'Pair another lock' }).click();
});

test('a lock without a QR code is let in by the digits that the hub asks for', async () => {
  const { page } = opened;
  const { label } = await newLock();
  await go('/pairing');
  await page.getByText('Without a QR code').click();
  await page.getByRole('button', { name: 'Start pairing' }).click();
  await page.getByLabel('The first five digits on the label').fill(label.pin);
  await page.getByRole('button', { name: 'They are the same' }).click();
  await page.getByText('is in the network and was met').waitFor({ timeout: PAIRED_MS });
  await page.getByText('S2 Access Control').waitFor();
  await page.getByRole('button', { name: 'Pair another lock' }).click();
});

test('a lock in the place of a dead one has its name and its codes', async () => {
  const { page } = opened;
  const garage = (await demo.houseLocks()).find(({ id }) => id === 'garage');
  const pins = garage?.slots.flatMap(({ pin }) => pin ?? []) ?? [];
  expect(pins.length).toBeGreaterThan(0);
  await demo.house('locks/garage/fault', { kind: 'unreachable' });
  const next = await newLock();
  await go('/pairing');
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  await page.getByLabel('Lock', { exact: true }).selectOption({ label: 'Garage' });
  await page.getByText('Type or paste its QR code').click();
  await page.getByLabel('Text of the QR code').fill(next.label.qr);
  await page.getByRole('button', { name: 'Replace Garage' }).click();
  await page.getByText('The new lock has taken the place of Garage').waitFor({ timeout: PAIRED_MS });
  await expect
    .poll(
      async () => (await demo.houseLocks()).find(({ id }) => id === next.id)?.slots.map(({ pin }) => pin),
      {
        timeout: SOON_MS,
      },
    )
    .toEqual(expect.arrayContaining(pins));
});

test('nothing failed meanwhile, and no other host was asked', () => {
  expect(opened.faults).toEqual([]);
});
