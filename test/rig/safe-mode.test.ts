import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../e2e/world.ts';
import { axeViolations, logIn, openWindow, startBrowser } from '../page/browser.ts';
import { ServiceHub } from './hub.ts';

/** Starts that fail one after the other, and then a start that does not. */
const SAFE_WITHIN_MS = 120_000;
/** A just-in-time code is off within 10 s of its end. */
const OFF_WITHIN_MS = 15_000;
/** Minutes of safe mode in these tests, which can't wait for a quarter of an hour. */
const RETRY_MINUTES = 1;
const RUN = '/opt/lockhub/current/scripts/lockhub run --config /etc/lockhub/lockhub.yaml';

let hub: ServiceHub;
let loginUrl: string;

beforeAll(async () => {
  hub = await ServiceHub.start();
  await hub.rig.write(
    '/etc/systemd/system/lockhub-safe.service.d/soon.conf',
    `[Service]\nExecStart=\nExecStart=${RUN} --safe-mode --retry-minutes ${RETRY_MINUTES}\n`,
  );
  await hub.rig.run('systemctl daemon-reload');
  const link = await hub.rig.run(
    'runuser -u lockhub -- lockhub login-link --config /etc/lockhub/lockhub.yaml',
  );
  loginUrl = /http\S+/.exec(link)?.[0] ?? '';
});
afterAll(() => hub.end());

function isSafe(withinMs = SAFE_WITHIN_MS): Promise<true> {
  return until('safe mode is shown', withinMs, async () =>
    (await hub.problems())[0] === 'safe_mode' ? true : undefined,
  );
}

/** A code that opens now and ends after so many seconds. */
async function guest(pin: string, seconds: number): Promise<number> {
  const endsAt = Date.now() + seconds * 1000;
  const starts_at = new Date(Date.now() - 60_000).toISOString();
  expect(await hub.wish({ name: pin, code: pin, starts_at, ends_at: new Date(endsAt).toISOString() })).toBe(
    200,
  );
  await hub.takes(pin, true, 20_000);
  return endsAt;
}

test('a broken config ends in safe mode with the last good one: expiry goes on, and the page says why', async () => {
  const endsAt = await guest('555001', 45);
  await hub.configure('hub_id: rig\nsite: {timezone: Mars/Olympus}\n');
  await hub.rig.run('systemctl restart lockhub || :');
  await isSafe();
  expect((await hub.overview())?.hub.problems[0]?.message).toContain('site.timezone');
  expect(await hub.rig.show('lockhub-safe', 'StatusText')).toContain('SAFE MODE');
  expect(await hub.log()).toContain('SAFE MODE');
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(503);
  await hub.takes('555001', false, endsAt - Date.now() + OFF_WITHIN_MS);
  expect(await hub.opens('555001')).toBe(false);
});

test('safe mode takes no wish, and its page says so on every view', async () => {
  await isSafe();
  const { locks: [lock] = [] } = (await hub.overview()) ?? {};
  const refused = await hub.call('/access_codes/create', { device_id: lock?.device_id, code: '555002' });
  expect(refused).toMatchObject({ status: 503, body: { error: { type: 'safe_mode' } } });
  const browser = await startBrowser();
  try {
    const { page } = await openWindow(browser, hub.url, { size: 'phone', scheme: 'light' });
    await logIn(page, loginUrl);
    for (const view of ['/', '/codes', '/radio']) {
      await page.goto(`${hub.url}/#${view}`);
      await page.getByRole('alert').filter({ hasText: 'Safe mode' }).waitFor();
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await axeViolations(page)).toEqual([]);
    }
  } finally {
    await browser.close();
  }
});

test('mended, the ordinary hub comes back by itself', async () => {
  await hub.configure(hub.config);
  await until('the ordinary hub runs', 2 * RETRY_MINUTES * 60_000, async () =>
    (await hub.rig.show('lockhub', 'ActiveState')) === 'active' ? true : undefined,
  );
  await hub.met();
  expect(await hub.problems()).not.toContain('safe_mode');
  expect(await hub.rig.show('lockhub-safe', 'ActiveState')).toBe('inactive');
});

test('a hub that dies at every start ends in safe mode, where codes that end go', async () => {
  await hub.rig.run('rm /etc/systemd/system/lockhub-safe.service.d/soon.conf');
  const endsAt = await guest('555003', 90);
  await hub.rig.write('/etc/lockhub/dies.mjs', "setTimeout(() => { throw new Error('planted'); }, 4000);\n");
  await hub.rig.write(
    '/etc/systemd/system/lockhub.service.d/dies.conf',
    '[Service]\nEnvironment=NODE_OPTIONS=--import=/etc/lockhub/dies.mjs\n',
  );
  await hub.rig.run('systemctl daemon-reload; systemctl restart lockhub || :');
  await isSafe();
  expect((await hub.overview())?.hub.problems[0]?.message).toContain('exit code 1');
  expect(await hub.opens('555003')).toBe(true);
  await hub.takes('555003', false, endsAt - Date.now() + OFF_WITHIN_MS);
});
