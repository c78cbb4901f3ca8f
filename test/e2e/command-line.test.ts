import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROKEN_CONFIGS, GOOD_KEYS, SECRET } from '../unit/config-samples.ts';
import { LOCKHUB, startProgram } from './program.ts';

const START_WITHIN_MS = 20_000;
/** What a signal has to end the process in. */
const STOP_WITHIN_MS = 5000;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function lockhub(...args: string[]) {
  const program = startProgram(LOCKHUB, args, { cwd: folder });
  const code = await program.ended();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

function configFile(text: string | Uint8Array): string {
  const file = path.join(folder, 'lockhub.yaml');
  writeFileSync(file, text);
  return file;
}

/** A hub without radios and cloud; `dataDir` starts at the folder of the config. */
function lonelyConfig(dataDir: string): string {
  return configFile(`hub_id: h\nsite: {timezone: Asia/Kathmandu}\ndata_dir: ${dataDir}\n`);
}

async function startAndStop(dataDir: string, signal: NodeJS.Signals): Promise<void> {
  const hub = startProgram(LOCKHUB, ['run', '--config', lonelyConfig(dataDir)]);
  await hub.line((line) => line.includes('hub started'), START_WITHIN_MS);
  const sentMs = performance.now();
  expect(await hub.end(signal)).toBe(0);
  expect(performance.now() - sentMs).toBeLessThan(STOP_WITHIN_MS);
  expect(hub.stderr).toEqual([]);
  for (const line of hub.stdout) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) });
}

describe('usage', () => {
  test.each([[[]], [['run']], [['demo']], [['simulate']]])(
    '%j --help explains and ends with 0',
    async (command) => {
      const { code, stdout, stderr } = await lockhub(...command, '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: [] });
      expect(stdout[0]).toBe(
        `Usage: ${['lockhub', ...command].join(' ')} [options]${command.length === 0 ? ' [command]' : ''}`,
      );
    },
  );

  test('--version is the version of the package', async () => {
    const { code, stdout } = await lockhub('--version');
    expect({ code, stdout }).toEqual({ code: 0, stdout: [expect.stringMatching(/^\d+\.\d+\.\d+$/)] });
  });

  test.each([
    [[], /command is missing/],
    [['rum'], /unknown command 'rum'/],
    [['run'], /--config/],
    [['run', '--config'], /argument missing/],
    [['run', '--config', 'x', 'y'], /too many arguments/],
    [['run', '--config', 'x', '--loud'], /unknown option '--loud'/],
    [['demo', '--mqtt-port', '70000'], /0 to 65535/],
    [['demo', '--http-port', 'x'], /0 to 65535/],
    [['simulate', '--zwave-port', '0'], /--control-port/],
    [['simulate', '--zwave-port', '-1', '--control-port', '0'], /0 to 65535/],
    [['simulate', '--zwave-port', '0', '--control-port', '0', '--seed', 'x'], /0 to 4294967295/],
  ])('%j is wrong: one line and 2', async (args, line) => {
    const { code, stdout, stderr } = await lockhub(...args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: [], stderr: [expect.stringMatching(line)] });
  });

  test('works through a symlink', async () => {
    const link = path.join(folder, 'lockhub');
    symlinkSync(LOCKHUB, link);
    const program = startProgram(link, ['--version'], { cwd: os.tmpdir() });
    expect(await program.ended()).toBe(0);
  });
});

describe('a broken config', () => {
  test.each(BROKEN_CONFIGS)('$kind: 2 and one line, nothing created', async ({ text, mistake }) => {
    const file = configFile(text);
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await lockhub('run', '--config', file);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: [],
      stderr: [expect.stringMatching(mistake)],
    });
    expect(stderr.join()).not.toContain(SECRET);
    expect(readdirSync(folder)).toEqual(before);
  });

  test.each([
    ['is missing', undefined, /no such file$/],
    ['is no JSON', 'not json', /JSON/],
    ['lacks a key', JSON.stringify({ ...GOOD_KEYS, S0_Legacy: undefined }), /S0_Legacy/],
    [
      'has a short key',
      JSON.stringify({ ...GOOD_KEYS, S0_Legacy: SECRET }),
      /S0_Legacy is not 32 hex digits$/,
    ],
  ])('a keys file that %s: 2 and one line, nothing created', async (_kind, keys, mistake) => {
    const keysFile = path.join(folder, 'keys.json');
    rmSync(keysFile, { force: true });
    if (keys !== undefined) writeFileSync(keysFile, keys);
    const radio = `{kind: zwave, port: /dev/null, security_keys_file: keys.json}`;
    const file = configFile(`hub_id: h\nsite: {timezone: UTC}\ndata_dir: state\nradios: [${radio}]\n`);
    const { code, stdout, stderr } = await lockhub('run', '--config', file);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: [],
      stderr: [expect.stringMatching(mistake)],
    });
    expect(stderr[0]).toMatch(/^radios\[0\]\.security_keys_file: /);
    expect(stderr[0]).not.toContain(SECRET);
    expect(existsSync(path.join(folder, 'state'))).toBe(false);
  });
});

describe('start and stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it cleanly', (signal) => startAndStop('clean', signal));

  test('a hub without its cloud says at its end why it had none', async () => {
    const config = configFile(
      `hub_id: h
site: {timezone: UTC}
data_dir: cloudless
cloud: {url: 'mqtt://127.0.0.1:1', username: u, password_file: credential:mqtt}
`,
    );
    // As systemd hands it over (LoadCredential=).
    const env = { CREDENTIALS_DIRECTORY: path.join(folder, 'handed-over') };
    const hub = startProgram(LOCKHUB, ['run', '--config', config], { env });
    await hub.line((line) => line.includes('no connection to the cloud'), START_WITHIN_MS);
    expect(await hub.end('SIGTERM')).toBe(0);
    const reason = `cloud.password_file: cannot read ${env.CREDENTIALS_DIRECTORY}/mqtt (ENOENT)`;
    const [last = ''] = hub.stdout.slice(-1);
    expect(JSON.parse(last)).toMatchObject({ msg: 'hub stopped', link: { lastFailure: reason } });
  });

  test('what it keeps is for its own user only', async () => {
    await startAndStop('private', 'SIGTERM');
    const dataDir = path.join(folder, 'private');
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(readdirSync(dataDir)).toContain('hub.key');
    for (const name of readdirSync(dataDir)) {
      expect(statSync(path.join(dataDir, name)).mode & 0o077).toBe(0);
    }
  });

  test('a lost key is one line that says what to do, and 1; never a new hub', async () => {
    await startAndStop('keyless', 'SIGTERM');
    const key = path.join(folder, 'keyless', 'hub.key');
    rmSync(key);
    const { code, stderr } = await lockhub('run', '--config', lonelyConfig('keyless'));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: [expect.stringMatching(/key file .* missing.*Put the key back/)],
    });
    expect(existsSync(key)).toBe(false);
  });

  test('a damaged database is kept, and the hub begins anew and says so', async () => {
    await startAndStop('damaged', 'SIGTERM');
    const dataDir = path.join(folder, 'damaged');
    const noise = 'this is not a database, not even nearly'.repeat(100);
    writeFileSync(path.join(dataDir, 'lockhub.db'), noise);
    const file = lonelyConfig('damaged');
    const hub = startProgram(LOCKHUB, ['run', '--config', file]);
    await hub.line((line) => line.includes('hub started'), START_WITHIN_MS);
    expect(hub.stdout.join()).toContain('THE DATABASE IS LOST');
    expect(await hub.end('SIGTERM')).toBe(0);
    expect(readFileSync(path.join(dataDir, 'damaged', '0001', 'lockhub.db'), 'utf8')).toBe(noise);
    const { stdout } = await lockhub('doctor', '--config', file, '--json');
    expect(stdout.join()).toContain('database_emptied');
  });

  test('a data_dir that cannot be made is one line and 1', async () => {
    writeFileSync(path.join(folder, 'in-the-way'), '');
    const { code, stderr } = await lockhub('run', '--config', lonelyConfig('in-the-way/state'));
    expect({ code, stderr }).toEqual({ code: 1, stderr: [expect.stringMatching(/in-the-way/)] });
  });

  test('a second hub on the same data is one line and 1, and the first goes on', async () => {
    const file = lonelyConfig('shared');
    const first = startProgram(LOCKHUB, ['run', '--config', file]);
    await first.line((line) => line.includes('hub started'), START_WITHIN_MS);
    const { code, stderr } = await lockhub('run', '--config', file);
    expect({ code, stderr }).toEqual({ code: 1, stderr: [expect.stringMatching(/^Another hub is running/)] });
    expect(first.child.exitCode).toBeNull();
    await first.end('SIGKILL');
    const next = startProgram(LOCKHUB, ['run', '--config', file]);
    await next.line((line) => line.includes('hub started'), START_WITHIN_MS);
    expect(await next.end('SIGTERM')).toBe(0);
  });

  test('a radio and a broker that are not there are waited for', async () => {
    const file = configFile(
      'hub_id: h\nsite: {timezone: UTC}\ndata_dir: lonely\nlog: {level: trace}\n' +
        'radios: [{kind: zwave, port: "tcp://127.0.0.1:1"}]\n' +
        'cloud: {url: "mqtts://127.0.0.1:1", ca_file: nowhere.pem}\n',
    );
    const hub = startProgram(LOCKHUB, ['run', '--config', file]);
    await hub.line((line) => /nowhere\.pem|ca_file/.test(line), START_WITHIN_MS);
    await hub.line((line) => /"radio":"zwave"/.test(line), START_WITHIN_MS);
    expect(hub.child.exitCode).toBeNull();
    expect(await hub.end('SIGTERM')).toBe(0);
  });
});

describe('simulate', () => {
  test('a port that is taken is one line and 1', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stderr } = await lockhub('simulate', '--zwave-port', '0', '--control-port', String(port));
    server.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: [expect.stringMatching(/is in use: .*--control-port/)],
    });
  });

  test('a wrong house file is 2', async () => {
    mkdirSync(path.join(folder, 'house'), { recursive: true });
    const house = path.join(folder, 'house', 'house.yaml');
    writeFileSync(house, 'locks: [{id: front, model: safe, address: 2}]\n');
    const { code, stderr } = await lockhub(
      'simulate',
      '--zwave-port',
      '0',
      '--control-port',
      '0',
      '--house',
      house,
    );
    expect({ code, stderr }).toEqual({ code: 2, stderr: [expect.stringMatching(/locks\.0\.model/)] });
  });

  test('Zigbee locks without a Zigbee stick, and a memory that is none, are 2', async () => {
    const house = path.join(folder, 'zigbee-house.yaml');
    writeFileSync(house, 'locks: [{id: front, model: dl-plain, address: "0x000d6ffffe000001"}]\n');
    const ports = ['simulate', '--zwave-port', '0', '--control-port', '0'];
    const homeless = await lockhub(...ports, '--house', house);
    expect(homeless).toMatchObject({ code: 2, stderr: [expect.stringMatching(/front is a Zigbee device/)] });
    const forgetful = await lockhub(...ports, '--zigbee-port', '0', '--zigbee-memory', house);
    expect(forgetful).toMatchObject({
      code: 2,
      stderr: [expect.stringMatching(/zigbee-house\.yaml: is not JSON/)],
    });
  });

  test('names its Zigbee stick when it has one, with two locks that ask to join', async () => {
    const args = ['simulate', '--zwave-port', '0', '--zigbee-port', '0', '--control-port', '0'];
    const house = startProgram(LOCKHUB, args);
    const ready = JSON.parse(await house.line((line) => line.startsWith('{'), START_WITHIN_MS)) as {
      readonly zigbee: string;
      readonly control: string;
    };
    expect(ready.zigbee).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
    const locks = (await (await fetch(`${ready.control}/locks`)).json()) as readonly {
      readonly radio: string;
    }[];
    expect(locks.filter(({ radio }) => radio === 'zigbee')).toMatchObject([
      { id: 'terrace', address: '0x000d6ffffe000001', model: 'dl-schedules', joined: false, asks: 'join' },
      { id: 'cellar', address: '0x000d6ffffe000002', model: 'dl-base-0', joined: false, asks: 'join' },
    ]);
    expect(await house.end('SIGTERM')).toBe(0);
  });

  test('prints its ready line, writes the keys and ends at a signal', async () => {
    const keysFile = path.join(folder, 'house-keys.json');
    const args = ['simulate', '--zwave-port', '0', '--control-port', '0', '--keys-file', keysFile];
    const house = startProgram(LOCKHUB, args);
    const ready: unknown = JSON.parse(await house.line((line) => line.startsWith('{'), START_WITHIN_MS));
    expect(ready).toEqual({
      zwave: expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/),
      control: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      security_keys_file: keysFile,
    });
    expect(statSync(keysFile).mode & 0o777).toBe(0o600);
    expect(await house.end('SIGTERM')).toBe(0);
    expect(house.stdout).toHaveLength(1);
  });
});
