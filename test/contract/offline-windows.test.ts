import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IgloohomeIssuer } from '../../drivers/offline/igloohome/issuer.ts';
import { igloohomeRules } from '../../drivers/offline/igloohome/rules.ts';
import { oracodeRules } from '../../drivers/offline/oracode/levels.ts';
import { OracodeIssuer } from '../../drivers/offline/oracode/issuer.ts';
import { roundedWindow } from '../../src/core/offline/round.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CLOCK_CHANGES } from '../support/clock-changes.ts';
import { IgloohomeServer } from '../support/igloohome-server.ts';
import { OracodeServer, timeSlot } from '../support/oracode-server.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { issuedPin, readableLog, requestOf, SecretFile } from './offline-rig.ts';

const RUNS = 250;
const SLOTS = [
  ['00:00', '23:59'],
  ['07:00', '19:00'],
  ['16:00', '10:00'],
  ['02:30', '02:30'],
] as const;

const igloohome = new IgloohomeServer();
const oracode = new OracodeServer();
const secret = new SecretFile();
const { log } = readableLog();
/** Before all windows, so that none is past. */
const now = () => 0;

beforeAll(async () => {
  await Promise.all([igloohome.listen(), oracode.listen()]);
  igloohome.rules.now = now;
  oracode.now = now;
  oracode.quota = RUNS;
  secret.write(igloohome.secret);
});

afterAll(async () => {
  await Promise.all([igloohome.server.close(), oracode.server.close()]);
  secret.remove();
});

/** Windows near a change of the clocks, of all lengths, often on the hour or of whole days. */
const windows = fc
  .record({
    change: fc.constantFrom(...CLOCK_CHANGES),
    beforeHours: fc.integer({ min: -30, max: 24 * 40 }),
    startMinutes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 59 })),
    length: fc.oneof(
      fc.integer({ min: 1, max: 72 * 60 }),
      fc.integer({ min: 1, max: 370 }).map((days) => days * 24 * 60),
      fc.integer({ min: 1, max: 370 * 24 * 60 }),
    ),
    maxRoundingMs: fc.constantFrom(HOUR_MS, DAY_MS),
    rounding: fc.constantFrom('nearest' as const, 'outward' as const),
    isOneTimeUse: fc.boolean(),
  })
  .map(({ change: [zone, at], beforeHours, startMinutes, length, ...rest }) => {
    const startsAt = Date.parse(at) - beforeHours * HOUR_MS + startMinutes * MINUTE_MS;
    return { zone, request: { startsAt, endsAt: startsAt + length * MINUTE_MS, ...rest } };
  });

test('igloohome takes every window that the hub rounds to, and the lock opens in exactly that', async () => {
  let issued = 0;
  await fc.assert(
    fc.asyncProperty(windows, async ({ zone, request }) => {
      const endsAt = request.isOneTimeUse ? null : request.endsAt;
      const answer = roundedWindow({ ...request, endsAt }, igloohomeRules(zone));
      if (!answer.ok) return;
      issued += 1;
      igloohome.rules.zone = zone;
      igloohome.codes = [];
      const { url, clientId } = igloohome;
      const account = { clientId, clientSecretFile: secret.file, devices: null };
      const urls = { url: `${url}/igloohome`, tokenUrl: `${url}/oauth2/token` };
      const storage = new MemoryRadioStorage();
      const issuer = new IgloohomeIssuer({ account: { ...account, ...urls }, storage, zone, now, log });
      issuedPin(await issuer.issue(requestOf('IGK1', answer.window)));
      const { startsAt: from, endsAt: to } = answer.window;
      expect(igloohome.codes).toMatchObject([{ from, to }]);
    }),
    { numRuns: RUNS, seed: 7 },
  );
  expect(issued).toBeGreaterThan(RUNS / 3);
});

test('Oracode takes every window that the hub rounds to', async () => {
  secret.write(oracode.token);
  const account = { url: oracode.url, tokenFile: secret.file, devices: null };
  const issuer = new OracodeIssuer({ account, storage: new MemoryRadioStorage(), now, log });
  let issued = 0;
  await fc.assert(
    fc.asyncProperty(
      windows,
      fc.subarray([...SLOTS], { minLength: 1 }),
      async ({ zone, request }, chosen) => {
        const slots = chosen.map(([checkIn, checkOut]) => timeSlot(zone, checkIn, checkOut));
        const day = {
          ...request,
          endsAt: request.startsAt + ((request.endsAt - request.startsAt) % (35 * DAY_MS)),
        };
        const answer = roundedWindow({ ...day, isOneTimeUse: false }, oracodeRules(slots));
        if (!answer.ok) return;
        issued += 1;
        oracode.doors = [{ door_id: 'd', name: 'd', model: 'm', predefined_time_slots: slots }];
        issuedPin(await issuer.issue(requestOf('d', answer.window)));
      },
    ),
    { numRuns: RUNS, seed: 8 },
  );
  expect(issued).toBeGreaterThan(RUNS / 3);
});
