import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/core/time.ts';
import { POLICY } from '../support/core-world.ts';
import { httpScene } from './http-rig.ts';

function safeScene() {
  return httpScene({
    policy: { ...POLICY, safeMode: true },
    safeMode: { reason: 'It hung, again and again.', untilMs: performance.now() + 15 * MINUTE_MS },
  });
}

test('in safe mode all can be read and nothing asked for, whoever asks', async () => {
  const { url, key } = await safeScene();
  const headers = { authorization: `Bearer ${key('admin')}`, 'content-type': 'application/json' };
  const status = async (route: string, method = 'POST'): Promise<number> =>
    (await fetch(url + route, { method, headers, ...(method === 'POST' && { body: '{}' }) })).status;
  expect(await status('/devices/list')).toBe(200);
  expect(await status('/access_codes/list', 'GET')).toBe(400);
  expect(await status('/page/overview', 'GET')).toBe(200);
  for (const route of [
    '/access_codes/create',
    '/access_codes/delete',
    '/locks/unlock_door',
    '/devices/delete',
  ]) {
    expect([route, await status(route)]).toEqual([route, 503]);
  }
  expect(await status('/healthz', 'GET')).toBe(200);
  expect(await status('/readyz', 'GET')).toBe(503);
});

test('the page says first that it is safe mode, why, and till when', async () => {
  const { url, key } = await safeScene();
  const answer = await fetch(`${url}/page/overview`, { headers: { authorization: `Bearer ${key('read')}` } });
  expect(await answer.json()).toMatchObject({
    page: {
      hub: {
        problems: [
          {
            code: 'safe_mode',
            message: expect.stringMatching(/It hung, again and again\..*within 15 minutes/),
          },
        ],
      },
    },
  });
});
