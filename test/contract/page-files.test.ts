import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../unit/store-fixture.ts';
import { pageScene } from './page-rig.ts';

/** A page as the build leaves it. */
function builtPage(): string {
  const folder = temporaryDirectory();
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>lockhub</title>');
  writeFileSync(path.join(folder, 'assets/index-D4f5.js'), 'export {};');
  writeFileSync(path.join(folder, '..', `${path.basename(folder)}-outside.txt`), 'outside');
  return folder;
}

test('the page is there for who is logged in, and its assets are kept for ever', async () => {
  const { url, person } = await pageScene({ pageFolder: builtPage() });
  const index = await fetch(url, { headers: { cookie: person.cookie } });
  expect([index.status, index.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(index.headers.get('content-type')).toMatch(/^text\/html/);
  expect(index.headers.get('permissions-policy')).toContain('camera=(self)');
  expect(await index.text()).toContain('<title>lockhub</title>');
  const asset = await fetch(`${url}/assets/index-D4f5.js`, { headers: { cookie: person.cookie } });
  expect([asset.status, asset.headers.get('cache-control')]).toEqual([
    200,
    'public, max-age=31536000, immutable',
  ]);
  expect(asset.headers.get('content-type')).toMatch(/javascript/);
});

test('strangers get the login page and no asset', async () => {
  const { url } = await pageScene({ pageFolder: builtPage() });
  const index = await fetch(url, { headers: { accept: 'text/html' } });
  expect(index.status).toBe(401);
  expect(await index.text()).toContain('One-time code');
  expect((await fetch(`${url}/assets/index-D4f5.js`)).status).toBe(401);
  expect((await fetch(`${url}/login.css`)).status).toBe(200);
});

test('what is no file of the page is not found, wherever it is', async () => {
  const folder = builtPage();
  const { url, person } = await pageScene({ pageFolder: folder });
  const outside = `%2e%2e/%2e%2e/${path.basename(folder)}-outside.txt`;
  for (const name of ['none.js', outside, `..%2f..%2f${path.basename(folder)}-outside.txt`, '', '%00']) {
    const answer = await fetch(`${url}/assets/${name}`, { headers: { cookie: person.cookie } });
    expect([name, answer.status >= 400 && answer.status < 500]).toEqual([name, true]);
    expect(await answer.json()).toMatchObject({ ok: false });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  }
});

test('a page that was never built says so', async () => {
  const { url, person } = await pageScene({ pageFolder: path.join(temporaryDirectory(), 'none') });
  const answer = await fetch(url, { headers: { cookie: person.cookie } });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { type: 'page_not_built' }, ok: false });
});
