import { expect, test } from 'vitest';
import { HUB_RULES, ONE_TIME_CODES_MAX } from '../../src/core/offline/hub-code.ts';
import { judge } from '../../src/core/offline/judge.ts';
import { DAY_MS, SECOND_MS } from '../../src/core/time.ts';
import { CLEAN, DOOR, doorSecret, SECRET } from '../support/offline-door.ts';
import { seededDraw } from '../support/seeded-draw.ts';

/** Of 10^10 codes, those that say a window that is open now: the promise of README. */
const OPEN_CODES = 1_837_176;
const CHANCE_A_GUESS = OPEN_CODES / 1e10;

/** More the hub never looks at within 24 hours. */
const GUESSES_A_DAY = 10;
const DOORS = 300;
const DAYS = 10;

test('so many windows contain an instant as is promised', () => {
  const { hoursMax, daysMin, daysMax } = HUB_RULES;
  let open = ONE_TIME_CODES_MAX * 24;
  for (let hours = 1; hours <= hoursMax; hours += 1) open += hours;
  for (let days = daysMin; days <= daysMax; days += 1) open += days * 24;
  expect(open).toBe(OPEN_CODES);
});

test('whoever guesses for days within the lockout gets in no more often than is promised', () => {
  const draw = seededDraw(20_261_122);
  const secret = doorSecret(SECRET);
  const start = Date.parse('2026-11-22T15:07Z');
  let guesses = 0;
  let opened = 0;
  for (let door = 0; door < DOORS; door += 1) {
    let memory = CLEAN;
    for (let now = start; now < start + DAYS * DAY_MS; now += 5 * SECOND_MS) {
      const digits = `${draw(100_000) + 100_000}`.slice(1) + `${draw(100_000) + 100_000}`.slice(1);
      const deviceId = `${DOOR} ${door}`;
      const judged = judge({ digits, deviceId }, [secret], memory, { earliest: now, latest: now });
      memory = judged.memory;
      if (judged.verdict.kind === 'refused' && judged.verdict.reason === 'locked_out') {
        now = judged.verdict.until - 5 * SECOND_MS;
        continue;
      }
      guesses += 1;
      if (judged.verdict.kind === 'opened') opened += 1;
    }
  }
  expect(guesses).toBeLessThanOrEqual(DOORS * DAYS * GUESSES_A_DAY + opened);
  expect(guesses).toBeGreaterThan(DOORS * DAYS * GUESSES_A_DAY * 0.9);
  // The count is Poisson's: four and a half deviations above the promise happen once in 100,000 seeds.
  const promised = guesses * CHANCE_A_GUESS;
  expect(opened).toBeLessThanOrEqual(promised + 4.5 * Math.sqrt(promised));
  // None at all, which would say that nothing was measured, once in 250 seeds.
  expect(opened).toBeGreaterThan(0);
});
