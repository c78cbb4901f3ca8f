import { describe, expect, test } from 'vitest';
import type {
  CodesAnswer,
  CommandAnswer,
  LockDetail,
  LogAnswer,
  Overview,
  PairingState,
  SessionAnswer,
  CheckedCode,
  ShownPin,
} from '../../src/http/page/types.ts';
import type { DoctorAnswer } from '../../src/http/page/doctor-types.ts';
import type { RadioView } from '../../src/http/page/radio-types.ts';
import type { NetworkView } from '../../src/core/radio-view.ts';
import { json } from './http-rig.ts';
import { DOOR, GUEST_PIN, pageScene } from './page-rig.ts';

const NETWORK: NetworkView = {
  network: '0xd1a2b3c4',
  library: 'zwave-js 15',
  controller: 'A stick',
  frames: { sent: 10, received: 9, failed: 1 },
  nodes: [
    {
      address: 2,
      deviceId: DOOR,
      name: 'test lock',
      isController: false,
      status: 'awake',
      interview: null,
      security: 'S2 access control',
      route: [],
      neighbors: [1],
      frames: null,
      lastHeardAt: Date.parse('2026-03-02T12:00:00Z'),
      rssiDbm: -71,
      linkQuality: null,
      roundTripMs: 42,
    },
  ],
};

const withNetwork = {
  radios: () => [{ radio: 'zwave', state: 'ready' }] as const,
  networks: () => [{ radio: 'zwave', network: NETWORK }] as const,
};

describe('the page is told', () => {
  test('who is logged in', async () => {
    const { page, person } = await pageScene();
    expect(await page<SessionAnswer>('session')).toEqual({
      csrf_token: person.headers['x-csrf-token'],
      scopes: ['admin', 'pins'],
      hub_id: 'hub-1',
      version: '1.2.3',
      timezone: 'America/New_York',
    });
  });

  test('what a check-up has found, to who is logged in', async () => {
    const findings: DoctorAnswer['findings'] = [
      {
        id: 'disk_full',
        severity: 'error',
        subject: null,
        what: 'It is full.',
        fix: 'Delete.',
        seen: '0 MB',
      },
    ];
    const found = { at: '2026-11-22T14:03:07Z', hub: 'running', findings, unchecked: [] } as const;
    const { page, url } = await pageScene({ checkUp: () => Promise.resolve(found) });
    expect(await page<DoctorAnswer>('doctor')).toEqual(found);
    expect((await fetch(`${url}/page/doctor`)).status).toBe(401);
  });

  test('how the hub and its locks are', async () => {
    const { page } = await pageScene(withNetwork);
    const { hub, locks } = await page<Overview>('overview');
    expect(hub).toMatchObject({
      hub_id: 'hub-1',
      cloud: null,
      radios: [{ radio: 'zwave', state: 'ready' }],
      disk: { free_bytes: 6e9, total_bytes: 8e9 },
      problems: [],
    });
    expect(hub.clock.uncertainty_ms).toBe(0);
    expect(locks).toHaveLength(1);
    expect(locks[0]).toMatchObject({
      device_id: DOOR,
      name: 'test lock',
      online: true,
      signal: {
        last_heard_at: '2026-03-02T12:00:00.000Z',
        rssi_dbm: -71,
        link_quality: null,
        round_trip_ms: 42,
      },
      slots: { used: 1, total: 5 },
      codes: { total: 1, pending: 0, with_errors: 0 },
      pending: null,
    });
  });

  test('what is wrong with the hub, and what to do', async () => {
    const { page, clock, store } = await pageScene({
      radios: () => [{ radio: 'zwave', state: 'down' }],
      cloudLink: () => ({ status: 'refused', lastFailure: 'not authorized' }),
      disk: () => ({ freeBytes: 10 * 1024 * 1024, totalBytes: 8e9, room: 'ample' }),
    });
    store.append([
      { event_type: 'hub.events_lost', occurredAt: 0, details: { count: 3, first_seq: 1, last_seq: 5 } },
    ]);
    clock.uncertainMs = 3_600_000;
    const { hub } = await page<Overview>('overview');
    expect(hub.problems.map(({ code }) => code)).toEqual([
      'clock_uncertain',
      'radio_down',
      'disk_nearly_full',
      'cloud_refused',
      'events_lost',
    ]);
    expect(hub.problems[3]?.message).toContain('not authorized');
    expect(hub.cloud).toMatchObject({ status: 'refused', last_failure: 'not authorized' });
  });

  test('that the cloud is away only when something waits for it for long', async () => {
    let status: 'online' | 'waiting' = 'waiting';
    const { page, clock, store } = await pageScene({ cloudLink: () => ({ status, lastFailure: null }) });
    store.append([{ event_type: 'hub.started', occurredAt: clock.now().earliest }]);
    const codes = async () => (await page<Overview>('overview')).hub.problems.map(({ code }) => code);
    store.outbox.ack(store.outbox.head() - 1);
    expect(await codes()).toEqual([]);
    clock.skippedMs += 16 * 60_000;
    expect(await codes()).toEqual(['cloud_away']);
    status = 'online';
    expect(await codes()).toEqual([]);
  });

  test('all of one lock', async () => {
    const { page, happen, store } = await pageScene(withNetwork);
    happen((lock) => {
      lock.pins.set(4, '4455');
      lock.hear({ kind: 'slot_changed', slot: 4 });
    });
    happen((lock) => lock.hear({ kind: 'unlocked', method: 'keycode', slot: 1 }));
    store.transaction(() => {
      const id = store.begin(DOOR, { kind: 'read_slot', slot: 3 }, null, 1000);
      store.settled(id, 'done', 1250);
    });
    store.history.measure(DOOR, { at: 5000, batteryLevel: 0.5, rssiDbm: -60, roundTripMs: 30 });
    const detail = await page<LockDetail>(`locks?device_id=${DOOR}`);
    expect(detail.slot_table.find(({ slot }) => slot === 1)).toMatchObject({
      content: 'pin',
      enabled: true,
      access_code_id: 'guest-1',
      is_managed: true,
      proof: 'read_back',
      is_writing: false,
      why: { reason: 'kept_for_code' },
    });
    expect(detail.slot_table.find(({ slot }) => slot === 4)).toMatchObject({
      content: 'pin',
      is_managed: false,
    });
    expect(detail.managed_codes).toMatchObject([
      {
        access_code_id: 'guest-1',
        name: 'Ada Guest',
        has_code: true,
        slot: 1,
        can_change: true,
        status: 'set',
      },
    ]);
    expect(detail.managed_codes[0]?.why?.message).toMatch(/^It is on the lock/);
    expect(detail.unmanaged_codes).toMatchObject([{ slot: 4, has_code: true, is_managed: false }]);
    expect(detail.timeline.codes.map(({ access_code_id, held }) => [access_code_id, held.length])).toEqual([
      ['guest-1', 1],
      [detail.unmanaged_codes[0]?.access_code_id, 1],
    ]);
    expect(detail.timeline.marks).toMatchObject([
      { kind: 'unlocked', method: 'keycode', access_code_id: 'guest-1' },
    ]);
    expect(detail.operations[0]).toMatchObject({ kind: 'read_slot', slot: 3, took_ms: 250, outcome: 'done' });
    expect(detail.measurements).toEqual([
      { at: '1970-01-01T00:00:05.000Z', battery_level: 0.5, rssi_dbm: -60, round_trip_ms: 30 },
    ]);
    expect(JSON.stringify(detail)).not.toMatch(/4455|739158/);
  });

  test('that there is no such lock, and what a span has to be', async () => {
    const { url, person } = await pageScene();
    const ask = async (query: string) => {
      const answer = await fetch(`${url}/page/locks?${query}`, { headers: person.headers });
      const { error } = (await answer.json()) as { readonly error: { readonly type: string } };
      return [answer.status, error.type];
    };
    expect(await ask('device_id=none')).toEqual([404, 'device_not_found']);
    expect(await ask(`device_id=${DOOR}&from=yesterday`)).toEqual([400, 'invalid_input']);
    expect(await ask(`device_id=${DOOR}&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`)).toEqual([
      400,
      'invalid_input',
    ]);
    expect(await ask(`device_id=${DOOR}&from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z`)).toEqual([
      400,
      'invalid_input',
    ]);
  });

  test('the codes of all locks without their PINs', async () => {
    const { page } = await pageScene();
    const answer = await page<CodesAnswer>('codes');
    expect(answer.locks).toMatchObject([{ device_id: DOOR, supported_code_lengths: [4, 5, 6, 7, 8] }]);
    expect(answer.codes).toMatchObject([{ access_code_id: 'guest-1', has_code: true }]);
    expect(answer.codes[0]).not.toHaveProperty('code');
    expect(JSON.stringify(answer)).not.toContain(GUEST_PIN);
  });

  test('its radio networks and what is let in', async () => {
    const { page } = await pageScene({
      ...withNetwork,
      pairing: () => ({
        commandId: 'c-1',
        kind: 'pair',
        radio: 'zwave',
        deviceId: null,
        closesAt: Date.parse('2026-03-02T12:05:00Z'),
        stage: 'ended',
        dsk: null,
        progress: null,
        ended: { state: 'failed', error: { code: 'timed_out', message: 'Nothing came.' } },
      }),
    });
    expect((await page<RadioView>('radio')).radios).toMatchObject([
      {
        radio: 'zwave',
        network: '0xd1a2b3c4',
        nodes: [{ device_id: DOOR, rssi_dbm: -71, is_controller: false }],
      },
    ]);
    expect(await page<PairingState>('pairing')).toEqual({
      current: {
        command_id: 'c-1',
        kind: 'pair',
        radio: 'zwave',
        device_id: null,
        closes_at: '2026-03-02T12:05:00.000Z',
        stage: 'ended',
        dsk: null,
        progress: null,
        ended: { state: 'failed', result: null, error: { code: 'timed_out', message: 'Nothing came.' } },
      },
    });
  });

  test('the log, by level and from a line on', async () => {
    const { page, logRing } = await pageScene();
    const line = (level: string, msg: string, more = {}) =>
      logRing.write(`${JSON.stringify({ level, time: '2026-03-02T12:00:00.000Z', ...more, msg })}\n`);
    line('debug', 'small');
    line('warn', 'careful', { deviceId: DOOR });
    const { lines } = await page<LogAnswer>('log?level=warn');
    expect(lines).toMatchObject([{ level: 'warn', message: 'careful', fields: { deviceId: DOOR } }]);
    const after = lines[0]?.id ?? 0;
    expect((await page<LogAnswer>(`log?level=warn&after=${after}`)).lines).toEqual([]);
  });
});

describe('a PIN', () => {
  test('is shown on a wish, and that it was is an event', async () => {
    const { post, store } = await pageScene();
    const answer = await post('codes/show', { access_code_id: 'guest-1' });
    expect(((await answer.json()) as { readonly page: ShownPin }).page).toEqual({ code: GUEST_PIN });
    expect(store.events.newest({}, 1)[0]?.event).toMatchObject({
      event_type: 'hub.code_shown',
      device_id: DOOR,
      access_code_id: 'guest-1',
      by: 'page',
    });
    expect((await post('codes/show', { access_code_id: 'nobody' })).status).toBe(404);
  });

  test('is shown to no key without the scope for it, and to no page of another site', async () => {
    const { url, key, person, store } = await pageScene();
    const head = store.outbox.head();
    const ask = async (headers: Readonly<Record<string, string>>) =>
      (await fetch(`${url}/page/codes/show`, json({ access_code_id: 'guest-1' }, headers))).status;
    expect(await ask({ authorization: `Bearer ${key('admin')}` })).toBe(403);
    expect(await ask({ cookie: person.cookie })).toBe(403);
    expect(store.outbox.head()).toBe(head);
    expect(await ask({ authorization: `Bearer ${key('pins')}` })).toBe(200);
  });
});

describe('a code that somebody still types', () => {
  test('is judged as if it were made or changed, and nothing comes of it', async () => {
    const { post, store } = await pageScene();
    const before = store.lockState(DOOR);
    const head = store.outbox.head();
    const refusalOf = async (asked: object): Promise<string | null> =>
      ((await (await post('codes/check', asked)).json()) as { readonly page: CheckedCode }).page.refusal;
    expect(await refusalOf({ create: { device_ids: [DOOR], code: GUEST_PIN } })).toMatch(
      /^code: access code .* has the same PIN/,
    );
    expect(await refusalOf({ create: { device_ids: [DOOR], code: '12' + GUEST_PIN } })).toBeNull();
    expect(await refusalOf({ update: { access_code_id: 'guest-1', ends_at: '2020-01-01T00:00Z' } })).toMatch(
      /_at: /,
    );
    expect((await post('codes/check', { update: { access_code_id: 'nobody' } })).status).toBe(404);
    expect((await post('codes/check', { create: { device_ids: ['nowhere'] } })).status).toBe(404);
    expect((await post('codes/check', {})).status).toBe(400);
    expect(store.lockState(DOOR)).toEqual(before);
    expect(store.outbox.head()).toBe(head);
  });
});

describe('a command of the page', () => {
  test('waits for the loop of its lock and is told as it is', async () => {
    const { command, page, woken, store } = await pageScene();
    const asked = await command({ type: 'lock_door', device_id: DOOR });
    expect(asked).toMatchObject({ type: 'lock_door', device_id: DOOR, state: 'accepted', result: null });
    expect(woken).toContain(DOOR);
    store.transaction(() =>
      store.commands.settle(asked.command_id, { state: 'succeeded', result: { locked: true } }, 5),
    );
    const { command: now } = await page<CommandAnswer>(`commands?command_id=${asked.command_id}`);
    expect(now).toMatchObject({ state: 'succeeded', result: { locked: true } });
    const { commands } = await page<LockDetail>(`locks?device_id=${DOOR}`);
    expect(commands).toEqual([now]);
  });

  test('that needs no radio is done at once, also without a cloud', async () => {
    const { command, woken, store } = await pageScene();
    expect(await command({ type: 'ping' })).toMatchObject({ state: 'succeeded', result: {} });
    expect(await command({ type: 'audit' })).toMatchObject({
      state: 'succeeded',
      result: { device_ids: [DOOR] },
    });
    expect(store.lockState(DOOR)?.lock.audit.dueSince).not.toBeNull();
    expect(woken).toContain(DOOR);
  });

  test('for the network goes to the radios, and asks for digits', async () => {
    const { command, post, woken, store } = await pageScene();
    const asked = await command({ type: 'start_pairing', radio: 'zwave', duration_seconds: 60 });
    expect(store.commands.get(asked.command_id)?.request).toMatchObject({
      durationMs: 60_000,
      asksForPin: true,
    });
    expect((await post('pairing/pin', { pin: '12345' })).status).toBe(200);
    expect((await post('pairing/pin', { pin: null })).status).toBe(200);
    expect((await post('pairing/pin', { pin: '1234' })).status).toBe(400);
    expect(woken).toContain('radios');
  });

  test('that makes no sense, or is not allowed, is none', async () => {
    const { post, url, key, store } = await pageScene();
    expect((await post('commands', { type: 'open_sesame' })).status).toBe(400);
    expect((await post('commands', { type: 'lock_door' })).status).toBe(400);
    expect((await post('commands', { type: 'lock_door', device_id: 'none' })).status).toBe(404);
    const reader = { authorization: `Bearer ${key('read')}` };
    const writer = { authorization: `Bearer ${key('write')}` };
    const ask = async (headers: Readonly<Record<string, string>>, type: string) =>
      (await fetch(`${url}/page/commands`, json({ type, device_id: DOOR }, headers))).status;
    expect(await ask(reader, 'lock_door')).toBe(403);
    expect(await ask(writer, 'remove_device')).toBe(403);
    expect(store.commands.openCount()).toBe(0);
    expect(await ask(writer, 'lock_door')).toBe(200);
  });
});

test('nothing of the page is in the published API', async () => {
  const { call } = await pageScene();
  const { paths } = (await (await call('/openapi.json')).json()) as { readonly paths: object };
  expect(Object.keys(paths).filter((path) => path.startsWith('/page'))).toEqual([]);
});
