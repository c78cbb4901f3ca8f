import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freePort, Scene } from '../contract/cloud-rig.ts';
import { IgloohomeServer } from '../support/igloohome-server.ts';
import { OracodeServer, timeSlot } from '../support/oracode-server.ts';
import { LOCKHUB, startProgram, type Program } from './program.ts';

const START_WITHIN_MS = 30_000;
const ISSUED_WITHIN_MS = 20_000;
const ZONE = 'Europe/Berlin';

interface Shown {
  readonly access_code_id: string;
  readonly code: string | null;
  readonly is_waiting_for_code_assignment?: boolean;
  readonly starts_at: string;
  readonly ends_at: string;
}

/** Asks the local API of a hub. */
function apiOf(port: number, key: string) {
  return async (route: string, body: object = {}): Promise<Record<string, unknown>> => {
    const answer = await fetch(`http://127.0.0.1:${port}${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    expect([answer.status, text]).toEqual([200, expect.any(String)]);
    return JSON.parse(text) as Record<string, unknown>;
  };
}

async function startHub(scene: Scene, config: string): Promise<Program> {
  const hub = startProgram(LOCKHUB, ['run', '--config', config]);
  scene.atEnd(() => hub.end('SIGKILL'));
  await hub.line((line) => line.includes('the local API listens'), START_WITHIN_MS);
  return hub;
}

test('locks of the vendors of the config are devices, and their codes survive lost answers and a crash', async () => {
  const scene = new Scene();
  try {
    const igloohome = await new IgloohomeServer().listen();
    const oracode = await new OracodeServer().listen();
    scene.atEnd(() => igloohome.server.close());
    scene.atEnd(() => oracode.server.close());
    const slots = [timeSlot(ZONE, '16:00', '10:00')];
    oracode.doors = [{ door_id: 'cabin', name: 'Cabin', model: '660', predefined_time_slots: slots }];
    const port = await freePort();
    const config = scene.file(
      'hub.yaml',
      JSON.stringify({
        hub_id: 'vendors',
        site: { timezone: ZONE },
        clock: { trust_system: true },
        data_dir: path.join(scene.dir, 'state'),
        http: { listen: `127.0.0.1:${port}` },
        log: { level: 'trace' },
        offline: [
          {
            kind: 'igloohome',
            client_id: igloohome.clientId,
            client_secret_file: scene.file('igloohome', igloohome.secret),
            url: `${igloohome.url}/igloohome`,
            token_url: `${igloohome.url}/oauth2/token`,
          },
          { kind: 'dormakaba_oracode', url: oracode.url, token_file: scene.file('oracode', oracode.token) },
        ],
      }),
    );
    const hub = await startHub(scene, config);
    const made = startProgram(LOCKHUB, ['key', 'create', '--config', config, '--name', 'test']);
    expect(await made.ended()).toBe(0);
    const key = made.stdout.join('').trim();
    const ask = apiOf(port, key);
    const deviceOf = async (type: string): Promise<string | undefined> => {
      const { devices } = (await ask('/devices/list')) as {
        devices: { device_id: string; device_type: string }[];
      };
      return devices.find(({ device_type }) => device_type === type)?.device_id;
    };
    const codeOf = async (id: string): Promise<Shown> =>
      (await ask('/access_codes/get', { access_code_id: id }))['access_code'] as Shown;
    await expect
      .poll(() => deviceOf('dormakaba_oracode_door'), { timeout: START_WITHIN_MS })
      .toBeTypeOf('string');
    await expect.poll(() => deviceOf('igloohome_lock'), { timeout: START_WITHIN_MS }).toBeTypeOf('string');

    igloohome.server.fail({ on: 'algopin', kind: 'lost', where: 'within' });
    oracode.server.fail({ on: '/codes/', kind: 'answer', status: 503 });
    const issued: Shown[] = [];
    for (const [type, starts_at, ends_at] of [
      ['igloohome_lock', '2100-06-01T14:20:00Z', '2100-06-01T17:50:00Z'],
      ['dormakaba_oracode_door', '2100-06-01T13:45:00Z', '2100-06-04T08:15:00Z'],
    ] as const) {
      const wanted = { device_id: await deviceOf(type), is_offline_access_code: true, starts_at, ends_at };
      const { access_code } = (await ask('/access_codes/create', wanted)) as { access_code: Shown };
      expect(access_code).toMatchObject({ code: null, is_waiting_for_code_assignment: true });
      const id = access_code.access_code_id;
      await expect.poll(async () => (await codeOf(id)).code, { timeout: ISSUED_WITHIN_MS }).toMatch(/^\d+$/);
      issued.push(await codeOf(id));
    }
    const [hourly, level] = issued;
    if (hourly === undefined || level === undefined) throw new Error('Two codes were made.');
    for (const { code, starts_at, ends_at } of issued) {
      const opens = [Date.parse(starts_at), Date.parse(ends_at)].map(
        (at) => igloohome.opens('IGK1', code ?? '', at) || oracode.opens('cabin', code ?? '', at),
      );
      expect(opens).toEqual([true, false]);
    }
    expect([hourly.starts_at, hourly.ends_at].map((at) => Date.parse(at))).toEqual(
      ['2100-06-01T14:00:00Z', '2100-06-01T18:00:00Z'].map((at) => Date.parse(at)),
    );
    expect(igloohome.codes).toHaveLength(1);

    const askedBefore = igloohome.server.requests.filter(({ path: at }) => at.includes('algopin')).length;
    await hub.end('SIGKILL');
    const again = await startHub(scene, config);
    expect(await codeOf(hourly.access_code_id)).toMatchObject({ code: hourly.code });
    expect(await codeOf(level.access_code_id)).toMatchObject({ code: level.code });
    expect(igloohome.server.requests.filter(({ path: at }) => at.includes('algopin'))).toHaveLength(
      askedBefore,
    );
    expect(await again.end('SIGTERM')).toBe(0);

    const state = path.join(scene.dir, 'state');
    const files = readdirSync(state, { withFileTypes: true }).filter((entry) => entry.isFile());
    const kept = files.map(({ name }) => readFileSync(path.join(state, name), 'latin1'));
    const said = [...hub.stdout, ...hub.stderr, ...again.stdout, ...again.stderr, ...kept].join('\n');
    const secrets = [igloohome.secret, oracode.token, ...igloohome.tokens.keys(), hourly.code, level.code];
    for (const secret of secrets) expect(said.includes(String(secret))).toBe(false);
  } finally {
    await scene.end();
  }
}, 120_000);
