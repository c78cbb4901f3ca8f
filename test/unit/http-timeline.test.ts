import { describe, expect, test } from 'vitest';
import { windowsBetween } from '../../src/core/timing/weekly.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { timelineOf, type TimelineSources } from '../../src/http/page/timeline.ts';
import { CoreWorld, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');

/** Around the instant at which a world begins, with nothing in the past. */
function sources(world: CoreWorld, more: Partial<TimelineSources> = {}): TimelineSources {
  return {
    state: world.state,
    policy: POLICY,
    now: world.reading,
    from: NOON - 7 * DAY_MS,
    to: NOON + 14 * DAY_MS,
    tenures: [],
    formerCode: () => undefined,
    events: [],
    ...more,
  };
}

const span = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });

const shown = (world: CoreWorld) =>
  timelineOf(sources(world)).codes.map((code) => [code.access_code_id, code.strategy, code.writes_from]);

const event = (seq: number, event_type: string, more = {}) => ({
  seq,
  createdAt: NOON,
  event: { event_type, occurred_at: new Date(NOON + seq).toISOString(), ...more },
});

/** A code that was deleted before its end. */
const LAST_GUEST = {
  name: 'Last guest',
  startsAt: null,
  endsAt: NOON + DAY_MS,
  createdAt: NOON - DAY_MS,
  deletedAt: NOON - HOUR_MS,
};

describe('weekly windows', () => {
  const weekly = {
    startsAt: null,
    endsAt: null,
    weeklyWindows: [{ days: ['monday', 'thursday'] as const, start: '09:00', stop: '17:00' }],
  };

  test('are unrolled, also over a change of the clocks', () => {
    // New York: clocks go forward on 8 March 2026.
    const found = windowsBetween(
      weekly,
      'America/New_York',
      span('2026-03-05T00:00:00Z', '2026-03-12T23:59:00Z'),
      100,
    );
    expect(
      found.map(({ startsAt, endsAt }) => [startsAt, endsAt].map((at) => new Date(at ?? 0).toISOString())),
    ).toEqual([
      ['2026-03-05T14:00:00.000Z', '2026-03-05T22:00:00.000Z'],
      ['2026-03-09T13:00:00.000Z', '2026-03-09T21:00:00.000Z'],
      ['2026-03-12T13:00:00.000Z', '2026-03-12T21:00:00.000Z'],
    ]);
  });

  test('are cut to the life of their code, and bounded', () => {
    const code = {
      ...weekly,
      startsAt: Date.parse('2026-03-05T15:00:00Z'),
      endsAt: Date.parse('2026-03-09T14:00:00Z'),
    };
    const found = windowsBetween(
      code,
      'America/New_York',
      span('2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'),
      100,
    );
    expect(found.map(({ startsAt }) => new Date(startsAt ?? 0).toISOString())).toEqual([
      '2026-03-05T15:00:00.000Z',
      '2026-03-09T13:00:00.000Z',
    ]);
    expect(found.at(-1)?.endsAt).toBe(code.endsAt);
    const many = windowsBetween(
      weekly,
      'America/New_York',
      span('2020-01-01T00:00:00Z', '2026-04-01T00:00:00Z'),
      7,
    );
    expect(many).toHaveLength(7);
  });

  test('that began long before the span and reach into it are there, others not', () => {
    const code = { startsAt: NOON - 400 * DAY_MS, endsAt: null, weeklyWindows: null };
    expect(windowsBetween(code, 'UTC', { from: NOON, to: NOON + 1 }, 9)).toEqual([
      { startsAt: code.startsAt, endsAt: null },
    ]);
    const over = { ...code, endsAt: NOON - 1 };
    expect(windowsBetween(over, 'UTC', { from: NOON, to: NOON + 1 }, 9)).toEqual([]);
  });
});

describe('a timeline', () => {
  test('says from when a code is written: lead, preload or at once', () => {
    const starts = { startsAt: NOON + 5 * DAY_MS, endsAt: NOON + 6 * DAY_MS };
    const plain = new CoreWorld(PLAIN);
    plain.desire(request('visit', '1234', starts), request('owner', '5678'));
    expect(shown(plain)).toEqual([
      ['visit', 'just_in_time', new Date(starts.startsAt - POLICY.jitLeadMs).toISOString()],
      ['owner', 'ongoing', null],
    ]);
    const scheduling = new CoreWorld(SCHEDULING);
    scheduling.desire(request('visit', '1234', starts));
    expect(shown(scheduling)).toEqual([
      ['visit', 'native', new Date(starts.startsAt - POLICY.nativePreloadMs).toISOString()],
    ]);
  });

  test('shows who held a slot, with the name of who is gone', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('here', '1234'));
    const tenure = { slot: 1, isManaged: true };
    const { codes } = timelineOf(
      sources(world, {
        tenures: [
          { ...tenure, accessCodeId: 'gone', from: NOON - DAY_MS, till: NOON - HOUR_MS },
          { ...tenure, accessCodeId: 'here', from: NOON - HOUR_MS, till: null },
          { slot: 4, isManaged: false, accessCodeId: 'foreign', from: NOON - MINUTE_MS, till: null },
        ],
        formerCode: (id) => (id === 'gone' ? LAST_GUEST : undefined),
      }),
    );
    expect(codes).toEqual([
      expect.objectContaining({
        access_code_id: 'here',
        is_managed: true,
        held: [{ slot: 1, from: '2026-03-02T11:00:00.000Z', to: null }],
      }),
      {
        access_code_id: 'gone',
        name: 'Last guest',
        is_managed: true,
        windows: [{ starts_at: '2026-03-01T12:00:00.000Z', ends_at: '2026-03-02T11:00:00.000Z' }],
        writes_from: null,
        strategy: null,
        held: [{ slot: 1, from: '2026-03-01T12:00:00.000Z', to: '2026-03-02T11:00:00.000Z' }],
      },
      expect.objectContaining({ access_code_id: 'foreign', name: null, is_managed: false, windows: [] }),
    ]);
  });

  test('says that a code is wanted no longer than until it is taken off', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('guest', '1234'));
    world.work();
    world.desire();
    const [code] = timelineOf(sources(world)).codes;
    expect(code?.windows).toEqual([{ starts_at: null, ends_at: '2026-03-02T12:00:00.000Z' }]);
  });

  test('marks what happened at the door, oldest first', () => {
    const { marks } = timelineOf(
      sources(new CoreWorld(PLAIN), {
        events: [
          event(3, 'device.disconnected'),
          event(2, 'lock.unlocked', { method: 'keycode', access_code_id: 'here' }),
          event(1, 'device.added'),
        ],
      }),
    );
    expect(marks).toEqual([
      { at: '2026-03-02T12:00:00.002Z', kind: 'unlocked', method: 'keycode', access_code_id: 'here' },
      { at: '2026-03-02T12:00:00.003Z', kind: 'offline', method: null, access_code_id: null },
    ]);
  });
});
