import { expect, test } from 'vitest';
import type { Draw } from '../../src/core/draw.ts';
import { judge } from '../../src/core/offline/judge.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type TimeReading } from '../../src/core/time.ts';
import { offlineCode } from '../../src/reference-cloud/offline-code.ts';
import { CLEAN, doorSecret } from '../support/offline-door.ts';
import { seededDraw } from '../support/seeded-draw.ts';

const DOORS = 1000;
const CODES = 100;
const FIRST_START = Date.parse('2026-01-01T00:00Z');
const YEAR_HOURS = 8760;

/** How wide the interval is in which the truth lies; of the last clock a floor from long ago is known, and no end. */
const CLOCKS = [
  ['sure', 0],
  ['synchronised', 2 * SECOND_MS],
  ['drifted', 10 * MINUTE_MS],
  ['told by a lock', HOUR_MS],
  ['told by the cloud only', 5 * HOUR_MS],
  ['floor', Number.POSITIVE_INFINITY],
] as const;

/** An hour or a moment around an edge of the window, or any time in or near it. */
function typedAt(startsAt: number, endsAt: number, draw: Draw): number {
  const edge = draw(2) === 0 ? startsAt : endsAt;
  const near = [edge - 1, edge, edge - draw(2 * HOUR_MS), edge + draw(2 * HOUR_MS)];
  const anywhere = startsAt - DAY_MS + draw(endsAt - startsAt + 2 * DAY_MS);
  return near[draw(6)] ?? anywhere;
}

test('codes of the reference cloud open their door exactly within their window, whatever the clock knows', () => {
  const draw = seededDraw(7);
  const opened = new Map<string, number>();
  const mistaken: string[] = [];
  for (let door = 0; door < DOORS; door += 1) {
    const bytes = Uint8Array.from({ length: 32 }, () => draw(256));
    const secrets = [doorSecret(bytes)];
    const deviceId = `door-${door}`;
    for (let code = 0; code < CODES; code += 1) {
      const startsAt = FIRST_START + draw(2 * YEAR_HOURS) * HOUR_MS;
      const oneTimeNumber = 1 + draw(5);
      const kinds = [(1 + draw(672)) * HOUR_MS, (29 + draw(339)) * DAY_MS, DAY_MS] as const;
      const kind = draw(3);
      const endsAt = startsAt + (kinds[kind] ?? DAY_MS);
      const [from = '', to = ''] = [startsAt, endsAt].map((at) => new Date(at).toISOString());
      const oneTime = kind === 2 ? { oneTimeNumber } : {};
      const digits = offlineCode(bytes, { deviceId, startsAt: from, endsAt: to, ...oneTime });

      const truth = typedAt(startsAt, endsAt, draw);
      const [clock, widthMs] = CLOCKS[draw(CLOCKS.length)] ?? CLOCKS[0];
      const behindMs = draw(Math.min(widthMs, 2000 * DAY_MS) + 1);
      const now: TimeReading = { earliest: truth - behindMs, latest: truth - behindMs + widthMs };
      const isOpen = judge({ digits, deviceId }, secrets, CLEAN, now).verdict.kind === 'opened';

      const isInside = truth >= startsAt && truth < endsAt;
      const isNear = truth >= startsAt - HOUR_MS && truth < endsAt + HOUR_MS;
      const isSurelyInside = now.earliest >= startsAt && now.latest < endsAt;
      const mustOpen = isSurelyInside || (isInside && widthMs <= HOUR_MS);
      const mustNot = !isNear || clock === 'floor' || (clock === 'sure' && !isInside);
      if (isOpen ? mustNot : mustOpen)
        mistaken.push(`${clock}: ${from} to ${to} at ${new Date(truth).toISOString()}`);
      if (isOpen) opened.set(clock, (opened.get(clock) ?? 0) + 1);
    }
  }
  expect(mistaken).toEqual([]);
  const clocksThatOpen = CLOCKS.map(([clock]) => clock).filter((clock) => clock !== 'floor');
  for (const clock of clocksThatOpen) expect(opened.get(clock), clock).toBeGreaterThan(4000);
});
