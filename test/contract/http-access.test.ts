import {
  isSeamHttpApiError,
  isSeamHttpInvalidInputError,
  isSeamHttpUnauthorizedError,
  SeamHttp,
} from '@seamapi/http';
import { describe, expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { httpScene, json, meetLock, SkippingClock, type HttpScene } from './http-rig.ts';

const LOCK = '11111111-1111-4111-8111-111111111111';

function bearer(key: string): { readonly authorization: string } {
  return { authorization: `Bearer ${key}` };
}

/** Posts the form of the login page. */
function logIn({ url }: HttpScene, code: string): Promise<Response> {
  return fetch(`${url}/login`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ code }) });
}

function codeOf({ http }: HttpScene): string {
  return new URLSearchParams(http.loginPath().split('?')[1]).get('code') ?? '';
}

/** Logs in, and answers with the cookie and the token against forged requests. */
async function session(scene: HttpScene) {
  const answer = await logIn(scene, codeOf(scene));
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  const who = await fetch(`${scene.url}/session/get`, { headers: { cookie } });
  const body = (await who.json()) as { session: { csrf_token: string; scopes: string[] } };
  return { cookie, csrf: body.session.csrf_token };
}

describe('the official client', () => {
  test('lists and gets locks', async () => {
    const scene = await httpScene();
    meetLock(scene.store, LOCK);
    const seam = new SeamHttp({ apiKey: scene.key('write', 'pins'), endpoint: scene.url });
    const [device] = await seam.devices.list({ device_ids: [LOCK], limit: 10 });
    expect(device).toMatchObject({
      device_id: LOCK,
      created_at: '2026-03-02T12:00:00.000Z',
      properties: { online: true, name: 'test lock', supported_code_lengths: [4, 5, 6, 7, 8] },
    });
    expect(await seam.devices.get({ device_id: LOCK })).toEqual(device);
  });

  test('goes through pages', async () => {
    const scene = await httpScene();
    const ids = [1, 2, 3, 4, 5].map((n) => LOCK.replaceAll('1', String(n)));
    for (const id of ids) meetLock(scene.store, id);
    const seam = new SeamHttp({ apiKey: scene.key('read'), endpoint: scene.url });
    const pages = seam.createPaginator(seam.devices.list({ limit: 2 }));
    const found = await pages.flattenToArray();
    expect(found.map(({ device_id }) => device_id)).toEqual(ids);
  });

  test('tells failures apart by its own classes', async () => {
    const { url, key } = await httpScene();
    const stranger = new SeamHttp({
      apiKey: 'seam_hub_00000000_00000000000000000000000000000000',
      endpoint: url,
    });
    const unauthorized: unknown = await stranger.devices.list().catch((error: unknown) => error);
    expect(isSeamHttpUnauthorizedError(unauthorized)).toBe(true);
    const seam = new SeamHttp({ apiKey: key('read'), endpoint: url });
    const invalid: unknown = await seam.devices.list({ limit: -1 }).catch((error: unknown) => error);
    if (!isSeamHttpInvalidInputError(invalid))
      throw new Error(`not the class for wrong input: ${String(invalid)}`);
    expect(invalid.getValidationErrorMessages('limit')).toHaveLength(1);
    expect(invalid.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const missing: unknown = await seam.devices.get({ device_id: LOCK }).catch((error: unknown) => error);
    expect(isSeamHttpApiError(missing) && [missing.statusCode, missing.code]).toEqual([
      404,
      'device_not_found',
    ]);
  });
});

describe('without a key', () => {
  test.each([
    '/',
    '/devices/list',
    '/nowhere',
    '/metrics',
    '/openapi.json',
    '/docs',
    '/session/get',
    '/logout',
  ])('%s says 401 whether or not it exists', async (path) => {
    const { url } = await httpScene();
    for (const headers of [
      {},
      bearer('seam_hub_1_2'),
      { authorization: 'Basic eDp5' },
      { cookie: 'lockhub=x' },
    ]) {
      const answer = await fetch(`${url}${path}`, { headers });
      expect([answer.status, await answer.json()]).toMatchObject([
        401,
        { error: { type: 'unauthorized' }, ok: false },
      ]);
    }
  });

  test('a browser is shown where to log in', async () => {
    const { url } = await httpScene();
    const answer = await fetch(`${url}/`, { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('<form method="post" action="/login">');
  });
});

describe('keys', () => {
  test('let in for their scopes only, and until they are revoked', async () => {
    const scene = await httpScene();
    const key = scene.key('pins');
    const ask = async (path: string) => (await fetch(`${scene.url}${path}`, { headers: bearer(key) })).status;
    expect(await ask('/devices/list')).toBe(200);
    expect(scene.store.apiKeys.list()).toMatchObject([{ name: 'pins', lastUsedAt: expect.any(Number) }]);
    scene.store.apiKeys.revoke('pins');
    expect(await ask('/devices/list')).toBe(401);
  });

  test('are in no log and no answer', async () => {
    const scene = await httpScene();
    const key = scene.key('read');
    const answers = await Promise.all(
      ['/devices/list', `/${key}`, `/devices/get?name=${key}`].map((path) =>
        fetch(`${scene.url}${path}`, { headers: bearer(key) }).then((answer) => answer.text()),
      ),
    );
    expect([...answers, ...scene.logged].join('\n')).not.toContain(key.slice(-32));
  });
});

describe('the page', () => {
  test('is entered with a code that works once', async () => {
    const scene = await httpScene();
    const code = codeOf(scene);
    const answer = await logIn(scene, `${code.slice(0, 6)}-${code.slice(6).toUpperCase()}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly/);
    expect(answer.headers.get('set-cookie')).toMatch(/SameSite=Strict/);
    expect((await logIn(scene, code)).status).toBe(401);
    expect(scene.logged.join('')).not.toContain(code);
  });

  test('a code ends after ten minutes', async () => {
    const clock = new SkippingClock();
    const scene = await httpScene({ clock });
    const code = codeOf(scene);
    clock.skippedMs = 11 * MINUTE_MS;
    expect((await logIn(scene, code)).status).toBe(401);
  });

  test('a link shows its code in the form, and nothing of it is taken for HTML', async () => {
    const { url } = await httpScene();
    const page = await (await fetch(`${url}/login?code=${encodeURIComponent('"><script>')}`)).text();
    expect(page).toContain('value="&#34;&#62;&#60;script&#62;"');
    expect(page).not.toContain('<script');
  });

  test('a session reads, and changes only with its token', async () => {
    const scene = await httpScene();
    const { cookie, csrf } = await session(scene);
    const status = async (init: RequestInit) => (await fetch(`${scene.url}/devices/list`, init)).status;
    expect(await status({ headers: { cookie } })).toBe(200);
    expect(await status(json({}, { cookie }))).toBe(403);
    expect(await status(json({}, { cookie, 'x-csrf-token': `${csrf.slice(1)}x` }))).toBe(403);
    expect(await status(json({}, { cookie, 'x-csrf-token': csrf }))).toBe(200);
  });

  test('a session ends when the person leaves, and after a working day', async () => {
    const clock = new SkippingClock();
    const scene = await httpScene({ clock });
    const [one, other] = [await session(scene), await session(scene)];
    const isIn = async (cookie: string) =>
      (await fetch(`${scene.url}/devices/list`, { headers: { cookie } })).ok;
    const headers = { cookie: one.cookie, 'x-csrf-token': one.csrf };
    const goodbye = await fetch(`${scene.url}/logout`, { method: 'POST', headers, redirect: 'manual' });
    expect([goodbye.status, await isIn(one.cookie), await isIn(other.cookie)]).toEqual([303, false, true]);
    clock.skippedMs = 12 * 60 * MINUTE_MS;
    expect(await isIn(other.cookie)).toBe(false);
  });

  test('wrong codes cost longer and longer waits', async () => {
    const clock = new SkippingClock();
    const scene = await httpScene({ clock });
    for (const seconds of [0, 0, 0, 1, 2, 4]) {
      expect((await logIn(scene, 'wrong')).status).toBe(401);
      if (seconds === 0) continue;
      const early = await logIn(scene, codeOf(scene));
      expect([early.status, early.headers.get('retry-after')]).toEqual([429, String(seconds)]);
      clock.skippedMs += seconds * SECOND_MS;
    }
    expect((await logIn(scene, codeOf(scene))).status).toBe(303);
  });
});

describe('limits', () => {
  test('a key that asks too much has to wait, and no other', async () => {
    const scene = await httpScene({ requestsPerMinute: 20 });
    const [eager, calm] = [scene.key('read'), scene.key('pins')];
    const ask = (key: string) => fetch(`${scene.url}/devices/list`, { headers: bearer(key) });
    const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await ask(eager)).status));
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    const refused = await ask(eager);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { type: 'too_many_requests' }, ok: false });
    expect((await ask(calm)).status).toBe(200);
  });

  test('strangers are counted by their address', async () => {
    const { url } = await httpScene();
    const statuses = await Promise.all(
      Array.from({ length: 310 }, async () => (await fetch(`${url}/nowhere`)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });
});
