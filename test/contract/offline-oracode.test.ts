import { afterEach, beforeEach, expect, test } from 'vitest';
import { OracodeIssuer } from '../../drivers/offline/oracode/issuer.ts';
import { roundedWindow } from '../../src/core/offline/round.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import type { OfflineIssueRequest } from '../../src/offline-issuer.ts';
import { OracodeServer, timeSlot } from '../support/oracode-server.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { issuedPin, readableLog, requestOf, SecretFile } from './offline-rig.ts';

const ZONE = 'America/Los_Angeles';
/** 15:40 and 10:20 in Los Angeles, which this door rounds to 16:00 and 10:00. */
const ASKED = { startsAt: Date.parse('2100-09-10T22:40:00Z'), endsAt: Date.parse('2100-09-12T17:20:00Z') };
const LONG_MS = 10_000;

let vendor: OracodeServer;
let storage: MemoryRadioStorage;
let token: SecretFile;
let issuer: OracodeIssuer;
const { log, lines } = readableLog();

function open(over: { url?: string; timeoutMs?: number; devices?: readonly string[] } = {}): OracodeIssuer {
  const { url = vendor.url, timeoutMs = LONG_MS, devices = null } = over;
  const account = { url, tokenFile: token.file, devices };
  return new OracodeIssuer({ account, storage, now: () => Date.now(), log, timeoutMs });
}

/** As the hub asks: for the window that the rules of the door give. */
async function rounded(asked = ASKED): Promise<OfflineIssueRequest> {
  const [device] = await issuer.devices();
  if (device === undefined) throw new Error('There is no door.');
  const request = { ...asked, isOneTimeUse: false, maxRoundingMs: HOUR_MS, rounding: 'nearest' } as const;
  const answer = roundedWindow(request, device.rules);
  if (!answer.ok) throw new Error(answer.refusal.message);
  return requestOf(device.address, answer.window);
}

beforeEach(async () => {
  vendor = await new OracodeServer().listen();
  const slots = [
    timeSlot(ZONE, '15:40', '10:20', { is_master: true, dormakaba_oracode_user_level_id: 'master' }),
    timeSlot(ZONE, '16:00', '10:00'),
  ];
  vendor.doors = [
    { door_id: 'cabin/1', name: 'Cabin 1', model: 'Oracode 660', predefined_time_slots: slots },
  ];
  storage = new MemoryRadioStorage();
  token = new SecretFile();
  token.write(vendor.token);
  lines.length = 0;
  issuer = open();
});

afterEach(async () => {
  await issuer.stop();
  await vendor.server.close();
  token.remove();
});

test('a code has the times and the prefix of its user level, and opens within them only', async () => {
  const request = await rounded();
  const outcome = await issuer.issue(request);
  const pin = issuedPin(outcome).reveal();
  expect(outcome).toMatchObject({ reference: 'stay-1' });
  expect(pin).toMatch(/^123\d{6}$/);
  const [from, to] = [Date.parse('2100-09-10T23:00:00Z'), Date.parse('2100-09-12T17:00:00Z')];
  expect([from - 1, from, to - 1, to].map((at) => vendor.opens('cabin/1', pin, at))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('a code whose answer is lost is the same when it is asked for again', async () => {
  const request = await rounded();
  for (const where of ['before', 'within'] as const) {
    vendor.server.fail({ on: '/codes/', kind: 'lost', where });
    expect(await issuer.issue(request)).toMatchObject({ kind: 'retry', reason: 'vendor_down' });
  }
  const pin = issuedPin(await open().issue(request)).reveal();
  expect([...vendor.codes.values()].map((code) => code.pin)).toEqual([pin]);
});

test('a window that is no level’s, a level without codes, a past one, an unknown door and a full one are refused', async () => {
  const request = await rounded();
  const { window } = request;
  const reasonOf = async (over: Partial<OfflineIssueRequest>) => {
    const outcome = await issuer.issue({ ...request, accessCodeId: JSON.stringify(over), ...over });
    return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
  };
  expect(await reasonOf({ window: { ...window, endsAt: window.endsAt + HOUR_MS } })).toBe('window_refused');
  expect(await reasonOf({ window: { ...window, endsAt: window.endsAt + 30 * DAY_MS } })).toBe(
    'window_refused',
  );
  expect(await reasonOf({ window: { ...window, levelId: 'master' } })).toBe('window_refused');
  expect(await reasonOf({ address: 'cabin/2' })).toBe('device_unknown');
  vendor.now = () => window.startsAt + DAY_MS;
  expect(await reasonOf({})).toBe('clock_refused');
  vendor.now = () => Date.now();
  vendor.quota = 0;
  expect(await reasonOf({})).toBe('quota_reached');
  vendor.quota = 1;
  expect(await reasonOf({})).toBe('issued');
});

test('a wrong token, too many questions, silence, pages and a refusal without a reason are tried again', async () => {
  const request = await rounded();
  const on = '/codes/';
  const { url } = vendor;
  const retried = async (issuing: OracodeIssuer) => {
    const outcome = await issuing.issue(request);
    return outcome.kind === 'retry' ? outcome.reason : outcome.kind;
  };
  vendor.server.fail({ on, kind: 'answer', status: 429, headers: { 'Retry-After': '7' } });
  expect(await issuer.issue(request)).toMatchObject({ kind: 'retry', reason: 'rate_limited', afterMs: 7000 });
  vendor.server.fail({ on, kind: 'answer', text: '<html>' }, { on, kind: 'answer', status: 418, body: {} });
  expect([await retried(issuer), await retried(issuer)]).toEqual(['vendor_down', 'vendor_down']);
  vendor.server.fail({ on, kind: 'silent' });
  expect(await retried(open({ timeoutMs: 200 }))).toBe('timed_out');
  expect(await retried(open({ url: url.replace('127.0.0.1', 'oracode.invalid') }))).toBe('no_internet');
  token.write('another');
  expect(await retried(issuer)).toBe('token_refused');
  token.write(vendor.token);
  expect(await retried(issuer)).toBe('issued');
  expect(lines.join('')).not.toContain(vendor.token);
});

test('a door whose levels can not be read is left out and named in the log; the others are listed', async () => {
  const [door] = vendor.doors;
  if (door === undefined) throw new Error('There is no door.');
  const broken = { ...timeSlot(ZONE, '16:00', '10:00'), check_out_time: '10:00:00[Mars/Olympus]' };
  vendor.doors = [door, { ...door, door_id: 'cabin 2', predefined_time_slots: [broken] }];
  expect((await issuer.devices()).map(({ address }) => address)).toEqual(['cabin/1']);
  await issuer.devices();
  expect(lines.filter((line) => line.includes('cabin 2') && line.includes('IANA'))).toHaveLength(1);
  expect(await open({ url: 'http://127.0.0.1:1' }).devices()).toHaveLength(1);
  expect(await open({ devices: ['cabin 3'] }).devices()).toEqual([]);
});
