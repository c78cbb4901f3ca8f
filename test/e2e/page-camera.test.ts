import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logIn, openWindow, startBrowser } from '../page/browser.ts';
import { startDemo, type RunningDemo } from '../page/demo.ts';
import { filmOfLabel, photoOfLabel } from '../page/label.ts';

/** Joining, exchanging keys and the interview. */
const PAIRED_MS = 90_000;

const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-camera-'));
let demo: RunningDemo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(async () => {
  await demo.end();
  rmSync(folder, { recursive: true, force: true });
});

test('a label is read from a photo and by the camera, and the lock comes in by it', async () => {
  const { label } = (await demo.house('join', { radio: 'zwave', model: 'uc-v2' })) as {
    label: { qr: string };
  };
  const film = path.join(folder, 'label.y4m');
  writeFileSync(film, filmOfLabel(label.qr));
  const browser = await startBrowser(film);
  try {
    const { page, context, faults } = await openWindow(browser, demo.http, { size: 'phone', scheme: 'dark' });
    await logIn(page, demo.login_url);

    await page.goto(`${demo.http}/#/pairing`);
    await page.getByText('Scan its QR code').click();
    // Nobody has allowed the camera yet.
    await page.getByText('told not to use the camera').waitFor();
    const photo = { name: 'label.gif', mimeType: 'image/gif', buffer: photoOfLabel(label.qr) };
    await page.locator('input[type=file]').setInputFiles(photo);
    await page.getByText('Number on the label').or(page.getByLabel('Number on the label')).first().waitFor();

    await context.grantPermissions(['camera']);
    await page.reload();
    await page.getByText('Scan its QR code').click();
    await page.getByLabel('Number on the label').waitFor();
    await page.getByRole('button', { name: 'Start pairing' }).click();
    await page.getByText('is in the network and was met').waitFor({ timeout: PAIRED_MS });
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
  }
});
