import {
  isSeamActionAttemptFailedError,
  isSeamHttpInvalidInputError,
  SeamHttp,
  SeamHttpApiError,
} from '@seamapi/http';
import { expect, test } from 'vitest';
import type { Command, CommandOutcome } from '../../src/core/command.ts';
import { hubPlace } from '../unit/store-fixture.ts';
import { Scene, until } from './cloud-rig.ts';
import { httpScene, json } from './http-rig.ts';
import { Receiver, tell } from './webhook-rig.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const AT = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString();

/** A hub that wrote one event a minute down, from noon on, and the official client. */
async function sceneOfEvents() {
  let now = NOON;
  const scene = await httpScene({ store: hubPlace().open({ now: () => now }) });
  const told = [
    { event_type: 'lock.unlocked', device_id: 'a', access_code_id: 'x', details: { method: 'keycode' } },
    { event_type: 'lock.locked', device_id: 'a' },
    { event_type: 'access_code.created', device_id: 'b', access_code_id: 'y' },
    { event_type: 'hub.started' },
  ] as const;
  for (const event of told) {
    scene.store.append([{ ...event, occurredAt: now - 1000 }]);
    now += 60_000;
  }
  const seam = SeamHttp.fromApiKey(scene.key('admin'), { endpoint: scene.url });
  return { ...scene, seam };
}

async function failure(work: Promise<unknown>): Promise<SeamHttpApiError> {
  return work.then(
    () => expect.unreachable(),
    (error: unknown) => error as SeamHttpApiError,
  );
}

test('events are listed by time, lock, code and type', async () => {
  const { seam } = await sceneOfEvents();
  type Filter = Parameters<typeof seam.events.list>[0];
  const seqs = async (filter: Filter): Promise<unknown[]> =>
    (await seam.events.list(filter)).map((event) => ('seq' in event ? event.seq : undefined));
  expect(await seqs({ since: AT(1) })).toEqual([2, 3, 4]);
  expect(await seqs({ since: '2026-11-22T13:02:00+01:00' })).toEqual([3, 4]);
  expect(await seqs({ between: [AT(0), AT(2)] })).toEqual([1, 2]);
  expect(await seqs({ since: AT(0), device_id: 'a' })).toEqual([1, 2]);
  expect(await seqs({ since: AT(0), device_ids: ['a', 'b'] })).toEqual([1, 2, 3]);
  expect(await seqs({ since: AT(0), access_code_ids: ['y'] })).toEqual([3]);
  expect(await seqs({ since: AT(0), event_type: 'lock.locked' })).toEqual([2]);
  expect(await seqs({ since: AT(0), event_types: ['lock.locked', 'lock.unlocked'] })).toEqual([1, 2]);
  expect(await seqs({ since: AT(0), device_id: 'unknown' })).toEqual([]);
  expect(await seqs({ since: AT(0), limit: 2 })).toEqual([1, 2]);
});

test('an event has all that existing clients read, and one is found by its id, lock or type', async () => {
  const { seam } = await sceneOfEvents();
  const [first] = await seam.events.list({ since: AT(0) });
  expect(first).toEqual({
    event_id: expect.stringMatching(/^[\da-f-]{36}$/),
    event_type: 'lock.unlocked',
    workspace_id: expect.stringMatching(/^[\da-f-]{36}$/),
    created_at: AT(0),
    occurred_at: '2026-11-22T11:59:59.000Z',
    seq: 1,
    connected_account_id: expect.stringMatching(/^[\da-f-]{36}$/),
    device_id: 'a',
    access_code_id: 'x',
    method: 'keycode',
  });
  expect(await seam.events.get({ event_id: first?.event_id ?? '' })).toEqual(first);
  expect(await seam.events.get({ device_id: 'a' })).toMatchObject({ seq: 2 });
  expect(await seam.events.get({ event_type: 'access_code.created' })).toMatchObject({ seq: 3 });
  const unknown = await failure(seam.events.get({ event_id: 'unknown' }));
  expect([unknown.statusCode, unknown.code]).toEqual([404, 'event_not_found']);
});

test('either since or between is needed, and both have to be instants', async () => {
  const { seam } = await sceneOfEvents();
  for (const filter of [
    { device_id: 'a' },
    { since: AT(0), between: [AT(0), AT(1)] },
    { since: 'yesterday' },
    { between: [AT(0)] },
    { since: AT(0), limit: 0 },
    { since: AT(0), page_cursor: 'page two' },
  ]) {
    const error = await failure(seam.events.list(filter).execute());
    expect(isSeamHttpInvalidInputError(error)).toBe(true);
  }
  expect(isSeamHttpInvalidInputError(await failure(seam.client.get('/events/get')))).toBe(true);
});

test('page after page tells each event once', async () => {
  const { call, key } = await sceneOfEvents();
  const headers = bearer(key('read'));
  const told: unknown[] = [];
  let page_cursor: string | null = null;
  do {
    const answer = await call('/events/list', json({ since: AT(0), limit: 3, page_cursor }, headers));
    const page = (await answer.json()) as {
      events: { seq: number }[];
      pagination: { next_page_cursor: string | null };
    };
    told.push(...page.events.map(({ seq }) => seq));
    page_cursor = page.pagination.next_page_cursor;
  } while (page_cursor !== null);
  expect(told).toEqual([1, 2, 3, 4]);
});

function attempt(commandId: string, outcome: CommandOutcome, more: Partial<Command> = {}): Command {
  return {
    commandId,
    type: 'unlock_door',
    request: { type: 'unlock_door', deviceId: 'a' },
    receivedAt: NOON,
    expiresAt: NOON + 1,
    outcome,
    outcomeAt: NOON,
    ...more,
  };
}

test('a command is an action attempt, which the client waits for', async () => {
  const scene = await httpScene();
  const { store } = scene;
  const add = (command: Command) => store.transaction(() => store.commands.add(command));
  const seam = SeamHttp.fromApiKey(scene.key('read'), { endpoint: scene.url });
  add(attempt('1', { state: 'accepted' }));
  add(attempt('2', { state: 'failed', error: { code: 'jammed', message: 'The bolt is stuck.' } }));
  add(attempt('3', { state: 'expired' }));
  add(
    attempt('4', { state: 'running' }, { type: 'lock_door', request: { type: 'lock_door', deviceId: 'b' } }),
  );
  add(attempt('5', { state: 'failed', error: { code: 'invalid_input', message: 'no.' } }, { request: null }));
  const get = (action_attempt_id: string, waitForActionAttempt: boolean) =>
    seam.actionAttempts.get({ action_attempt_id }, { waitForActionAttempt });
  expect(await get('1', false)).toEqual({
    action_attempt_id: '1',
    action_type: 'UNLOCK_DOOR',
    status: 'pending',
    result: null,
    error: null,
  });
  const waiting = seam.actionAttempts.get(
    { action_attempt_id: '1' },
    { waitForActionAttempt: { pollingInterval: 10, timeout: 5000 } },
  );
  const settled = { state: 'succeeded', result: { locked: false } } as const;
  store.transaction(() => store.commands.settle('1', settled, NOON));
  expect(await waiting).toMatchObject({
    status: 'success',
    result: { was_confirmed_by_device: true },
    error: null,
  });
  const failed: unknown = await get('2', true).catch((error: unknown) => error);
  expect(isSeamActionAttemptFailedError(failed) && [failed.code, failed.message]).toEqual([
    'jammed',
    'The bolt is stuck.',
  ]);
  expect(await get('3', false)).toMatchObject({ status: 'error', error: { type: 'expired' } });
  for (const unknown of ['5', 'unknown']) {
    expect(await failure(get(unknown, false))).toMatchObject({
      statusCode: 404,
      code: 'action_attempt_not_found',
    });
  }
  const list = async (filter: Parameters<typeof seam.actionAttempts.list>[0]) =>
    (await seam.actionAttempts.list(filter)).map(({ action_attempt_id }) => action_attempt_id);
  expect(await list({})).toEqual(['4', '3', '2', '1']);
  expect(await list({ device_id: 'a' })).toEqual(['3', '2', '1']);
  expect(await list({ action_attempt_ids: ['2', 'unknown', '4'] })).toEqual(['2', '4']);
  expect(await list({ action_attempt_ids: ['2', '4'], device_id: 'b' })).toEqual(['4']);
  const pages = seam.createPaginator(seam.actionAttempts.list({ limit: 2 }));
  expect((await pages.flattenToArray()).map(({ action_attempt_id }) => action_attempt_id)).toEqual([
    '4',
    '3',
    '2',
    '1',
  ]);
});

test('a webhook is made, changed and deleted by the client, and its receiver gets what happens meanwhile', async () => {
  const scene = await httpScene();
  const { store, logged } = scene;
  const undo = new Scene();
  try {
    const key = scene.key('write');
    const seam = SeamHttp.fromApiKey(key, { endpoint: scene.url });
    // The receiver learns the secret with the answer, so it has to listen before it can believe.
    const place = await new Receiver(null).open(undo);
    const webhook = await seam.webhooks.create({ url: place.url, event_types: ['lock.locked'] });
    expect(webhook).toEqual({
      webhook_id: expect.stringMatching(/^[\da-f-]{36}$/),
      url: place.url,
      event_types: ['lock.locked'],
      secret: expect.stringMatching(/^whsec_[\w+/]{43}=$/),
    });
    const { webhook_id, secret } = webhook;
    const receiver = await new Receiver(secret ?? '').open(undo);
    await scene.call('/webhooks/update', json({ webhook_id, url: receiver.url }, bearer(key)));
    tell(store, [1]);
    tell(store, [2], 'lock.unlocked');
    await until('the first has come', () => receiver.arrivals.length === 1);
    await seam.webhooks.update({ webhook_id, event_types: ['*'] });
    expect(await seam.webhooks.get({ webhook_id })).toMatchObject({ url: receiver.url, event_types: ['*'] });
    tell(store, [3], 'lock.unlocked');
    await until('the third has come', () => receiver.arrivals.length === 2);
    expect(receiver.counts).toEqual([1, 3]);
    expect(receiver.forged).toBe(0);
    expect((await seam.webhooks.list()).map((one) => one.webhook_id)).toEqual([webhook_id]);
    await seam.webhooks.delete({ webhook_id });
    expect(await seam.webhooks.list()).toEqual([]);
    expect(logged.join('')).not.toContain(secret);
    const gone = [
      seam.webhooks.get({ webhook_id }),
      seam.webhooks.delete({ webhook_id }),
      seam.webhooks.update({ webhook_id, event_types: ['*'] }),
    ];
    for (const work of gone) {
      expect(await failure(Promise.resolve(work))).toMatchObject({
        statusCode: 404,
        code: 'webhook_not_found',
      });
    }
  } finally {
    await undo.end();
  }
});

test('a webhook needs a key that may change something, an address that can be one, and there are twenty at most', async () => {
  const scene = await httpScene();
  const seam = SeamHttp.fromApiKey(scene.key('admin'), { endpoint: scene.url });
  for (const url of [
    'receiver',
    'ftp://receiver/',
    'file:///etc/passwd',
    'http://user:secret@receiver/',
    `http://receiver/${'x'.repeat(2000)}`,
  ]) {
    const error = await failure(seam.webhooks.create({ url }).execute());
    expect(isSeamHttpInvalidInputError(error)).toBe(true);
    expect(error.message).not.toContain('secret');
  }
  const reader = SeamHttp.fromApiKey(scene.key('read', 'pins'), { endpoint: scene.url });
  for (const work of [reader.webhooks.create({ url: 'http://receiver/' }), reader.webhooks.list()]) {
    expect(await failure(Promise.resolve(work))).toMatchObject({ statusCode: 403 });
  }
  expect(await seam.webhooks.create({ url: 'http://receiver/' })).toMatchObject({ event_types: ['*'] });
  for (let count = 1; count < 20; count += 1) await seam.webhooks.create({ url: 'https://receiver/' });
  const error = await failure(seam.webhooks.create({ url: 'http://receiver/' }).execute());
  expect([error.statusCode, error.code]).toEqual([409, 'too_many_webhooks']);
});

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
