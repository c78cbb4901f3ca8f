import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freePort, Scene } from '../contract/cloud-rig.ts';
import { axeViolations, logIn, openWindow, startBrowser } from '../page/browser.ts';
import { LOCKHUB, startProgram, type Program } from './program.ts';
import { until } from './world.ts';

const WITHIN_MS = 30_000;

async function lockhub(config: string, ...args: readonly string[]): Promise<string> {
  const run = startProgram(LOCKHUB, [...args, '--config', config]);
  expect(await run.ended()).toBe(0);
  return run.stdout.join('\n');
}

function startsOf({ stdout }: Program): number {
  return stdout.filter((line) => line.includes('hub started')).length;
}

test('a technician makes a backup and a recovery key, takes the file away, and puts it back', async () => {
  const scene = new Scene();
  try {
    const text = [
      'hub_id: page-hub',
      'site: { timezone: Europe/Berlin }',
      `data_dir: ${path.join(scene.dir, 'state')}`,
      `http: { listen: "127.0.0.1:${await freePort()}" }`,
    ].join('\n');
    const config = scene.file('hub.yaml', text);
    const hub = startProgram(LOCKHUB, ['run', '--config', config]);
    scene.atEnd(() => hub.end('SIGTERM'));
    await hub.line((line) => line.includes('the local API listens'), WITHIN_MS);
    const link = (await lockhub(config, 'login-link')).trim();
    const browser = await startBrowser();
    scene.atEnd(() => browser.close());
    const look = { size: 'phone', scheme: 'light' } as const;
    const { page, faults } = await openWindow(browser, new URL(link).origin, look);
    await logIn(page, link);
    await page.getByRole('link', { name: 'Backup' }).click();
    await page.getByText('Backups open only on this hub.').waitFor();

    await page.getByRole('button', { name: 'Make a recovery key' }).click();
    await page.getByRole('button', { name: 'Make it' }).click();
    const key = (await page.getByText(/^[0-9A-Z]{7}(-[0-9A-Z]{7}){7}$/).textContent()) ?? '';
    await page.getByRole('button', { name: 'Make a backup now' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: /^page-hub-.*lockhub-backup$/ }).click();
    const file = path.join(scene.dir, 'taken.lockhub-backup');
    await (await download).saveAs(file);
    expect(readFileSync(file).subarray(0, 8).toString()).toBe('LHBACKUP');
    expect(await axeViolations(page)).toEqual([]);

    await lockhub(config, 'key', 'create', '--name', 'later');
    const broken = path.join(scene.dir, 'broken.lockhub-backup');
    writeFileSync(broken, readFileSync(file).subarray(0, -1));
    const restore = async (from: string, withKey: string): Promise<void> => {
      await page.getByLabel('Backup file').setInputFiles(from);
      await page.getByRole('textbox', { name: 'Recovery key' }).fill(withKey);
      await page.getByRole('button', { name: 'Restore', exact: true }).first().click();
      await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    };
    for (const [from, withKey, words] of [
      [broken, key, /damaged or not complete/],
      [file, 'ABC', /no recovery key/],
    ] as const) {
      await restore(from, withKey);
      await page.getByText(words).waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
    }
    expect(startsOf(hub)).toBe(1);
    expect(await lockhub(config, 'key', 'list')).toContain('later');

    await restore(file, key);
    await until('the hub starts anew', WITHIN_MS, () => (startsOf(hub) === 2 ? true : undefined));
    expect(await lockhub(config, 'key', 'list')).not.toContain('later');
    // What it was refused is told by the browser, and nothing else.
    expect(faults.filter((fault) => !/409|ERR_|401/.test(fault))).toEqual([]);
    expect([...hub.stdout, ...hub.stderr].filter((line) => line.includes(key))).toEqual([]);
  } finally {
    await scene.end();
  }
});
