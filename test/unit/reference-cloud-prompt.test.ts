import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { readCommand } from '../../src/cloud/messages/command.ts';
import { readDesired } from '../../src/cloud/messages/desired.ts';
import { readPayload } from '../../src/cloud/messages/payload.ts';
import { openSealingKeys } from '../../src/cloud/sealing-keys.ts';
import { ReferenceCloud } from '../../src/reference-cloud/cloud.ts';
import { openDatabase } from '../../src/reference-cloud/database.ts';
import { offlineCode } from '../../src/reference-cloud/offline-code.ts';
import { carryOut } from '../../src/reference-cloud/prompt.ts';
import { ANYTHING } from '../../src/reference-cloud/violation.ts';
import { readLine } from '../../src/reference-cloud/words.ts';
import { hello, LOCK, report, reported, said, status, versions, type Said } from '../support/hub-voice.ts';

const NOON = Date.UTC(2026, 10, 22, 12);

let cloud: ReferenceCloud;
let sent: { readonly topic: string; readonly payload: string }[];

beforeEach(() => {
  sent = [];
  cloud = new ReferenceCloud({
    database: openDatabase(':memory:'),
    hubId: null,
    publish: async (topic, payload) => {
      sent.push({ topic, payload });
      return true;
    },
    tell: () => undefined,
    now: () => NOON,
    seal: false,
    allows: ANYTHING,
  });
});

function hear(hubId: string, { name, payload }: Said): void {
  cloud.receive({ topic: `lockhub/v1/${hubId}/${name}`, payload, retain: false });
}

async function type(
  line: string,
): Promise<{ readonly ok: boolean; readonly text: string; readonly value: unknown }> {
  const answer = await carryOut(line, cloud, {
    connection: () => 'connected',
    settled: async () => false,
    writeRevoked: async () => null,
  });
  if (typeof answer === 'string') throw new Error(answer);
  return { ...answer, text: answer.lines.join('\n') };
}

/** The newest document of the lock, as its hub reads it. */
function document() {
  const last = sent.findLast(({ topic }) => topic === `lockhub/v1/hub-1/down/desired/${LOCK}`);
  const payload = readPayload(Buffer.from(last?.payload ?? ''));
  const read = payload.ok ? readDesired(payload.value, LOCK) : payload;
  if (!read.ok) throw new Error(read.reason);
  return read.value.document;
}

describe('a line', () => {
  test.each([
    ['set a b code=0123 name="Anna B."', { words: ['a', 'b'], fields: { code: '0123', name: 'Anna B.' } }],
    ['set a b name=\'x "y" z\' max_uses=3', { words: ['a', 'b'], fields: { name: 'x "y" z', max_uses: 3 } }],
    ['set a b name= strict_start=true', { words: ['a', 'b'], fields: { name: null, strict_start: true } }],
    ['x w=[{"days": ["monday"]}] y', { words: ['y'], fields: { w: [{ days: ['monday'] }] } }],
    [
      'x starts_at=2026-12-01T15:00:00+01:00',
      { words: [], fields: { starts_at: '2026-12-01T15:00:00+01:00' } },
    ],
  ])('%s', (line, read) => {
    expect(readLine(line)).toMatchObject(read);
  });

  test.each(['', '   ', '# a comment'])('"%s" says nothing', (line) => {
    expect(readLine(line)).toBeUndefined();
  });
});

describe('with a hub and its lock', () => {
  beforeEach(() => {
    hear('hub-1', hello({ devices: [versions(1, 0)] }));
    hear('hub-1', reported(report(0, 0)));
  });

  test.each([
    ['dance', /no command/],
    ['codes', /Which lock/],
    ['codes ffff', /No lock begins/],
    ['locks hub-9', /No hub/],
    [`set ${LOCK}`, /set LOCK/],
    [`set ${LOCK} guest code=12`, /4 to 12 digits/],
    [`set ${LOCK} guest starts_at=today`, /starts_at/],
    [`set ${LOCK} "a b" code=1234`, /id of a code/],
    [`delete ${LOCK} nobody`, /No such code/],
    ['send dance', /send TYPE/],
    ['send unlock_door', /Which lock/],
    ['send ping expires=0', /seconds/],
    [`send start_pairing radio=laser duration_seconds=10`, /start_pairing: radio/],
    ['send resend_events', /resend_events: after_seq/],
    ['wait for', /wait/],
    ['wait 1', /still open/],
  ])('"%s" is refused with the reason, and sends nothing', async (line, reason) => {
    const before = sent.length;
    expect(await type(line)).toMatchObject({ ok: false, text: expect.stringMatching(reason) });
    expect(sent.length).toBe(before);
  });

  test('a code is wanted, changed field by field and no longer wanted', async () => {
    const short = LOCK.slice(0, 4);
    await type(`set ${short} guest code=0938 name="Anna B." max_uses=2`);
    expect(document()).toMatchObject({ generation: 1, version: 1, codes: [{ kind: 'valid' }] });
    await type(`set ${short} guest name= starts_at=2026-12-01T15:00:00+01:00`);
    expect(await type(`codes ${short}`)).toMatchObject({
      value: [
        { wanted: { code: '0938', max_uses: 2, starts_at: '2026-12-01T15:00:00+01:00' }, reported: null },
      ],
    });
    expect((await type(`codes ${short}`)).text).not.toContain('Anna');
    const made = (await type(`set ${short} new code=271828`)).value as { access_code_id: string };
    expect(document().codes).toHaveLength(2);
    await type(`delete ${short} guest`);
    expect(document()).toMatchObject({
      version: 4,
      codes: [{ request: { accessCodeId: made.access_code_id } }],
      tombstones: ['guest'],
    });
    await type(`set ${short} guest code=0938`);
    expect(document()).toMatchObject({ version: 5, tombstones: [] });
  });

  test('a hub that has a newer document than was ever written here gets a new generation', async () => {
    await type(`set ${LOCK} guest code=0938`);
    hear('hub-1', hello({ connection: 2, devices: [versions(7, 3)] }));
    expect(document()).toMatchObject({ generation: 8, version: 1 });
    const sync = sent.findLast(({ topic }) => topic.endsWith('/down/sync'));
    expect(JSON.parse(sync?.payload ?? '')).toMatchObject({
      cloud_time: new Date(NOON).toISOString(),
      devices: [{ device_id: LOCK, verdict: 'document_follows' }],
    });
  });

  test('a document that would be too large is refused, and the one before stays', async () => {
    const name = 'x'.repeat(200);
    let refusal = '';
    for (let count = 0; count < 1000 && refusal === ''; count += 1) {
      const answer = await type(`set ${LOCK} code-${count} code=${10_000 + count} name=${name}`);
      if (!answer.ok) refusal = answer.text;
    }
    expect(refusal).toMatch(/larger than the contract allows/);
    expect(sent.every(({ payload }) => Buffer.byteLength(payload) < 100 * 1024)).toBe(true);
    expect(document().codes.length).toBeGreaterThan(150);
  });

  test('commands go to the lock or the hub that was named', async () => {
    const commandOf = (line: string) =>
      type(line).then(() => JSON.parse(sent.at(-1)?.payload ?? '') as unknown);
    expect(await commandOf('send ping')).toMatchObject({ type: 'ping', params: {} });
    expect(await commandOf(`send ping ${LOCK}`)).toMatchObject({ params: { device_id: LOCK } });
    expect(await commandOf('send start_pairing radio=zwave duration_seconds=60 pin=01234')).toMatchObject({
      params: { radio: 'zwave', duration_seconds: 60, pin: '01234' },
    });
    expect(await commandOf(`send reveal_code 2222 guest expires=10`)).toMatchObject({
      expires_at: new Date(NOON + 10_000).toISOString(),
      params: { device_id: LOCK, access_code_id: 'guest', reply_key: expect.stringMatching(/^[\w-]{43}$/) },
    });
    hear('hub-2', hello());
    expect(await type('send ping')).toMatchObject({ ok: false, text: expect.stringMatching(/several hubs/) });
    await type('send ping hub-2');
    expect(sent.at(-1)?.topic).toBe('lockhub/v1/hub-2/down/command');
  });

  test('a lock is forgotten on both sides, while its hub is there to hear it', async () => {
    await type(`set ${LOCK} guest code=1234`);
    expect(await type(`forget ${LOCK}`)).toMatchObject({ ok: true });
    expect(sent.at(-1)?.topic).toBe('lockhub/v1/hub-1/down/sync');
    const devices = [{ device_id: LOCK, verdict: 'forget' }];
    expect(JSON.parse(sent.at(-1)?.payload ?? '')).toMatchObject({ v: 1, devices });
    expect(await type('locks')).toMatchObject({ value: [] });
    hear('hub-1', hello({ connection: 2, devices: [versions(1, 1)] }));
    hear('hub-1', status('offline', 'boot-1', 2));
    expect(await type(`forget ${LOCK}`)).toMatchObject({
      ok: false,
      text: expect.stringMatching(/not online/),
    });
  });

  test('a lock nobody has met may be given codes where there is one hub, and not where there are two', async () => {
    expect(await type(`set ${randomUUID()} guest code=1234`)).toMatchObject({ ok: true });
    hear('hub-2', hello());
    expect(await type(`set ${randomUUID()} guest code=1234`)).toMatchObject({ ok: false });
  });
});

test('a secret goes out sealed, and from then on offline codes are made here', async () => {
  const kept = new Map<string, string>();
  const secrets = {
    get: (name: string) => kept.get(name),
    set: (name: string, text: string) => void kept.set(name, text),
  };
  const keys = openSealingKeys({ secrets, clock: { now: () => ({ earliest: NOON, latest: NOON }) } });
  const own = JSON.parse(Buffer.from(hello().payload).toString());
  hear('hub-1', said('up/hello', { ...own, sealing_key: keys.current() }));
  const window = { startsAt: '2026-11-22T12:00:00Z', endsAt: '2026-11-22T14:00:00Z' };
  const line = `offline ${LOCK} ${window.startsAt} ${window.endsAt}`;
  expect(await type(line)).toMatchObject({ ok: false });
  expect(await type('secret')).toMatchObject({ ok: true });
  const command = readCommand(
    JSON.parse(sent.findLast(({ topic }) => topic.endsWith('/command'))?.payload ?? ''),
  );
  const request = command.ok && 'type' in command.value.request ? command.value.request : undefined;
  if (request?.type !== 'set_offline_secret') throw new Error('No secret was sent.');
  const opened = await keys.openSecret(request.sealedSecret, 'hub-1', request.secretId);
  if (!opened.ok) throw new Error(opened.message);
  const code = offlineCode(Buffer.from(opened.text, 'base64url'), { deviceId: LOCK, ...window });
  expect(await type(line)).toMatchObject({ ok: true, value: { code } });
  expect(await type(`offline ${LOCK} 2026-11-22T12:30:00Z ${window.endsAt}`)).toMatchObject({ ok: false });
  // For another hub, or under another id, it does not open.
  expect(await keys.openSecret(request.sealedSecret, 'hub-2', request.secretId)).toMatchObject({ ok: false });
  expect(await keys.openSecret(request.sealedSecret, 'hub-1', 'other')).toMatchObject({ ok: false });
});
