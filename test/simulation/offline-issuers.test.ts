import { expect, test } from 'vitest';
import { seededRandom, type Random } from '../../drivers/sim/random.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';
import { House } from '../scenarios/house.ts';
import type { Conduct } from '../scenarios/issuer.ts';

const SEEDS = 6;
const START = Date.parse('2026-03-02T12:00:00Z');
const STEPS = 120;
const STEP_MS = 10 * MINUTE_MS;
const CODES_MAX = 25;

/** Longest that a code waits once its issuer answers again: the wait that an issuer asked for, and a try. */
const SERVED_WITHIN_MS = 25 * MINUTE_MS;

const CONDUCTS: readonly Conduct[] = [
  'answers',
  'answers',
  'is down',
  'is behind a lost internet',
  'takes no more requests for 20 minutes',
  'refuses the token',
];

interface Guest {
  readonly id: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly askedAt: Instant;
}

/** A day of one house: its issuer fails in every way, answers get lost, the power goes, and guests are asked for. */
class Day {
  readonly house = new House('Europe/Berlin', START);
  readonly guests: Guest[] = [];
  /** Since when hub and issuer have both been well. */
  wellSince = START;
  readonly #random: Random;
  readonly #forgotten = new Set<string>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.house.addOfflineLock('front', 'igloohome');
    this.house.boot();
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  step(): void {
    const { house } = this;
    const issuer = house.issuer('igloohome');
    const chance = this.below(8);
    if (chance === 0) issuer.conduct = CONDUCTS[this.below(CONDUCTS.length)] ?? 'answers';
    if (chance === 1) issuer.isMute = !issuer.isMute;
    if (chance === 2) {
      house.kill();
      house.boot();
      this.wellSince = house.time.now;
    }
    if (chance > 4 && this.guests.length < CODES_MAX) this.#ask();
    if (issuer.conduct !== 'answers' || issuer.isMute) this.wellSince = house.time.now + STEP_MS;
  }

  #ask(): void {
    const { house, guests } = this;
    const askedAt = house.time.now;
    const startsAt = (Math.floor(askedAt / HOUR_MS) + 1 + this.below(5)) * HOUR_MS;
    const guest = { id: `guest-${guests.length}`, startsAt, endsAt: startsAt + 4 * HOUR_MS, askedAt };
    guests.push(guest);
    const times = {
      starts_at: new Date(startsAt).toISOString(),
      ends_at: new Date(guest.endsAt).toISOString(),
    };
    const deviceId = house.deviceId('front');
    // The cloud forgets what is over.
    const over = guests.filter(({ id, endsAt }) => endsAt <= askedAt && !this.#forgotten.has(id));
    for (const { id } of over) {
      house.cloud.note(deviceId, id, null);
      this.#forgotten.add(id);
    }
    house.cloud.note(deviceId, guest.id, { ...times, is_offline_access_code: true });
    house.cloud.sendNext(deviceId);
  }

  /** What has to be true of every code at any time. */
  check(): number {
    const { house } = this;
    const { now } = house.time;
    const codes = new Map(house.state('front').codes.map((code) => [code.accessCodeId, code]));
    let served = 0;
    for (const { id, startsAt, endsAt, askedAt } of this.guests) {
      const code = codes.get(id);
      expect(code === undefined, `${id} is there until its end and not after it`).toBe(now >= endsAt);
      const isServed = now < endsAt && now - Math.max(this.wellSince, askedAt) > SERVED_WITHIN_MS;
      if (isServed) expect(code?.status, `${id} has its digits`).toBe('set');
      const issued = house.issuer('igloohome').digitsOf(id);
      if (code?.pin != null) {
        served += 1;
        expect(code.pin.reveal(), 'one code for one id, however often it was asked for').toBe(issued);
      } else if (code !== undefined) {
        expect(code.status).toBe(now >= startsAt - 30 * MINUTE_MS ? 'setting' : 'unset');
      }
    }
    return served;
  }
}

test.each(Array.from({ length: SEEDS }, (_, seed) => seed + 1))(
  'a day of failing issuers, seed %i',
  async (seed) => {
    const day = new Day(seed);
    const { house } = day;
    try {
      await house.passTo(START + MINUTE_MS);
      let served = 0;
      for (let index = 1; index <= STEPS; index += 1) {
        day.step();
        await house.passTo(house.time.now + STEP_MS);
        served += day.check();
      }
      expect(served).toBeGreaterThan(0);
      const told = house.cloud
        .takeTold()
        .map(({ event }) => `${event.event_type} ${String(event['access_code_id'])}`);
      for (const { id } of day.guests) {
        for (const type of ['created', 'set_on_device', 'deleted']) {
          const times = told.filter((line) => line === `access_code.${type} ${id}`).length;
          expect(times, `${type} of ${id}`).toBeLessThanOrEqual(1);
        }
        expect(told).toContain(`access_code.created ${id}`);
      }
      expect(house.log.filter((line) => line.includes('"level":50'))).toEqual([]);
    } finally {
      house.end();
    }
  },
);
