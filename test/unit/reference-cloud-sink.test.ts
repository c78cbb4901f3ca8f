import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Reported } from '../../src/cloud/messages/up.ts';
import { reportedParts } from '../../src/cloud/reported.ts';
import { unmetLock } from '../../src/core/lock.ts';
import { Commands } from '../../src/reference-cloud/commands.ts';
import { openDatabase, type CloudDatabase } from '../../src/reference-cloud/database.ts';
import { Sink } from '../../src/reference-cloud/sink.ts';
import { ANYTHING, type Allowances } from '../../src/reference-cloud/violation.ts';
import { codeWith } from '../support/core-samples.ts';
import {
  batch,
  EPOCH,
  event,
  hello,
  LOCK,
  report,
  reported,
  reportOf,
  result,
  said,
  status,
  versions,
  type Said,
} from '../support/hub-voice.ts';

const STRICT: Allowances = {
  loss: false,
  doubling: false,
  reordering: false,
  fullOutbox: false,
  lateStart: false,
};
const OTHER_EPOCH = '33333333-3333-4333-8333-333333333333';

let database: CloudDatabase;
beforeEach(() => {
  database = openDatabase(':memory:');
});

/** A sink that heard these without complaint. */
function sinkThat(allows: Allowances, ...heard: readonly Said[]): Sink {
  const sink = new Sink(database, 'hub-1', allows);
  for (const message of heard) expect(take(sink, message).violations).toEqual([]);
  return sink;
}

function take(sink: Sink, { name, payload }: Said) {
  const { events, violations, message } = sink.take(name, payload);
  return { seqs: events.map(({ seq }) => seq), violations: violations.map(({ kind }) => kind), message };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the log of events', () => {
  test('is told once and in order, and repeats that are marked are nothing', () => {
    const sink = sinkThat(STRICT, hello(), batch([1, 2]));
    expect(take(sink, batch([3, 4])).seqs).toEqual([3, 4]);
    expect(take(sink, batch([2, 3, 4, 5], { may_repeat: true }))).toMatchObject({
      seqs: [5],
      violations: [],
    });
  });

  test('goes on after the cloud died', () => {
    sinkThat(STRICT, hello(), batch([1, 2]));
    const reborn = new Sink(database, 'hub-1', STRICT);
    expect(take(reborn, batch([2], { may_repeat: true }))).toMatchObject({ seqs: [], violations: [] });
    expect(take(reborn, batch([3])).seqs).toEqual([3]);
  });

  test.each([
    ['a gap between batches', batch([4]), ['gap']],
    ['a gap in a batch', batch([3, 5]), ['gap']],
    ['a batch that does not ascend', batch([3, 3]), ['events_out_of_order', 'repeat_unmarked']],
    ['a repeat without a mark', batch([2, 3]), ['repeat_unmarked']],
    [
      'a repeat that differs',
      batch([], { may_repeat: true, events: [event(2, { note: 'other' })] }),
      ['event_changed'],
    ],
    ['an id of another event', batch([], { events: [event(3, { event_id: 'id-1' })] }), ['event_id_reused']],
    ['another epoch', batch([1], { epoch: OTHER_EPOCH }), ['epoch_changed', 'event_id_reused']],
    ['another epoch in hello', hello({ epoch: OTHER_EPOCH, connection: 2 }), ['epoch_changed']],
    [
      'events that were never acknowledged',
      hello({ acked: 3, head: 3, connection: 2 }),
      ['events_forgotten'],
    ],
    ['a log that ends earlier', hello({ head: 1, connection: 2 }), ['log_shortened']],
    ['no event', said('up/event', { v: 1, epoch: EPOCH, events: [{ seq: 3 }] }), ['not_in_contract']],
    ['no JSON', { name: 'up/event', payload: Buffer.from('{') }, ['not_in_contract']],
    ['a topic of its own', said('up/noise', { v: 1 }), ['not_in_contract']],
  ])('%s is a violation', (_what, message, violations) => {
    const sink = sinkThat(STRICT, hello(), batch([1, 2]));
    expect(take(sink, message).violations).toEqual(violations);
  });

  test('a gap that may be is waited for: what stands behind it is not told before', () => {
    const sink = sinkThat({ ...STRICT, loss: true }, hello(), batch([1]), batch([4, 5]));
    expect(sink.hasGap()).toBe(true);
    expect(sink.ledger.log()?.received()).toBe(1);
    expect(take(sink, batch([2, 3, 4], { may_repeat: true })).seqs).toEqual([2, 3, 4, 5]);
    expect(sink.hasGap()).toBe(false);
  });

  test('a gap inside a batch is a violation also where whole batches may be lost', () => {
    const sink = sinkThat({ ...STRICT, loss: true }, hello());
    expect(take(sink, batch([1, 3])).violations).toEqual(['gap']);
  });

  test('what a full outbox gave up is not waited for', () => {
    const lost = event(9, { event_type: 'hub.events_lost', count: 4, first_seq: 2, last_seq: 6 });
    const sink = sinkThat({ ...STRICT, fullOutbox: true }, hello(), batch([1, 3, 7, 8]));
    expect(sink.hasGap()).toBe(true);
    expect(take(sink, batch([], { events: [lost] })).seqs).toEqual([3, 7, 8, 9]);
  });

  test('a cloud that begins late takes up where another one ended', () => {
    const sink = sinkThat(ANYTHING, batch([8, 9]));
    expect(take(sink, hello({ acked: 7, head: 9 })).seqs).toEqual([8, 9]);
    const other = new Sink(database, 'hub-2', ANYTHING);
    take(other, batch([8, 9]));
    const resent = { after_seq: 7, through_seq: 9, acked_seq: 7 };
    expect(take(other, result('succeeded', { type: 'resend_events', result: resent })).seqs).toEqual([8, 9]);
  });

  test('events of a database of before are no news of the one of now', () => {
    const sink = sinkThat(ANYTHING, hello(), batch([1, 2]));
    take(sink, hello({ epoch: OTHER_EPOCH, connection: 2 }));
    expect(take(sink, batch([2, 3]))).toMatchObject({ violations: [] });
    expect(sink.ledger.log()?.epoch).toBe(OTHER_EPOCH);
  });

  test('whatever a broker loses, doubles and reorders, each event is told once and in order', () => {
    const deed = fc.record({ from: fc.nat(29), count: fc.integer({ min: 1, max: 8 }) });
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
        const sink = new Sink(openDatabase(':memory:'), 'hub-1', ANYTHING);
        const told: number[] = [];
        const hear = (message: Said): void => {
          const { seqs, violations } = take(sink, message);
          expect(violations).toEqual([]);
          told.push(...seqs);
        };
        hear(hello({ head: 37 }));
        for (const { from, count } of deeds) hear(batch(upTo(count).map((seq) => seq + from)));
        hear(batch(upTo(37), { may_repeat: true }));
        expect(told).toEqual(upTo(37));
      }),
    );
  });
});

const LATER = '2026-11-22T13:00:00.000Z';

function madeAs(bootId: string, seq: number): Reported {
  return { ...report(2, 6), boot_id: bootId, report_seq: seq };
}

describe('versions', () => {
  const known = [hello({ devices: [versions(2, 5)] }), reported(report(2, 6))];

  test.each([
    ['a report of an older version', reported(report(2, 5)), ['version_back']],
    ['a report of an older generation', reported(report(1, 9)), ['version_back']],
    ['a hello with an older version', hello({ connection: 2, devices: [versions(2, 5)] }), ['version_back']],
    ['more applied than received', reported(report(2, 6, 7)), ['applied_too_much']],
    ['a digest of something else', reported({ ...report(2, 6), digest: 'f'.repeat(64) }), ['digest_wrong']],
    [
      'a report under the name of another lock',
      { ...reported(report(2, 6)), name: `up/reported/${EPOCH}` },
      ['not_in_contract'],
    ],
  ])('%s is a violation', (_what, message, violations) => {
    expect(take(sinkThat(STRICT, ...known), message).violations).toEqual(violations);
  });

  test('a newer generation begins with lower versions', () => {
    const sink = sinkThat(STRICT, ...known, reported(report(3, 1)));
    expect(sink.ledger.versionsOf(LOCK)).toMatchObject({ generation: 3, version: 1 });
  });

  test('where messages change places a late report is ignored, and a hello that goes back is not', () => {
    const sink = sinkThat(ANYTHING, ...known);
    expect(take(sink, reported(report(2, 4)))).toMatchObject({ violations: [], message: null });
    expect(sink.ledger.report(LOCK)?.version_received).toBe(6);
    const back = hello({ connection: 2, devices: [versions(2, 4)] });
    expect(take(sink, back).violations).toEqual(['version_back']);
  });

  test('a report that comes after a newer one of its run is void, and so is one of the run before', () => {
    const isTaken = (boot: string, seq: number): boolean =>
      take(sink, reported(madeAs(boot, seq))).message !== null;
    const sink = sinkThat(ANYTHING, hello({ boot: 'boot-1' }), reported(madeAs('boot-1', 7)));
    expect(isTaken('boot-1', 6)).toBe(false);
    expect(isTaken('boot-1', 7)).toBe(true);
    expect(isTaken('boot-2', 1)).toBe(true);
    take(sink, hello({ boot: 'boot-2', at: LATER }));
    expect(isTaken('boot-2', 2)).toBe(true);
    expect(isTaken('boot-1', 8)).toBe(false);
    expect(sink.ledger.report(LOCK)).toMatchObject({ boot_id: 'boot-2', report_seq: 2 });
  });

  test('a hello of the same connection that comes late takes nothing back', () => {
    const sink = sinkThat({ ...STRICT, doubling: true }, ...known);
    expect(take(sink, hello({ devices: [versions(2, 5)] })).violations).toEqual([]);
    expect(sink.ledger.versionsOf(LOCK)).toMatchObject({ generation: 2, version: 6 });
  });

  test('of a lock that was forgotten begin anew', () => {
    const sink = sinkThat(STRICT, ...known);
    sink.ledger.forget(LOCK);
    expect(sink.ledger.deviceIds()).toEqual([]);
    expect(take(sink, hello({ connection: 2, devices: [versions(0, 0)] })).violations).toEqual([]);
  });

  test('a report in parts is one report when the last part is there, in any order', () => {
    const codes = upTo(40).map((n) => codeWith(`code-${n}`, { name: 'Guest '.repeat(20) }));
    const whole = reportOf({ lock: { ...unmetLock(LOCK), versionReceived: 1 }, codes, slots: [] });
    const parts = reportedParts(whole, 9000).map((text) => said(`up/reported/${LOCK}`, JSON.parse(text)));
    expect(parts.length).toBeGreaterThan(2);
    const sink = sinkThat(STRICT, ...parts.slice(1));
    expect(sink.ledger.report(LOCK)).toBeUndefined();
    expect(take(sink, parts[0] ?? status('online', '', 1)).violations).toEqual([]);
    expect(sink.ledger.report(LOCK)).toEqual(whole);
  });
});

describe('presence', () => {
  const connected = [status('online', 'boot-2', 3), hello({ boot: 'boot-2', connection: 3 })];

  test.each([
    ['of this connection', status('offline', 'boot-2', 3), 'offline'],
    ['of a later one', status('offline', 'boot-2', 4), 'offline'],
    ['of an earlier one', status('offline', 'boot-2', 2), 'online'],
    ['of an earlier run', status('offline', 'boot-1', 9, LATER), 'online'],
    [
      'of a run nobody heard of, from before',
      status('offline', 'boot-0', 9, '2026-11-21T00:00:00Z'),
      'online',
    ],
    ['of a run nobody heard of, from later', status('offline', 'boot-3', 1, LATER), 'offline'],
  ])('a last will %s', (_what, will, state) => {
    const sink = sinkThat(STRICT, hello({ boot: 'boot-1', connection: 9 }), ...connected);
    take(sink, will);
    expect(sink.ledger.presence()?.state).toBe(state);
  });

  test('a hello that comes again after the end of its connection begins nothing', () => {
    const sink = sinkThat(ANYTHING, ...connected, status('offline', 'boot-2', 3));
    for (const late of connected) expect(take(sink, late).message).toBeNull();
    expect(sink.ledger.presence()?.state).toBe('offline');
  });
});

/** The id of a command that this cloud has sent. */
function sent(sink: Sink): string {
  const made = new Commands(database, sink.ledger.hubId).add('ping', {}, 0, 1000);
  if (!made.ok) throw new Error(made.message);
  return made.command.commandId;
}

describe('results', () => {
  test('go forward, and an end is the end', () => {
    const sink = sinkThat(STRICT);
    const command_id = sent(sink);
    const states = ['accepted', 'running', 'accepted', 'succeeded', 'running', 'succeeded'];
    const heard = states.map((state) => take(sink, result(state, { command_id })));
    expect(heard.map(({ message }) => message !== null)).toEqual([true, true, false, true, false, false]);
    expect(heard.flatMap(({ violations }) => violations)).toEqual([]);
    const failed = result('failed', { command_id, error: { code: 'jammed', message: '' } });
    expect(take(sink, failed).violations).toEqual(['result_changed']);
    expect(sink.ledger.result(command_id)?.state).toBe('succeeded');
  });
});
