import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startHouse } from '../../drivers/sim/house.ts';
import { createZwaveDriver } from '../../drivers/zwave/driver.ts';
import { SystemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import type { RadioView } from '../../src/http/page/types.ts';
import { startHub } from '../../src/hub.ts';
import { createHubLog } from '../../src/log.ts';
import { stickChoice } from '../../src/provision/stick-choice.ts';
import { laySticks } from '../support/fake-sticks.ts';
import { hubPlace } from '../unit/store-fixture.ts';
import { json } from './http-rig.ts';
import { eventually, keysOf } from './zwave-rig.ts';

const TEST_MS = 60_000;
const STICK = { ids: '10c4:ea60', manufacturer: 'Silicon Labs', product: 'CP2102N', byId: 'usb-stick' };

/** A serial device of the kernel's whose other end is the simulated stick; a stick that is pulled takes its device with it. */
async function plug(link: string, stick: string): Promise<{ readonly tty: string; pull(): Promise<void> }> {
  const line = spawn('socat', [`PTY,link=${link},rawer,wait-slave`, `TCP:${new URL(stick).host},nodelay`]);
  const pull = (): Promise<void> => ended(line);
  onTestFinished(pull);
  await eventually(() => existsSync(link), 'the serial device is there');
  return { tty: realpathSync(link), pull };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

async function startHere(root: string, zwaveKeys: ReturnType<typeof keysOf>) {
  const config = parseConfig(
    {
      hub_id: 'h',
      site: { timezone: 'UTC' },
      data_dir: root,
      radios: 'auto',
      http: { listen: '127.0.0.1:8080' },
    },
    root,
  );
  if (!config.ok) throw new Error(config.mistakes.join('\n'));
  const { http } = config.value;
  const store = hubPlace().open();
  const { log, ring: logRing } = createHubLog('silent');
  const places = { dev: path.join(root, 'dev'), sysfs: path.join(root, 'sys') };
  const sticks = stickChoice(
    store.secrets,
    ({ port }) =>
      Promise.resolve(
        createZwaveDriver({
          port,
          storage: store.radioStorage,
          securityKeys: zwaveKeys,
          log,
          testingHooks: { skipFirmwareIdentification: true },
        }),
      ),
    places,
  );
  const clock = new SystemClock();
  const hub = startHub({
    config: { ...config.value, http: http && { ...http, port: 0 } },
    drivers: [],
    sticks,
    store,
    clock,
    log,
    logRing,
    version: '0',
  });
  return { hub, sticks };
}

function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const options = { timeout: 40_000, interval: 50 };
  return vi.waitFor(async () => expect(await holds(), what).toBe(true), options);
}

it(
  'a stick that somebody confirms on the page is used at once, and found again at another port',
  async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'lockhub-auto-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const house = await startHouse();
    onTestFinished(() => house.stop());
    const first = await plug(path.join(root, 'first'), house.zwave);
    laySticks(root, [{ ...STICK, tty: path.basename(first.tty), device: first.tty }]);
    const { hub, sticks } = await startHere(root, keysOf(house));
    onTestFinished(() => hub.stop());
    if (hub.http === null) throw new Error('the page is on');
    const { url } = await hub.http.listening;
    const form = new URLSearchParams(hub.http.loginPath().split('?')[1]);
    const login = await fetch(`${url}/login`, { method: 'POST', redirect: 'manual', body: form });
    const [cookie = ''] = (login.headers.get('set-cookie') ?? '').split(';');
    const get = async <Page>(name: string): Promise<Page> => {
      const answer = await fetch(`${url}/page/${name}`, { headers: { cookie } });
      return ((await answer.json()) as { readonly page: Page }).page;
    };
    const { csrf_token: token } = await get<{ csrf_token: string }>('session');
    const post = (body: unknown): Promise<Response> =>
      fetch(`${url}/page/radio/stick`, json(body, { cookie, 'x-csrf-token': token }));

    const port = path.join(root, 'dev/serial/by-id', STICK.byId);
    const before = await get<RadioView>('radio');
    expect(before.radios).toEqual([]);
    expect(before.sticks).toMatchObject([{ port, is_sure: false, chosen: null }]);
    expect((await post({ port: '/dev/mem', kind: 'zwave' })).status).toBe(404);
    expect(sticks.chosen()).toEqual([]);

    expect((await post({ port, kind: 'zwave' })).status).toBe(200);
    expect(sticks.chosen()).toEqual([{ port, kind: 'zwave' }]);
    const states = async () => (await get<RadioView>('radio')).radios;
    await until(
      async () => (await states()).some(({ state, nodes }) => state === 'ready' && nodes.length > 1),
      'the radio is used',
    );

    await first.pull();
    await until(async () => (await states()).every(({ state }) => state === 'down'), 'the pull is noticed');
    const second = await plug(path.join(root, 'second'), house.zwave);
    expect(second.tty).toBeDefined();
    laySticks(root, [{ ...STICK, tty: path.basename(second.tty), device: second.tty }]);
    await until(
      async () => (await states()).every(({ state }) => state === 'ready'),
      'the stick is used again',
    );
  },
  TEST_MS,
);
