import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODES_MAX, readDesired } from '../../src/cloud/messages/desired.ts';
import { readEntry } from '../../src/cloud/messages/entry.ts';
import { PAYLOAD_BYTES_MAX, readPayload } from '../../src/cloud/messages/payload.ts';
import { readDownTopic, topicsOf } from '../../src/cloud/messages/topics.ts';
import { accept } from '../../src/core/request/accept.ts';
import { DEFAULT_POLICY, unmetLock, type LockState, type Policy } from '../../src/core/lock.ts';

const DEVICE = 'b5d27a4c-7a9e-4f31-9d0e-3a6f1c2b4d5e';
const CODE = '0f9d3a51-2b7c-4e86-8a1d-5c4b3e2f1a00';
const CANARY = '80417326';
const NOW = { earliest: Date.UTC(2026, 10, 22), latest: Date.UTC(2026, 10, 22) };
const POLICY: Policy = { ...DEFAULT_POLICY, timezone: 'Europe/Berlin' };
const SCHEDULING_LOCK: LockState = {
  lock: {
    ...unmetLock(DEVICE),
    capabilities: {
      firstSlot: 1,
      lastSlot: 5,
      adminSlots: [],
      pinLength: { min: 4, max: 8 },
      constraints: [],
      nativeScheduling: { kind: 'year_day', granuleMs: 60_000 },
      weekDaySchedules: 0,
      disabledCodes: false,
      checksum: false,
      offline: null,
    },
  },
  codes: [],
  slots: [],
};

const SOURCES = { draw: () => 0, siblings: () => [] };

const bytes = (text: string) => new TextEncoder().encode(text);

describe('an entry', () => {
  const read = (fields: object) => readEntry({ access_code_id: CODE, code: CANARY, ...fields }, DEVICE);

  test('has the defaults of the create request', () => {
    expect(read({})).toMatchObject({
      kind: 'valid',
      request: {
        accessCodeId: CODE,
        name: null,
        startsAt: null,
        endsAt: null,
        preferNativeScheduling: true,
        allowExternalModification: false,
        strictStart: false,
      },
    });
  });

  test('keeps every field, whatever the offset of its times and the case of its device', () => {
    const entry = readEntry(
      {
        access_code_id: CODE,
        device_id: DEVICE.toUpperCase(),
        name: 'Anna',
        code: '0007',
        starts_at: '2026-11-22T16:00:00+01:00',
        ends_at: '2026-11-22T17:30Z',
        prefer_native_scheduling: false,
        is_external_modification_allowed: true,
        strict_start: true,
        common_code_key: 'unknown to this hub',
      },
      DEVICE,
    );
    expect(entry).toMatchObject({
      kind: 'valid',
      request: {
        accessCodeId: CODE,
        name: 'Anna',
        startsAt: Date.UTC(2026, 10, 22, 15),
        endsAt: Date.UTC(2026, 10, 22, 17, 30),
        preferNativeScheduling: false,
        allowExternalModification: true,
        strictStart: true,
      },
    });
    expect(entry?.kind === 'valid' && entry.request.pin?.reveal()).toBe('0007');
  });

  test.each([
    [{ code: Number(CANARY) }, 'leading zeros'],
    [{ code: '123' }, '4 to 12 digits'],
    [{ code: '1234567890123' }, '4 to 12 digits'],
    [{ code: '12a4' }, '4 to 12 digits'],
    [{ code: [CANARY] }, '4 to 12 digits'],
    [{ starts_at: '2026-11-22T16:00:00' }, 'starts_at: must be an ISO 8601 time with Z or an offset'],
    [{ ends_at: '2026-02-30T16:00:00Z' }, 'ends_at: must be'],
    [{ ends_at: 1_800_000_000 }, 'ends_at: must be'],
    [{ ends_at: '9999-12-31T23:59:59Z' }, 'ends_at: must be in the years'],
    [{ starts_at: '1969-12-31T23:59:59Z' }, 'starts_at: must be in the years'],
    [{ name: 'x'.repeat(201) }, 'name: must be'],
    [{ prefer_native_scheduling: 'yes' }, 'prefer_native_scheduling: must be true or false'],
    [{ device_id: CODE }, 'device_id: names another lock'],
  ])('that is wrong says why: %j', (fields, why) => {
    const entry = read(fields);
    expect(entry).toMatchObject({ kind: 'invalid', accessCodeId: CODE, code: 'invalid_input' });
    expect(entry?.kind === 'invalid' && entry.message).toContain(why);
  });

  test.each([
    [null],
    ['text'],
    [{}],
    [{ code: '1234' }],
    [{ access_code_id: 7 }],
    [{ access_code_id: 'a b' }],
  ])('without an id is none: %j', (value) => {
    expect(readEntry(value, DEVICE)).toBeUndefined();
  });

  test('has texts that a database gives back as they went in, also where half a character was sent', () => {
    const half = { name: 'half \uD83D', common_code_key: '\uDD12' };
    expect(read(half)).toMatchObject({ request: { name: 'half \uFFFD', commonCodeKey: '\uFFFD' } });
    expect(read({ ...half, code: 1 })).toMatchObject({ kind: 'invalid', name: 'half \uFFFD' });
  });

  test('never repeats what was sent, however wrong', () => {
    const junk = fc.oneof(
      fc.constant(CANARY),
      fc.constant(Number(CANARY)),
      fc.constant([{ [CANARY]: CANARY }]),
    );
    const fields = fc.record(
      {
        code: junk,
        starts_at: junk,
        ends_at: junk,
        strict_start: junk,
        prefer_native_scheduling: junk,
        device_id: junk,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, (wrong) => {
        expect(JSON.stringify(read(wrong))).not.toContain(CANARY);
      }),
    );
  });
});

const document = (fields: object = {}) => ({ v: 1, generation: 1, version: 1, codes: [], ...fields });

describe('a document', () => {
  test.each([
    [{ generation: 0 }, 'invalid_message'],
    [{ generation: -1 }, 'invalid_message'],
    [{ version: 1.5 }, 'invalid_message'],
    [{ version: 2 ** 53 }, 'invalid_message'],
    [{ version: '1' }, 'invalid_message'],
    [{ codes: undefined }, 'invalid_message'],
    [{ codes: {} }, 'invalid_message'],
    [{ device_id: CODE }, 'wrong_device_id'],
    [{ device_id: 5 }, 'wrong_device_id'],
    [{ codes: Array.from({ length: CODES_MAX + 1 }, () => ({})) }, 'too_many_codes'],
  ])('is refused as a whole: %j', (fields, reason) => {
    expect(readDesired(document(fields), DEVICE)).toEqual({ ok: false, reason });
  });

  test('may have the highest numbers that JSON can carry', () => {
    const highest = Number.MAX_SAFE_INTEGER;
    const read = readDesired(document({ generation: highest, version: highest }), DEVICE);
    expect(read).toMatchObject({ ok: true, value: { document: { generation: highest, version: highest } } });
  });

  test('takes any id that a cloud may have, and gives it back as it came', () => {
    const codes = [
      { access_code_id: 'booking-17', code: '1111' },
      { access_code_id: 'with spaces', code: '2222' },
    ];
    const read = readDesired(document({ codes }), DEVICE);
    expect(read).toMatchObject({ ok: true, value: { leftOut: ['entry_without_id'] } });
    const taken = read.ok ? read.value.document.codes : [];
    expect(taken).toMatchObject([{ request: { accessCodeId: 'booking-17' } }]);
  });

  test('leaves out what names no code or one that was named before, the first one counts', () => {
    const codes = [
      { access_code_id: CODE, code: '1111' },
      { access_code_id: CODE, code: '2222' },
      { code: '3333' },
      'text',
    ];
    const read = readDesired(document({ codes }), DEVICE);
    expect(read).toMatchObject({
      ok: true,
      value: { leftOut: ['duplicate_entry', 'entry_without_id', 'entry_without_id'] },
    });
    const taken = read.ok ? read.value.document.codes : [];
    expect(taken).toHaveLength(1);
    expect(taken[0]?.kind === 'valid' && taken[0].request.pin?.reveal()).toBe('1111');
  });

  test('is taken or refused without a throw, whatever the bytes', () => {
    const time = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constantFrom(null, '1970-01-01T00:00:00Z', '9998-12-31T23:59:59-14:00', '2026-10-25T01:30Z', 5),
    );
    const code = fc.oneof(fc.constantFrom('1234', '0000', 1234, null), fc.anything());
    const entry = fc.record(
      { access_code_id: fc.uuid(), code, starts_at: time, ends_at: time },
      { requiredKeys: [] },
    );
    const codes = fc.array(fc.oneof(entry, fc.anything()));
    const near = fc.record({ v: fc.constantFrom(1, 1, '1'), generation: fc.nat(), version: fc.nat(), codes });
    const payload = fc.oneof(
      fc.uint8Array(),
      fc.json().map(bytes),
      near.map((value) =>
        bytes(JSON.stringify(value, (_key, field) => (typeof field === 'bigint' ? 0 : field))),
      ),
    );
    let taken = 0;
    fc.assert(
      fc.property(payload, (wire) => {
        const message = readPayload(wire);
        const read = message.ok ? readDesired(message.value, DEVICE) : message;
        if (!read.ok) return;
        const { document: sent } = read.value;
        const clear = sent.codes.filter((sentEntry) => sentEntry.kind !== 'sealed');
        accept(SCHEDULING_LOCK, { ...sent, codes: clear }, SOURCES, NOW, POLICY);
        taken += 1;
      }),
      { numRuns: 1000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

test.each([
  [bytes('{"v":1}'), undefined],
  [bytes('{"v":1.9,"more":true}'), undefined],
  [bytes('{"v":2}'), 'unknown_version'],
  [bytes('{"v":0}'), 'unknown_version'],
  [bytes('{"v":"1"}'), 'invalid_message'],
  [bytes('{}'), 'invalid_message'],
  [bytes('[1]'), 'invalid_message'],
  [bytes('null'), 'invalid_message'],
  [bytes(''), 'not_json'],
  [bytes('{"v":1'), 'not_json'],
  [new Uint8Array([0x22, 0xc3, 0x28, 0x22]), 'not_utf8'],
  [bytes(`{"v":1,"x":"${'x'.repeat(PAYLOAD_BYTES_MAX)}"}`), 'too_large'],
])('payload %# is read as %s', (payload, reason) => {
  const read = readPayload(payload);
  expect(read.ok ? undefined : read.reason).toBe(reason);
});

test.each([
  [`down/desired/${DEVICE}`, { kind: 'desired', deviceId: DEVICE }],
  [`down/desired/${DEVICE.toUpperCase()}`, { kind: 'desired', deviceId: DEVICE }],
  ['down/desired/5', { kind: 'wrong_device_id' }],
  ['down/desired', { kind: 'wrong_device_id' }],
  [`down/desired/${DEVICE}/more`, { kind: 'unsupported' }],
  ['down/ack', { kind: 'ack' }],
  ['down/ack/more', { kind: 'unsupported' }],
  ['down/sync', { kind: 'sync' }],
  ['down/command', { kind: 'command' }],
  ['up/status', { kind: 'unsupported' }],
])('the topic %s', (topic, expected) => {
  expect(readDownTopic('hub-1', `lockhub/v1/hub-1/${topic}`)).toEqual(expected);
  expect(readDownTopic('hub-1', `lockhub/v1/other/${topic}`)).toEqual({ kind: 'unsupported' });
});

test('no topic has more than six levels below nothing but the root', () => {
  const topics = topicsOf('hub-1');
  for (const topic of [topics.status, topics.hello, topics.event, topics.reported(DEVICE), topics.down]) {
    expect(topic).toMatch(/^lockhub\/v1\/hub-1\/(up|down)\//);
    expect(topic.split('/').length).toBeLessThanOrEqual(6);
  }
});
