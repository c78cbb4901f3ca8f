import * as fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { EventStream, type Batch } from '../../src/cloud/event-stream.ts';
import { backoffMs } from '../../src/cloud/pacing.ts';
import { eventBatchSchema } from '../../src/cloud/messages/up.ts';
import { Rejections } from '../../src/cloud/rejections.ts';
import type { Clock } from '../../src/clock.ts';
import type { DomainEvent } from '../../src/core/event.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { hubPlace } from './store-fixture.ts';

/** Time that moves when the test says so. */
class TestClock implements Clock {
  elapsedMs = 0;

  now() {
    const at = 1_800_000_000_000 + this.elapsedMs;
    return { earliest: at, latest: at };
  }

  monotonicMs() {
    return this.elapsedMs;
  }

  async sleepUntil() {}

  async sleepFor() {}
}

function events(count: number, details: Record<string, unknown> = {}): DomainEvent[] {
  return Array.from({ length: count }, () => ({ event_type: 'lock.locked', occurredAt: 0, details }));
}

/** Takes all there is to send. */
function drain(stream: EventStream): Batch[] {
  const batches: Batch[] = [];
  for (let batch = stream.next(); batch !== undefined; batch = stream.next()) batches.push(batch);
  return batches;
}

function read(batch: Batch): { seqs: number[]; mayRepeat: boolean } {
  const { events: rows, may_repeat } = eventBatchSchema.parse(JSON.parse(String(batch.payload)));
  return { seqs: rows.map((row) => row.seq), mayRepeat: may_repeat === true };
}

/** A stream whose events the broker has all taken. */
function published(count: number) {
  const store = hubPlace().open();
  const clock = new TestClock();
  const stream = new EventStream(store.outbox, clock);
  store.append(events(count));
  for (const batch of drain(stream)) stream.taken(batch);
  return { store, clock, stream };
}

describe('the stream of events', () => {
  test('goes out in batches of at most 100 rows and 90 KB', () => {
    const store = hubPlace().open();
    const clock = new TestClock();
    const stream = new EventStream(store.outbox, clock);
    store.append(events(250));
    store.append(events(50, { text: 'é'.repeat(2500) }));
    const batches = drain(stream);
    expect(batches.flatMap((batch) => read(batch).seqs)).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
    expect(batches.slice(0, 2).map((batch) => read(batch).seqs.length)).toEqual([100, 100]);
    for (const batch of batches) expect(Buffer.byteLength(batch.payload)).toBeLessThan(100_000);
    expect(batches.some((batch) => read(batch).mayRepeat)).toBe(false);
  });

  test('remembers what the broker took only as far as it took all', () => {
    const store = hubPlace().open();
    const stream = new EventStream(store.outbox, new TestClock());
    store.append(events(300));
    const [first, second, third] = drain(stream);
    if (!first || !second || !third) throw new Error('three batches expected');
    stream.taken(third);
    expect(store.outbox.published()).toBe(0);
    stream.taken(first);
    stream.restart();
    expect(store.outbox.published()).toBe(100);
    expect(drain(stream).map((batch) => read(batch).seqs[0])).toEqual([101, 201]);
    stream.taken(second);
    stream.taken(third);
    expect(store.outbox.published()).toBe(300);
  });

  test('writes down what arrived when all has, and on the way there now and then', () => {
    const store = hubPlace().open();
    const stream = new EventStream(store.outbox, new TestClock());
    store.append(events(2500));
    const kept: number[][] = [];
    for (const batch of drain(stream)) {
      stream.taken(batch);
      stream.acknowledged(batch.throughSeq);
      kept.push([store.outbox.published(), store.outbox.acked()]);
    }
    expect(kept.filter((_row, index) => [8, 10, 20, 23].includes(index))).toEqual([
      [0, 0],
      [1100, 1100],
      [1100, 1100],
      [2200, 2200],
    ]);
    expect(kept.at(-1)).toEqual([2500, 2500]);
    expect(store.outbox.depth()).toBe(0);
  });

  test('marks what may have been sent before, and only that', () => {
    const place = hubPlace();
    const store = place.open();
    const stream = new EventStream(store.outbox, new TestClock());
    store.append(events(3));
    const [sent] = drain(stream);
    if (!sent) throw new Error('a batch expected');
    stream.taken(sent);
    store.append(events(2));
    drain(stream);
    store.append(events(4));
    stream.restart();
    expect(drain(stream).map(read)).toEqual([
      { seqs: [4, 5], mayRepeat: true },
      { seqs: [6, 7, 8, 9], mayRepeat: false },
    ]);
    store.close();

    const reopened = place.open();
    const later = new EventStream(reopened.outbox, new TestClock());
    reopened.append(events(1));
    expect(drain(later).map(read)).toEqual([
      { seqs: [4, 5, 6, 7, 8, 9], mayRepeat: true },
      { seqs: [10], mayRepeat: false },
    ]);
  });

  test('has no gap and no unmarked repetition, wherever connections end', () => {
    const step = fc.constantFrom('append', 'send', 'send', 'taken', 'lost', 'resend', 'acknowledged');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const store = hubPlace().open();
        const stream = new EventStream(store.outbox, new TestClock());
        let onTheirWay: Batch[] = [];
        let sentThrough = 0;
        for (const what of steps) {
          if (what === 'append') store.append(events(70));
          else if (what === 'taken') onTheirWay.splice(0, 1).forEach((batch) => stream.taken(batch));
          else if (what === 'resend') stream.resend(0);
          else if (what === 'acknowledged') stream.acknowledged(Math.floor(sentThrough / 2));
          else if (what === 'lost') {
            onTheirWay = [];
            stream.restart();
          } else {
            const batch = stream.next();
            if (batch === undefined) continue;
            onTheirWay.push(batch);
            const { seqs, mayRepeat } = read(batch);
            expect(mayRepeat).toBe(Number(seqs[0]) <= sentThrough);
            expect(seqs[0]).toBeLessThanOrEqual(sentThrough + 1);
            expect(seqs).toEqual(seqs.map((_seq, index) => Number(seqs[0]) + index));
            sentThrough = Math.max(sentThrough, batch.throughSeq);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is sent once to a cloud that never acknowledges', () => {
    const { clock, stream } = published(10);
    clock.elapsedMs += 100 * HOUR_MS;
    expect(stream.resendWhereDue()).toBe(false);
    expect(stream.next()).toBeUndefined();
  });

  test('is sent again to a cloud that acknowledges that it has nothing', () => {
    const { clock, stream } = published(10);
    stream.acknowledged(0);
    expect(stream.resendWhereDue()).toBe(false);
    clock.elapsedMs += 2 * MINUTE_MS;
    expect(stream.resendWhereDue()).toBe(true);
    expect(drain(stream).map(read)).toEqual([{ seqs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], mayRepeat: true }]);
  });

  test('is sent again, ever more slowly, to a cloud that stopped to acknowledge', () => {
    const { clock, stream } = published(10);
    stream.acknowledged(4);
    expect(stream.resendWhereDue()).toBe(false);
    const waits: number[] = [];
    for (let sinceMs = 0; waits.length < 9; sinceMs += 5 * SECOND_MS) {
      if (stream.resendWhereDue()) {
        waits.push(Math.round(sinceMs / MINUTE_MS));
        expect(drain(stream).map(read)).toEqual([{ seqs: [5, 6, 7, 8, 9, 10], mayRepeat: true }]);
        sinceMs = 0;
      }
      clock.elapsedMs += 5 * SECOND_MS;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    stream.acknowledged(10);
    clock.elapsedMs += 2 * HOUR_MS;
    expect(stream.resendWhereDue()).toBe(false);
  });

  test('believes no acknowledgement of what has never left the hub, also after a restart', () => {
    const { store, clock, stream } = published(10);
    store.append(events(1));
    stream.acknowledged(5);
    expect(store.outbox.acked()).toBe(5);
    new EventStream(store.outbox, clock).acknowledged(11);
    expect(store.outbox.acked()).toBe(10);
    stream.acknowledged(Number.MAX_SAFE_INTEGER);
    expect(store.outbox.after(0, 10).map((row) => row.seq)).toEqual([11]);
  });
});

test('any number of rejections is at most one event per reason and minute, and the counts add up', () => {
  const store = hubPlace().open();
  const clock = new TestClock();
  const rejections = new Rejections({ store, clock, log: pino({ level: 'silent' }) });
  for (let round = 0; round < 10_000; round += 1) {
    rejections.count('not_json', `topic/${round}/${'x'.repeat(500)}`);
    if (round % 2 === 0) rejections.count('too_large', 'topic');
    clock.elapsedMs += 20;
    rejections.flush();
  }
  clock.elapsedMs += MINUTE_MS;
  rejections.flush();
  rejections.flush();
  const rows = store.outbox.after(0, 100).map((row) => row.event);
  for (const [reason, total] of [
    ['not_json', 10_000],
    ['too_large', 5000],
  ] as const) {
    const told = rows.filter((event) => event['reason'] === reason);
    expect(told.length).toBe(1 + Math.ceil((10_000 * 20) / MINUTE_MS));
    expect(told.reduce((sum, event) => sum + Number(event['count']), 0)).toBe(total);
  }
  expect(rows[0]).toMatchObject({ event_type: 'hub.message_rejected', reason: 'not_json', count: 1 });
  expect(String(rows[0]?.['topic'])).toMatch(/^topic\/0\/x{10}/);
  expect(String(rows[0]?.['topic']).length).toBe(120);
});

test('retries spread over as long as the outage lasted, from 1 s to 300 s', () => {
  const bounds = [0, 1, 20, 299, 301, 90_000].map((seconds) => backoffMs(seconds * SECOND_MS, () => 1));
  expect(bounds.map((bound) => bound / SECOND_MS)).toEqual([1, 1, 20, 299, 300, 300]);
  expect(backoffMs(HOUR_MS, () => 0.5)).toBe(150 * SECOND_MS);
  expect(backoffMs(HOUR_MS, () => 0)).toBe(100);
});
