import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IgloohomeIssuer } from '../../drivers/offline/igloohome/issuer.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { IgloohomeServer } from '../support/igloohome-server.ts';
import type { Fault } from '../support/vendor-server.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { issuedPin, readableLog, requestOf, SecretFile } from './offline-rig.ts';

/** A full hour of Berlin that is far away. */
const START = Date.parse('2100-06-01T14:00:00Z');
const HOURLY = { kind: 'hourly', startsAt: START, endsAt: START + 3 * HOUR_MS } as const;
const LONG_MS = 10_000;

let vendor: IgloohomeServer;
let storage: MemoryRadioStorage;
let secret: SecretFile;
let issuer: IgloohomeIssuer;
const { log, lines } = readableLog();

function open(over: { url?: string; timeoutMs?: number; devices?: readonly string[] } = {}): IgloohomeIssuer {
  const { url = `${vendor.url}/igloohome`, timeoutMs = LONG_MS, devices = null } = over;
  const tokenUrl = `${vendor.url}/oauth2/token`;
  const account = { url, tokenUrl, clientId: vendor.clientId, clientSecretFile: secret.file, devices };
  return new IgloohomeIssuer({
    account,
    storage,
    zone: vendor.rules.zone,
    now: () => Date.now(),
    log,
    timeoutMs,
  });
}

beforeEach(async () => {
  vendor = await new IgloohomeServer().listen();
  storage = new MemoryRadioStorage();
  secret = new SecretFile();
  secret.write(vendor.secret);
  lines.length = 0;
  issuer = open();
});

afterEach(async () => {
  await issuer.stop();
  await vendor.server.close();
  secret.remove();
});

function lock(deviceId: string, type = 'Lock') {
  return { deviceId, deviceName: `Name of ${deviceId}`, type };
}

function asked(on: string): number {
  return vendor.server.requests.filter(({ path }) => path.includes(on)).length;
}

describe('a code', () => {
  test.each([
    ['hourly', 3 * HOUR_MS],
    ['daily', 30 * DAY_MS],
    ['one_time', DAY_MS],
  ] as const)('%s opens its lock within its window and at no other time', async (kind, length) => {
    const window = { kind, startsAt: START, endsAt: START + length };
    const outcome = await issuer.issue(requestOf('IGK1', window));
    const pin = issuedPin(outcome).reveal();
    expect(outcome).toMatchObject({ reference: expect.stringMatching(/^pin-/) as string });
    expect(
      [START - 1, START, START + length - 1, START + length].map((at) => vendor.opens('IGK1', pin, at)),
    ).toEqual([false, true, true, false]);
  });

  test('is told in the wall time of the lock, with a name that the vendor takes', async () => {
    const request = { ...requestOf('IGK1', HOURLY), name: 'x'.repeat(100) };
    issuedPin(await issuer.issue(request));
    expect(JSON.parse(vendor.server.requests.at(-1)?.text ?? '')).toEqual({
      variance: 1,
      startDate: '2100-06-01T16:00:00+02:00',
      endDate: '2100-06-01T19:00:00+02:00',
      accessName: 'x'.repeat(60),
    });
  });

  test('whose answer is lost is the same when it is asked for again, also after a restart of the hub', async () => {
    const [first, second] = [requestOf('IGK1', HOURLY), requestOf('IGK1', HOURLY)];
    for (const [request, where] of [
      [first, 'before'],
      [second, 'within'],
    ] as const) {
      vendor.server.fail({ on: 'algopin', kind: 'lost', where });
      expect(await issuer.issue(request)).toMatchObject({ kind: 'retry', reason: 'vendor_down' });
    }
    const pin = issuedPin(await issuer.issue(first));
    const other = issuedPin(await open().issue(second));
    expect(issuedPin(await open().issue(first)).equals(pin)).toBe(true);
    for (const each of [pin, other]) expect(vendor.opens('IGK1', each.reveal(), START)).toBe(true);
    expect(vendor.codes).toHaveLength(2);
  });

  test.each([
    ['hourly', 3 * HOUR_MS, 3, HOUR_MS],
    ['daily', 30 * DAY_MS, 3, DAY_MS],
    ['one_time', DAY_MS, 5, HOUR_MS],
  ] as const)('%s has digits of its own until all are used', async (kind, length, max, further) => {
    const window = { kind, startsAt: START, endsAt: START + length };
    const requests = Array.from({ length: max + 2 }, () => requestOf('IGK1', window));
    const outcomes = await Promise.all(requests.map((request) => issuer.issue(request)));
    const pins = outcomes
      .filter(({ kind: what }) => what === 'issued')
      .map((each) => issuedPin(each).reveal());
    expect(new Set(pins).size).toBe(max);
    expect(outcomes.slice(max).map((each) => (each.kind === 'refused' ? each.reason : each.kind))).toEqual([
      'quota_reached',
      'quota_reached',
    ]);
    expect(outcomes.at(-1)).toMatchObject({
      message: expect.stringContaining(`makes ${max} codes`) as string,
    });
    const later = { kind, startsAt: START + further, endsAt: START + further + length };
    issuedPin(await open().issue(requestOf('IGK1', later)));
    expect(await open().issue(requestOf('IGK1', window))).toMatchObject({ reason: 'quota_reached' });
  });

  test('takes another variance where somebody else has used one, and is refused where all are', async () => {
    const conflict = { on: 'algopin', kind: 'answer', status: 409, body: { message: 'used' } } as const;
    vendor.server.fail(conflict, conflict);
    issuedPin(await issuer.issue(requestOf('IGK1', HOURLY)));
    expect(vendor.server.requests.at(-1)?.text).toContain('"variance":3');
    expect(await open().issue(requestOf('IGK1', HOURLY))).toMatchObject({ reason: 'quota_reached' });
  });

  test('that is refused for its window costs no variance', async () => {
    const tooShort = { ...HOURLY, kind: 'daily' } as const;
    for (let count = 0; count < 5; count += 1) {
      expect(await issuer.issue(requestOf('IGK1', tooShort))).toMatchObject({ reason: 'window_refused' });
    }
  });

  test('keeps its variance when a lower one is free again', async () => {
    const [first, second] = [requestOf('IGK1', HOURLY), requestOf('IGK1', HOURLY)];
    vendor.server.fail(
      { on: 'algopin', kind: 'silent' },
      { on: 'algopin', kind: 'lost', where: 'before' },
      { on: 'algopin', kind: 'answer', status: 400, body: { message: 'odd' } },
    );
    expect(await open({ timeoutMs: 200 }).issue(first)).toMatchObject({ reason: 'timed_out' });
    issuer = open();
    expect(await issuer.issue(second)).toMatchObject({ reason: 'vendor_down' });
    expect(await issuer.issue(first)).toMatchObject({ reason: 'window_refused' });
    issuedPin(await issuer.issue(second));
    expect(vendor.codes).toHaveLength(1);
  });
});

describe('the token', () => {
  test('is asked for once by all who wait, and is replaced before it ends', async () => {
    vendor.rules.tokenLifeS = 1;
    vendor.rules.tokenEarlyMs = 300;
    const request = requestOf('IGK1', HOURLY);
    const more = [1, 2, 3].map((hours) =>
      requestOf('IGK1', { ...HOURLY, startsAt: START - hours * HOUR_MS }),
    );
    const outcomes = await Promise.all([request, ...more].map((each) => issuer.issue(each)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['issued', 'issued', 'issued', 'issued']);
    expect(vendor.tokens.size).toBe(1);
    let issues = outcomes.length;
    await expect
      .poll(async () => {
        issuedPin(await issuer.issue(request));
        issues += 1;
        return vendor.tokens.size;
      })
      .toBe(2);
    // A token that was refused would have been asked with twice.
    expect(asked('algopin')).toBe(issues);
    expect(asked('/oauth2/token')).toBe(2);
  });

  test.each([401, 403])('that is not taken any more (%i) is replaced at once', async (status) => {
    issuedPin(await issuer.issue(requestOf('IGK1', HOURLY)));
    vendor.server.fail({ on: 'algopin', kind: 'answer', status, body: { message: 'Unauthorized' } });
    issuedPin(await issuer.issue(requestOf('IGK1', HOURLY)));
    expect(vendor.tokens.size).toBe(2);
  });

  test('that is never taken is not asked for again and again', async () => {
    const never = { on: 'algopin', kind: 'answer', status: 401, body: {} } as const;
    vendor.server.fail(never, never);
    expect(await issuer.issue(requestOf('IGK1', HOURLY))).toMatchObject({
      kind: 'retry',
      reason: 'token_refused',
    });
    expect(vendor.tokens.size).toBe(2);
  });

  test('is had as soon as the file with the secret is right', async () => {
    secret.write('wrong');
    const request = requestOf('IGK1', HOURLY);
    expect(await issuer.issue(request)).toMatchObject({
      kind: 'retry',
      reason: 'token_refused',
      message: 'igloohome refuses client_id or client_secret_file (invalid_client).',
    });
    secret.remove();
    expect(await issuer.issue(request)).toMatchObject({ reason: 'token_refused' });
    secret = new SecretFile();
    secret.write(vendor.secret);
    issuedPin(await open().issue(request));
  });

  test('and no other secret shows up in the log or in a message', async () => {
    vendor.server.fail({
      on: 'algopin',
      kind: 'answer',
      status: 400,
      body: { message: 'pin 012345678 is odd' },
    });
    const refused = await issuer.issue(requestOf('IGK1', HOURLY));
    expect(refused).toMatchObject({
      reason: 'window_refused',
      message: expect.stringContaining('pin … is odd') as string,
    });
    const pin = issuedPin(await issuer.issue(requestOf('IGK1', HOURLY))).reveal();
    vendor.server.fail({ on: 'devices', kind: 'answer', status: 500 });
    await issuer.devices();
    const told = lines.join('') + JSON.stringify(refused);
    expect(lines).toHaveLength(1);
    for (const each of [pin, vendor.secret, ...vendor.tokens.keys()]) expect(told).not.toContain(each);
  });
});

type Wrong = Record<string, unknown>;
const answers: readonly (readonly [
  string,
  Omit<Extract<Fault, { kind: 'answer' }>, 'on' | 'kind'>,
  Wrong,
])[] = [
  [
    '429 with seconds',
    { status: 429, headers: { 'Retry-After': '120' } },
    { reason: 'rate_limited', afterMs: 120_000 },
  ],
  ['429 without a time', { status: 429 }, { reason: 'rate_limited', afterMs: null }],
  [
    '429 for years',
    { status: 429, headers: { 'Retry-After': '99999999' } },
    { reason: 'rate_limited', afterMs: DAY_MS },
  ],
  [
    '503 with seconds',
    { status: 503, headers: { 'Retry-After': '5' } },
    { reason: 'vendor_down', afterMs: 5000 },
  ],
  ['500 as a page', { status: 500, text: '<html>' }, { reason: 'vendor_down' }],
  ['200 as a page', { status: 200, text: '<html>' }, { reason: 'vendor_down' }],
  ['200 without digits', { status: 200, body: { pinId: 'x' } }, { reason: 'vendor_down' }],
  [
    'digits as a number, without their zeros',
    { status: 200, body: { pin: 1234567 } },
    { reason: 'vendor_down' },
  ],
  ['digits that no keypad takes', { status: 200, body: { pin: '12a4' } }, { reason: 'vendor_down' }],
  ['an endless answer', { status: 200, text: 'x'.repeat(2_000_000) }, { reason: 'vendor_down' }],
  [
    '400',
    { status: 400, body: { message: "'endDate' is odd" } },
    { kind: 'refused', reason: 'window_refused' },
  ],
  ['404', { status: 404, body: {} }, { kind: 'refused', reason: 'device_unknown' }],
];

describe('what goes wrong has a name', () => {
  test.each(answers)('%s', async (_name, answer, outcome) => {
    vendor.server.fail({ on: 'algopin', kind: 'answer', ...answer });
    expect(await issuer.issue(requestOf('IGK1', HOURLY))).toMatchObject({ kind: 'retry', ...outcome });
    const token = vendor.server.requests.filter(({ path }) => path.includes('oauth2'));
    expect(token).toHaveLength(1);
  });

  test('a redirect, and nobody else is shown the token', async () => {
    const other = await new IgloohomeServer().listen();
    const headers = { Location: `${other.url}/igloohome/devices/IGK1/algopin/hourly` };
    vendor.server.fail({ on: 'algopin', kind: 'answer', status: 307, headers });
    expect(await issuer.issue(requestOf('IGK1', HOURLY))).toMatchObject({
      kind: 'retry',
      reason: 'vendor_down',
    });
    expect(other.server.requests).toEqual([]);
    await other.server.close();
  });

  test('429 with a date', async () => {
    const date = new Date(Date.now() + HOUR_MS).toUTCString();
    vendor.server.fail({ on: 'algopin', kind: 'answer', status: 429, headers: { 'Retry-After': date } });
    const outcome = await issuer.issue(requestOf('IGK1', HOURLY));
    if (outcome.kind !== 'retry' || outcome.afterMs === null) throw new Error('No time.');
    expect(Math.abs(outcome.afterMs - HOUR_MS)).toBeLessThan(60_000);
  });

  test('a start that is past by the clock of the vendor', async () => {
    vendor.rules.now = () => START + HOUR_MS;
    expect(await issuer.issue(requestOf('IGK1', HOURLY))).toMatchObject({
      kind: 'refused',
      reason: 'clock_refused',
    });
  });

  test('a lock that this account may not use', async () => {
    const forbidden = { on: 'algopin', kind: 'answer', status: 403, body: { message: 'Forbidden' } } as const;
    vendor.server.fail(forbidden, forbidden);
    expect(await issuer.issue(requestOf('IGK1', HOURLY))).toMatchObject({
      kind: 'refused',
      reason: 'unauthorized',
    });
  });

  test.each(['algopin', 'oauth2'])('silence (%s), within the time limit', async (on) => {
    vendor.server.fail({ on, kind: 'silent' });
    const outcome = await open({ timeoutMs: 200 }).issue(requestOf('IGK1', HOURLY));
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'timed_out' });
  });

  test('a stop while the vendor is silent', async () => {
    vendor.server.fail({ on: 'algopin', kind: 'silent' });
    const outcome = issuer.issue(requestOf('IGK1', HOURLY));
    await expect.poll(() => asked('algopin')).toBe(1);
    await issuer.stop();
    expect(await outcome).toMatchObject({ kind: 'retry' });
  });

  test('a name that nobody knows, and a port at which nobody is', async () => {
    const away = open({ url: 'https://api.vendor.invalid/igloohome' });
    expect(await away.issue(requestOf('IGK1', HOURLY))).toMatchObject({
      kind: 'retry',
      reason: 'no_internet',
    });
    const down = open({ url: 'http://127.0.0.1:1' });
    expect(await down.issue(requestOf('IGK1', HOURLY))).toMatchObject({
      kind: 'retry',
      reason: 'vendor_down',
    });
  });
});

describe('the locks of an account', () => {
  test('are all that compute codes, over all pages, or those of this site', async () => {
    vendor.locks = [lock('A'), lock('Bridge', 'Bridge'), lock('B'), lock('K', 'Keypad'), lock('C')];
    const found = await issuer.devices();
    expect(found.map(({ address }) => address)).toEqual(['A', 'B', 'C']);
    expect(found[0]).toMatchObject({
      vendor: 'igloohome',
      name: 'Name of A',
      rules: { zone: 'Europe/Berlin' },
    });
    expect((await open({ devices: ['C', 'D'] }).devices()).map(({ address }) => address)).toEqual(['C']);
    expect(lines.filter((line) => line.includes('has no lock D:'))).toHaveLength(1);
  });

  test('are those that it said last while it does not answer, also after a restart, with one line in the log', async () => {
    expect(await issuer.devices()).toHaveLength(1);
    const away = open({ url: 'http://127.0.0.1:1' });
    expect((await away.devices()).map(({ address }) => address)).toEqual(['IGK1']);
    await away.devices();
    expect(lines.filter((line) => line.includes('are not listed'))).toHaveLength(1);
    vendor.locks = [];
    expect(await issuer.devices()).toEqual([]);
    expect(await open({ url: 'http://127.0.0.1:1' }).devices()).toEqual([]);
  });
});
