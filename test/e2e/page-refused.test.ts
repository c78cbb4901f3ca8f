import path from 'node:path';
import { expect, test } from 'vitest';
import { freePort, Scene, startMosquitto } from '../contract/cloud-rig.ts';
import { logIn, openWindow, startBrowser } from '../page/browser.ts';
import { LOCKHUB, startProgram } from './program.ts';

const START_WITHIN_MS = 30_000;

test('a broker that refuses the login is told on the page, with what to do', async () => {
  const scene = new Scene();
  try {
    const broker = await startMosquitto(scene, ['allow_anonymous false']);
    const port = await freePort();
    const config = scene.file(
      'hub.yaml',
      [
        'hub_id: page-hub',
        'site: { timezone: Europe/Berlin }',
        'clock: { trust_system: true }',
        `data_dir: ${path.join(scene.dir, 'state')}`,
        'radios: []',
        `cloud: { url: "${broker.url}" }`,
        `http: { listen: "127.0.0.1:${port}" }`,
      ].join('\n'),
    );
    const hub = startProgram(LOCKHUB, ['run', '--config', config]);
    scene.atEnd(() => hub.end('SIGTERM'));
    await hub.line((line) => line.includes('the local API listens'), START_WITHIN_MS);
    const command = startProgram(LOCKHUB, ['login-link', '--config', config]);
    const link = await command.line((line) => line.includes('/login?code='), START_WITHIN_MS);
    const browser = await startBrowser();
    scene.atEnd(() => browser.close());
    const { page, faults } = await openWindow(browser, new URL(link).origin, {
      size: 'phone',
      scheme: 'light',
    });
    await logIn(page, link.trim());
    await page
      .getByText('The broker of the cloud refuses this hub until its login in the config is mended.')
      .waitFor();
    await page.getByText('No lock yet').waitFor();
    expect(faults).toEqual([]);
  } finally {
    await scene.end();
  }
});
