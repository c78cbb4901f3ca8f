import net from 'node:net';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { httpScene, json, meetLock, SkippingClock, statusForHost } from './http-rig.ts';

const ERROR = {
  error: { type: expect.any(String), message: expect.any(String), request_id: expect.any(String) },
};
const LOCKS = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'] as const;

async function ids(answer: Promise<Response>): Promise<readonly string[]> {
  const { devices } = (await (await answer).json()) as { devices: { device_id: string }[] };
  return devices.map(({ device_id }) => device_id);
}

/** The answer must be a failure in the one format; its type and status. */
async function problemOf(answer: Response): Promise<string> {
  const body: unknown = await answer.json();
  expect(body).toMatchObject({ ...ERROR, ok: false });
  const { error } = body as { error: { type: string; request_id: string } };
  expect(error.request_id).toBe(answer.headers.get('seam-request-id'));
  return `${answer.status} ${error.type}`;
}

const NETWORK = {
  network: '0000beef',
  library: 'a library',
  controller: 'a stick',
  frames: { sent: 9, received: 7, failed: 2 },
  nodes: [],
};

describe('failures have one format', () => {
  test.each([
    ['an unknown path', '/no/such/path', {}, '404 not_found'],
    ['a path that is none', '/%zz', {}, '400 invalid_input'],
    ['another verb', '/devices/list', { method: 'DELETE' }, '405 method_not_allowed'],
    ['a body that is no JSON', '/devices/list', { ...json({}), body: '{"limit":' }, '400 invalid_input'],
    ['a body that is no object', '/devices/list', json([1]), '400 invalid_input'],
    [
      'a prototype in a body',
      '/devices/list',
      { ...json({}), body: '{"__proto__":{}}' },
      '400 invalid_input',
    ],
    [
      'a body of another type',
      '/devices/list',
      { method: 'POST', body: 'limit' },
      '415 unsupported_media_type',
    ],
    [
      'a body that is too large',
      '/devices/list',
      json({ search: 'x'.repeat(300_000) }),
      '413 payload_too_large',
    ],
  ])('%s', async (_what, path, init: RequestInit, problem) => {
    const scene = await httpScene();
    const authorization = `Bearer ${scene.key('read')}`;
    const headers = { ...(init.headers as Record<string, string>), authorization };
    expect(await problemOf(await scene.call(path, { ...init, headers }))).toBe(problem);
  });

  test('a wrong verb is told which ones are right', async () => {
    const scene = await httpScene();
    const answer = await scene.call('/devices/get', {
      method: 'PATCH',
      headers: { authorization: `Bearer ${scene.key('read')}` },
    });
    expect(answer.headers.get('allow')).toBe('GET, POST');
  });

  test.each([
    ['no HTTP', '\u0016\u0003\u0001 hello\r\n\r\n', 400],
    ['longer than it may be', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`, 431],
  ])('what is %s is refused without a word about the hub', async (_what, text, status) => {
    const { url } = await httpScene();
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(text);
    await new Promise((resolve) => socket.once('close', resolve));
    const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
    expect(head.split(' ').slice(0, 2)).toEqual(['HTTP/1.1', String(status)]);
    expect(JSON.parse(body)).toMatchObject({ ...ERROR, ok: false });
  });

  test('a body as deep as it may be long is answered', async () => {
    const scene = await httpScene();
    const headers = { authorization: `Bearer ${scene.key('read')}`, 'content-type': 'application/json' };
    const body = `{"device_ids":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(await problemOf(await scene.call('/devices/list', { method: 'POST', headers, body }))).toBe(
      '400 invalid_input',
    );
  });

  test('a bug is a 500 with nothing from inside, and one line in the log', async () => {
    const scene = await httpScene({
      isRadioUp: () => {
        throw new Error('a secret of the inside');
      },
    });
    meetLock(scene.store, LOCKS[0]);
    const answer = await scene.call('/devices/list');
    const text = await answer.clone().text();
    expect(await problemOf(answer)).toBe('500 internal_error');
    expect(text).not.toMatch(/inside"|secret|\.ts|at /);
    expect(scene.logged.filter((line) => line.includes('a secret of the inside'))).toHaveLength(1);
  });
});

describe('parameters', () => {
  test('come from a query as from a body', async () => {
    const scene = await httpScene();
    for (const id of LOCKS) meetLock(scene.store, id);
    const headers = { authorization: `Bearer ${scene.key('read')}` };
    const both = LOCKS.map((id) => `device_ids=${id}`).join('&');
    expect(await ids(scene.call(`/devices/list?${both}&_strict=true`, { headers }))).toEqual(LOCKS);
    expect(await ids(scene.call(`/devices/list?device_ids=${LOCKS[1]}&limit=5`, { headers }))).toEqual([
      LOCKS[1],
    ]);
    expect(await ids(scene.call('/devices/list', json({ device_ids: [LOCKS[0]] }, headers)))).toEqual([
      LOCKS[0],
    ]);
    expect(await ids(scene.call('/devices/list', { ...json({}, headers), body: '' }))).toEqual(LOCKS);
  });

  test.each(['limit=0', 'limit=ten', 'limit=1&limit=2', 'page_cursor=never-given'])(
    '%s is refused',
    async (query) => {
      const scene = await httpScene();
      const answer = await scene.call(`/devices/list?${query}`);
      const { error } = (await answer.clone().json()) as {
        error: { validation_errors: Record<string, unknown> };
      };
      expect(await problemOf(answer)).toBe('400 invalid_input');
      expect(error.validation_errors).toMatchObject({
        _errors: [],
        [query.split('=')[0] ?? '']: { _errors: [expect.any(String)] },
      });
    },
  );
});

describe('health', () => {
  test('is open to all and says only yes or no', async () => {
    let state: 'down' | 'ready' = 'down';
    const { url } = await httpScene({ radios: () => [{ radio: 'zwave', state }] });
    const ask = async (path: string) => {
      const answer = await fetch(`${url}${path}`);
      return [answer.status, await answer.json()];
    };
    expect(await ask('/healthz')).toEqual([200, { ok: true }]);
    expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200);
    expect(await ask('/readyz')).toEqual([503, { ok: false }]);
    state = 'ready';
    expect(await ask('/readyz')).toEqual([200, { ok: true }]);
  });

  test('in numbers is for who has a key', async () => {
    const scene = await httpScene({
      clock: Object.assign(new SkippingClock(), { now: () => ({ earliest: 1000, latest: 4000 }) }),
      networks: () => [
        { radio: 'zwave', network: NETWORK },
        { radio: 'zigbee', network: null },
      ],
    });
    for (const id of LOCKS) meetLock(scene.store, id);
    scene.store.settled(scene.store.begin(LOCKS[0], { kind: 'set_clock' }, null, 1), 'done', 2);
    expect((await fetch(`${scene.url}/metrics`)).status).toBe(401);
    const text = await (await scene.call('/metrics')).text();
    expect(text).toContain('lockhub_locks{online="true"} 2');
    expect(text).toContain('lockhub_operations_total{kind="set_clock",outcome="done"} 1');
    expect(text).toContain('lockhub_radio_frames_total{radio="zwave",kind="failed"} 2');
    expect(text).not.toContain('zigbee');
    expect(text).toContain('lockhub_clock_uncertainty_seconds 3');
    expect(text).toContain('lockhub_http_requests_total{route="/metrics",status="401"} 1');
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  });
});

describe('documentation', () => {
  test('is valid OpenAPI 3.1 and has every route with its verbs', async () => {
    const scene = await httpScene();
    const document = (await (await scene.call('/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, object>;
    };
    const verdict = await new Validator().validate(document);
    expect(verdict).toMatchObject({ valid: true });
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths['/devices/list'] ?? {})).toEqual(['get', 'post']);
  });

  test('of real locks knows nothing of a simulation, and neither does the server', async () => {
    const scene = await httpScene();
    meetLock(scene.store, LOCKS[0]);
    const { paths } = (await (await scene.call('/openapi.json')).json()) as { paths: object };
    expect(Object.keys(paths).filter((path) => path.includes('simulate'))).toEqual([]);
    const headers = { authorization: `Bearer ${scene.key('admin')}` };
    const sent = json({ device_id: LOCKS[0] }, headers);
    expect(await problemOf(await scene.call('/devices/simulate/remove', sent))).toBe('404 not_found');
    const { device } = (await (await scene.call(`/devices/get?device_id=${LOCKS[0]}`)).json()) as {
      device: object;
    };
    expect(Object.keys(device).filter((field) => field.startsWith('can_simulate'))).toEqual([]);
  });

  test('has a page that takes nothing from another host', async () => {
    const scene = await httpScene();
    const page = await scene.call('/docs/');
    expect(page.status).toBe(200);
    expect(await page.text()).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none';script-src 'self';style-src 'self';/,
    );
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(await (await scene.call('/docs/static/swagger-initializer.js')).text()).toContain(
      '"validatorUrl":null',
    );
    expect((await fetch(`${scene.url}/docs/`)).status).toBe(401);
    expect((await fetch(`${scene.url}/docs/static/swagger-ui.css`)).status).toBe(401);
  });
});

describe('by name', () => {
  test.each([
    ['127.0.0.1:8080', 200],
    ['192.168.1.7', 200],
    ['[fe80::1]:8080', 200],
    ['localhost:1', 200],
    ['hub.example.org', 200],
    ['HUB.example.org.:8080', 200],
    ['evil.example.org', 421],
    ['127.0.0.1.evil.example.org', 421],
    ['localhost.evil.example.org', 421],
    ['127.0.0.1@evil.example.org', 421],
  ])('%s: %d', async (host, status) => {
    const scene = await httpScene({ hosts: ['hub.example.org'] });
    const authorization = `Bearer ${scene.key('read')}`;
    expect(await statusForHost(scene.url, '/devices/list', host, authorization)).toBe(status);
  });
});

test('beyond loopback it is TLS with a certificate of its own, which stays the same', async () => {
  const first = await httpScene({ host: '0.0.0.0' });
  expect(first.url).toMatch(/^https:/);
  const { port } = new URL(first.url);
  const seen = await new Promise((resolve, reject) => {
    const sent = httpsRequest(
      `https://127.0.0.1:${port}/healthz`,
      { rejectUnauthorized: false },
      (answer) => {
        answer.resume();
        resolve((answer.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256);
      },
    );
    sent.once('error', reject);
    sent.end();
  });
  expect(seen).toBe(first.fingerprint);
  expect(first.logged.join('')).toContain(first.fingerprint);
  expect(first.logged.join('')).not.toContain('PRIVATE KEY');
  const again = await httpScene({ host: '0.0.0.0', store: first.store });
  expect(again.fingerprint).toBe(first.fingerprint);
});

test('a hub that never got its port ends like any other', async () => {
  const first = await httpScene();
  const { port } = new URL(first.url);
  await expect(httpScene({ port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('a port that is taken stops nothing, and is taken as soon as it is free', async () => {
  const other = net.createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const scene = httpScene({
    port,
    clock: Object.assign(new SkippingClock(), {
      sleepFor: () => new Promise<void>((resolve) => setTimeout(resolve, 50)),
    }),
  });
  await expect(scene).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await new Promise((resolve) => other.close(resolve));
  await expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${port}/healthz`).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 5000 },
    )
    .toBe(200);
});
