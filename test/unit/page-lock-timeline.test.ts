import { describe, expect, it } from 'vitest';
import type { LockDetail, TimelineCode } from '../../src/http/page/types.ts';
import { ticksBetween } from '../../src/page/views/lock/timeline/days.ts';
import { clusters, offlineSpans } from '../../src/page/views/lock/timeline/marks.ts';
import { rowsOf, without } from '../../src/page/views/lock/timeline/rows.ts';
import { boxOf, rescaled, scaleOf, stepHoursOf, xOf } from '../../src/page/views/lock/timeline/scale.ts';

const NOW = '2026-06-10T12:00:00Z';
const ms = (iso: string): number => Date.parse(iso);

const CODE: TimelineCode = {
  access_code_id: 'a',
  name: 'Guest',
  is_managed: true,
  windows: [{ starts_at: '2026-06-10T08:00:00Z', ends_at: '2026-06-10T18:00:00Z' }],
  writes_from: '2026-06-10T07:30:00Z',
  strategy: 'just_in_time',
  held: [{ slot: 3, from: '2026-06-10T07:31:00Z', to: null }],
};

/** The row of one code, created a day ago where it still exists. */
function row(code: Partial<TimelineCode>, isThere = true) {
  const created = { access_code_id: 'a', created_at: '2026-06-09T12:00:00Z' };
  const lock = {
    timeline: {
      from: '2026-06-01T00:00:00Z',
      to: '2026-06-20T00:00:00Z',
      now: NOW,
      codes: [{ ...CODE, ...code }],
      marks: [],
    },
    managed_codes: isThere ? [created] : [],
  } as unknown as Pick<LockDetail, 'timeline' | 'managed_codes'>;
  const [only] = rowsOf(lock, ms(NOW));
  if (only === undefined) throw new Error('no row');
  return only;
}

/** The round hours of a zone, as UTC. */
function hours(from: string, to: string, zone: string, step: number): string[] {
  return ticksBetween(ms(from), ms(to), zone, step).map(({ atMs }) => new Date(atMs).toISOString());
}

function mark(at: string, kind: 'unlocked' | 'locked' | 'jammed' | 'offline' | 'online') {
  return { at, kind, method: null, access_code_id: null };
}

describe('what was wanted and what the lock held', () => {
  it('agree for a code that came before its window and is still there', () => {
    const { lead, missing, leftOver } = row({});
    expect(lead).toEqual({ fromMs: ms('2026-06-10T07:30:00Z'), toMs: ms('2026-06-10T08:00:00Z') });
    expect([missing, leftOver]).toEqual([[], []]);
  });

  it('begin no earlier than somebody asked for the code, its preparation too', () => {
    const windows = [{ starts_at: '2026-06-09T11:00:00Z', ends_at: '2026-06-10T18:00:00Z' }];
    const { lead, wanted } = row({ windows, writes_from: '2026-06-09T10:30:00Z' });
    expect(lead).toBeNull();
    expect(wanted).toEqual([{ fromMs: ms('2026-06-09T12:00:00Z'), toMs: ms('2026-06-10T18:00:00Z') }]);
  });

  it('differ from the start of the window until the lock held it', () => {
    const { missing } = row({ held: [{ slot: 3, from: '2026-06-10T09:15:00Z', to: null }] });
    expect(missing).toEqual([{ fromMs: ms('2026-06-10T08:00:00Z'), toMs: ms('2026-06-10T09:15:00Z') }]);
  });

  it('differ only until now: nobody misses what is to come', () => {
    const { missing } = row({ held: [] });
    expect(missing).toEqual([{ fromMs: ms('2026-06-10T08:00:00Z'), toMs: ms(NOW) }]);
  });

  it('do not differ by the seconds that a write takes', () => {
    expect(row({ held: [{ slot: 3, from: '2026-06-10T08:00:40Z', to: null }] }).missing).toEqual([]);
  });

  it('do not differ before somebody asked for the code', () => {
    const { wanted, missing } = row({ windows: [{ starts_at: null, ends_at: null }], held: [] });
    expect(wanted).toEqual([{ fromMs: ms('2026-06-09T12:00:00Z'), toMs: Infinity }]);
    expect(missing).toEqual([{ fromMs: ms('2026-06-09T12:00:00Z'), toMs: ms(NOW) }]);
  });

  it('begin and end for a deleted code when the lock got and lost it', () => {
    const held = [{ slot: 3, from: '2026-06-10T08:00:00Z', to: '2026-06-10T10:00:00Z' }];
    const { isGone, wanted } = row({ windows: [{ starts_at: null, ends_at: null }], held }, false);
    expect(isGone).toBe(true);
    expect(wanted).toEqual([{ fromMs: ms('2026-06-10T08:00:00Z'), toMs: ms('2026-06-10T10:00:00Z') }]);
  });

  it('are not compared for a code that is deleted, or not ours', () => {
    expect(row({ held: [] }, false).missing).toEqual([]);
    expect(row({ held: [], is_managed: false }).missing).toEqual([]);
  });
});

describe('a code that is over', () => {
  const windows = [{ starts_at: '2026-06-10T06:00:00Z', ends_at: '2026-06-10T08:00:00Z' }];

  it('is left over as long as the lock still holds it', () => {
    const { leftOver } = row({ windows, held: [{ slot: 3, from: '2026-06-10T05:30:00Z', to: null }] });
    expect(leftOver).toEqual([{ fromMs: ms('2026-06-10T08:00:00Z'), toMs: ms(NOW) }]);
  });

  it('is not left over where the lock itself keeps its time, nor when it went soon', () => {
    const held = [{ slot: 3, from: '2026-06-10T05:30:00Z', to: null }];
    expect(row({ windows, held, strategy: 'native' }).leftOver).toEqual([]);
    const gone = [{ slot: 3, from: '2026-06-10T05:30:00Z', to: '2026-06-10T08:00:10Z' }];
    expect(row({ windows, held: gone }).leftOver).toEqual([]);
  });

  it('is not left over where it stays for its next window', () => {
    const next = { starts_at: '2026-06-10T11:00:00Z', ends_at: '2026-06-10T13:00:00Z' };
    const held = [{ slot: 3, from: '2026-06-10T05:30:00Z', to: null }];
    expect(row({ windows: [...windows, next], held }).leftOver).toEqual([]);
  });
});

describe('the days of the chart', () => {
  it('begin at midnight of the site, on both sides of a change of the clocks', () => {
    expect(hours('2026-03-28T12:00:00Z', '2026-03-31T00:00:00Z', 'Europe/Berlin', 24)).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-03-30T22:00:00.000Z',
    ]);
    expect(hours('2026-10-31T12:00:00Z', '2026-11-03T00:00:00Z', 'America/New_York', 24)).toEqual([
      '2026-11-01T04:00:00.000Z',
      '2026-11-02T05:00:00.000Z',
    ]);
  });

  it('leave out an hour that the day does not have', () => {
    const spring = ticksBetween(ms('2026-03-28T23:00:00Z'), ms('2026-03-29T03:00:00Z'), 'Europe/Berlin', 1);
    expect(spring.map(({ hour }) => hour)).toEqual([0, 1, 3, 4, 5]);
  });

  it('begin when the clocks do where midnight itself is skipped, east and west of Greenwich', () => {
    expect(hours('2026-04-23T12:00:00Z', '2026-04-24T12:00:00Z', 'Africa/Cairo', 24)).toEqual([
      '2026-04-23T22:00:00.000Z',
    ]);
    expect(hours('2026-09-05T12:00:00Z', '2026-09-06T12:00:00Z', 'America/Santiago', 24)).toEqual([
      '2026-09-06T04:00:00.000Z',
    ]);
  });
});

describe('marks at the door', () => {
  it('become one where they would cover each other, and look like the gravest', () => {
    const found = clusters(
      [
        mark('2026-06-10T12:00:00Z', 'locked'),
        mark('2026-06-10T08:00:00Z', 'unlocked'),
        mark('2026-06-10T08:01:00Z', 'jammed'),
        mark('2026-06-10T08:02:00Z', 'offline'),
      ],
      3_600_000,
    );
    expect(found.map(({ kind, marks }) => [kind, marks.length])).toEqual([
      ['jammed', 2],
      ['locked', 1],
    ]);
  });

  it('make spans of the time offline, the last one until now', () => {
    const marks = [
      mark('2026-06-10T11:00:00Z', 'offline'),
      mark('2026-06-09T08:00:00Z', 'online'),
      mark('2026-06-09T06:00:00Z', 'offline'),
    ];
    expect(offlineSpans(marks, ms(NOW))).toEqual([
      { fromMs: ms('2026-06-09T06:00:00Z'), toMs: ms('2026-06-09T08:00:00Z') },
      { fromMs: ms('2026-06-10T11:00:00Z'), toMs: ms(NOW) },
    ]);
  });
});

describe('the scale', () => {
  const WEEK_MS = 7 * 86_400_000;
  const scale = scaleOf('2026-06-01T05:00:00Z', '2026-06-20T05:00:00Z', WEEK_MS, 700);

  it('shows a week in 700 px and does not move when the answer is seconds younger', () => {
    expect(xOf(scale, scale.edge.fromMs + WEEK_MS)).toBe(700);
    expect(scaleOf('2026-06-01T05:00:09Z', '2026-06-20T05:00:09Z', WEEK_MS, 700)).toEqual(scale);
  });

  it('keeps what has no end within the drawing, and what is short wide enough to be seen', () => {
    const { x, width } = boxOf(scale, { fromMs: -Infinity, toMs: Infinity });
    expect([x, x + width]).toEqual([-10, scale.widthPx + 10]);
    expect(boxOf(scale, { fromMs: ms(NOW), toMs: ms(NOW) + 1000 }).width).toBe(2);
  });

  it('has so many hours between lines that their labels do not touch', () => {
    expect(stepHoursOf(scale)).toBe(12);
    expect(stepHoursOf(scaleOf('2026-06-01T00:00:00Z', NOW, WEEK_MS / 7, 700))).toBe(2);
  });
});

describe('another zoom', () => {
  it('leaves now where it is, or the middle where now is out of sight', () => {
    expect(rescaled({ fromMs: 0, toMs: 100 }, 10, 40)).toBe(36);
    expect(rescaled({ fromMs: 0, toMs: 100 }, 10, 400)).toBe(45);
  });
});

describe('what is left of a span', () => {
  it('is all that no other covers', () => {
    const others = [
      { fromMs: 2, toMs: 3 },
      { fromMs: 5, toMs: 20 },
    ];
    expect(without({ fromMs: 0, toMs: 10 }, others)).toEqual([
      { fromMs: 0, toMs: 2 },
      { fromMs: 3, toMs: 5 },
    ]);
  });
});
