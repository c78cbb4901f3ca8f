import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { makeDataDirectory, openData } from '../../src/data.ts';
import { LOCKHUB, startProgram } from '../e2e/program.ts';
import { temporaryDirectory } from '../unit/store-fixture.ts';
import { httpScene } from './http-rig.ts';

/** A hub's config in a folder of its own, and the command line that works on it. */
function place(more = '') {
  const folder = temporaryDirectory();
  const file = path.join(folder, 'lockhub.yaml');
  writeFileSync(file, `hub_id: hub-1\nsite: {timezone: Asia/Kathmandu}\ndata_dir: data\n${more}`);
  return {
    file,
    lockhub: async (...args: readonly string[]) => {
      const program = startProgram(LOCKHUB, [...args, '--config', file]);
      const code = await program.ended();
      return { code, stdout: program.stdout, stderr: program.stderr };
    },
  };
}

/** The API of that hub while it runs. */
async function runningHub(file: string) {
  const config = loadConfig(file);
  if (!config.ok) throw new Error(config.mistakes.join('\n'));
  makeDataDirectory(config.value);
  const store = openData(config.value, () => undefined);
  const scene = await httpScene({ store });
  return {
    url: scene.url,
    statusOf: async (key: string) =>
      (await fetch(`${scene.url}/devices/list`, { headers: { authorization: `Bearer ${key}` } })).status,
  };
}

describe('lockhub key', () => {
  test('makes, lists and revokes keys of a hub that runs', async () => {
    const { file, lockhub } = place();
    const hub = await runningHub(file);
    const made = await lockhub('key', 'create', '--name', 'Front desk', '--scope', 'read', '--scope', 'pins');
    expect({ ...made, stdout: [] }).toEqual({ code: 0, stdout: [], stderr: [] });
    const [key = ''] = made.stdout;
    expect(key).toMatch(/^seam_(?!cst|at|pk)[0-9a-z_]{30,}$/);
    expect(await hub.statusOf(key)).toBe(200);

    expect(await lockhub('key', 'create', '--name', 'Front desk')).toMatchObject({ code: 1, stdout: [] });
    const { stdout } = await lockhub('key', 'list');
    expect(stdout).toEqual([expect.stringMatching(/^Front desk: read pins, made 20.+, last used 20/)]);

    expect(await lockhub('key', 'revoke', '--name', 'Front desk')).toMatchObject({ code: 0, stderr: [] });
    expect(await hub.statusOf(key)).toBe(401);
    expect(await lockhub('key', 'revoke', '--name', 'Front desk')).toMatchObject({
      code: 1,
      stderr: [expect.stringContaining('There is no key "Front desk"')],
    });
  });

  test('makes the first key before the hub ever ran', async () => {
    const { file, lockhub } = place();
    const [key = ''] = (await lockhub('key', 'create', '--name', 'first')).stdout;
    const hub = await runningHub(file);
    expect(await hub.statusOf(key)).toBe(200);
  });

  test.each([
    [['key', 'create'], /--name/],
    [['key', 'create', '--name', ' '], /up to 64/],
    [['key', 'create', '--name', 'x', '--scope', 'root'], /read, write, admin, pins/],
    [['key', 'forget'], /unknown command/],
  ])('%j is wrong: one line and 2', async (args, line) => {
    const { lockhub } = place();
    expect(await lockhub(...args)).toEqual({ code: 2, stdout: [], stderr: [expect.stringMatching(line)] });
  });
});

describe('lockhub login-link', () => {
  test('prints a link to a hub that runs, which works once', async () => {
    const { file, lockhub } = place();
    const hub = await runningHub(file);
    const { code, stdout } = await lockhub('login-link');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [expect.stringMatching(/^http:\/\/127\.0\.0\.1:8080\/login\?code=[0-9a-z]{12}$/)],
    });
    const body = new URL(stdout[0] ?? '').searchParams;
    const logIn = async () =>
      (await fetch(`${hub.url}/login`, { method: 'POST', body, redirect: 'manual' })).status;
    expect([await logIn(), await logIn()]).toEqual([303, 401]);
  });

  test('names every address of a hub that listens on all, and its certificate', async () => {
    const { lockhub } = place('http: {listen: "0.0.0.0:8443"}\n');
    const [first, ...more] = (await lockhub('login-link')).stdout;
    expect(first).toMatch(/^https:\/\/(?!0\.0\.0\.0)[^/]+:8443\/login\?code=/);
    expect(more.at(-1)).toMatch(/^certificate \(SHA-256\) ([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const again = (await lockhub('login-link')).stdout;
    expect(again.at(-1)).toBe(more.at(-1));
  });

  test('says so where there is no page', async () => {
    const { lockhub } = place('http: false\n');
    expect(await lockhub('login-link')).toMatchObject({
      code: 1,
      stderr: [expect.stringContaining('http: false')],
    });
  });
});
