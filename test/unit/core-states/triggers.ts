import { startAudit } from '../../../src/core/plan/audit.ts';
import type { Outcome } from '../../../src/core/operation.ts';
import { timesOf } from '../../../src/core/timing/strategy.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/core/time.ts';
import { POLICY } from '../../support/core-world.ts';
import type { Bench } from './bench.ts';
import { powerCut } from './states.ts';

/** Does it to a code in some state. A text says why it can't happen there; then nothing was done. */
export type Trigger = (bench: Bench) => string | undefined;

const NO_START = 'it has no start';
const NO_END = 'it has no end';
const NO_SLOT = 'it is in no slot';
const NO_WRITE = 'nothing is being written';
const NOT_IN_DOCUMENT = 'the cloud does not ask for it';
const LOCAL = 'no document names it';

/** Everything that can happen to a code. What follows from it at once is done; what has to wait, waits. */
export const TRIGGERS: Readonly<Record<string, Trigger>> = {
  'the time to preload comes': (bench) => passToStart(bench, -POLICY.nativePreloadMs),
  'the lead begins': (bench) => passToStart(bench, -POLICY.jitLeadMs),
  'the start comes': (bench) => passToStart(bench, 0),
  'the end comes': (bench) => {
    const { endsAt } = window(bench);
    if (endsAt === null) return NO_END;
    bench.passTo(endsAt);
    return undefined;
  },
  'the lock confirms': (bench) => {
    if (!bench.attempt(null)) return NO_WRITE;
    bench.work();
    return undefined;
  },
  'the lock refuses': (bench) =>
    attempted(bench, { kind: 'refused', reason: 'refused', message: 'it says no' }),
  'the lock refuses the PIN as a duplicate': (bench) => {
    const planned = bench.nextWrite();
    if (planned?.operation.kind !== 'set_pin') return 'no PIN is being written';
    return attempted(bench, { kind: 'refused', reason: 'duplicate_pin', message: 'another slot has it' });
  },
  'the lock does not answer': (bench) => attempted(bench, { kind: 'unreachable', message: 'no answer' }),
  'the answer is lost': (bench) => attempted(bench, { kind: 'unknown', message: 'the answer was lost' }),
  'the radio goes': (bench) => attempted(bench, { kind: 'radio_down', message: 'unplugged' }),
  'the lock goes offline': (bench) => {
    if (bench.isAway) return 'it is away already';
    bench.isAway = true;
    bench.hear({ kind: 'offline' });
    bench.work();
    return undefined;
  },
  'the lock comes online': (bench) => {
    bench.isAway = false;
    bench.hear({ kind: 'online' });
    bench.work();
    return undefined;
  },
  'its slot is programmed at the lock': (bench) =>
    atTheLock(bench, (slot) => {
      bench.pins.set(slot, '8888');
      bench.hear({ kind: 'slot_changed', slot });
    }),
  'its slot is emptied at the lock': (bench) =>
    atTheLock(bench, (slot) => {
      bench.pins.delete(slot);
      bench.hear({ kind: 'slot_cleared', slot });
    }),
  'every slot is emptied at the lock': (bench) => {
    if (bench.isAway) return 'what it tells is not heard';
    bench.pins.clear();
    bench.schedules.clear();
    bench.disabled.clear();
    bench.hear({ kind: 'slot_cleared', slot: null });
    bench.work();
    return undefined;
  },
  'the document comes again': (bench) => document(bench, () => bench.want()),
  'another PIN is asked for': (bench) => document(bench, () => bench.want({}, '3333')),
  'another name is asked for': (bench) => document(bench, () => bench.want({ name: 'renamed' })),
  'it is to last longer': (bench) => toEnd(bench, 5 * DAY_MS),
  'it is to end sooner': (bench) => toEnd(bench, -HOUR_MS),
  'its end is moved into the past': (bench) =>
    document(bench, () => {
      bench.want({ startsAt: bench.now - DAY_MS, endsAt: bench.now - MINUTE_MS });
    }),
  'it is moved to next month': (bench) =>
    document(bench, () => bench.want({ startsAt: bench.now + 30 * DAY_MS, endsAt: bench.now + 32 * DAY_MS })),
  'it becomes time-bound': (bench) => {
    if (bench.looked?.endsAt != null) return 'it is time-bound';
    const times = { startsAt: bench.now - HOUR_MS, endsAt: bench.now + DAY_MS };
    return document(bench, () => bench.want(times));
  },
  'it becomes ongoing': (bench) => {
    if (bench.looked?.endsAt == null) return 'it is ongoing';
    return document(bench, () => bench.want({ startsAt: null, endsAt: null }));
  },
  'it is no longer to be native': (bench) =>
    document(bench, () => bench.want({ preferNativeScheduling: false })),
  'it is deleted': (bench) => {
    if (isLocal(bench)) return LOCAL;
    if (bench.looked?.removingSince != null) return NOT_IN_DOCUMENT;
    bench.desire();
    bench.work();
    return undefined;
  },
  'it comes back': (bench) => {
    if (bench.looked?.removingSince == null) return 'it has not left';
    bench.want();
    bench.work();
    return undefined;
  },
  'the code it stands in for is deleted': (bench) => {
    if (bench.looked?.backupOf == null) return 'it stands in for none';
    bench.desire();
    bench.work();
    return undefined;
  },
  'its use is reported': (bench) => {
    const slot = bench.looked?.slot ?? null;
    if (slot === null) return NO_SLOT;
    bench.isAway = false;
    bench.unlock(slot);
    return undefined;
  },
  "the lock's clock is found wrong": (bench) => clockWrong(bench, false),
  "the lock's clock stays wrong": (bench) => clockWrong(bench, true),
  'the hub no longer knows the time': (bench) => {
    bench.uncertaintyMs = 30 * DAY_MS;
    bench.work();
    return undefined;
  },
  'the power is cut in the middle of a write': (bench) => {
    if (!powerCut(bench)) return NO_WRITE;
    bench.work();
    return undefined;
  },
  'it is audited': (bench) => {
    bench.state = startAudit(bench.state, bench.now);
    bench.work();
    return undefined;
  },
};

function window(bench: Bench) {
  const code = bench.looked;
  if (code === undefined) return { startsAt: null, endsAt: null };
  return timesOf(code, bench.state.lock, POLICY, bench.now);
}

function passToStart(bench: Bench, offsetMs: number): string | undefined {
  if (bench.looked?.rejected != null) return 'it was never taken';
  const { startsAt } = window(bench);
  if (startsAt === null) return NO_START;
  if (startsAt + offsetMs <= bench.now) return 'that time is past';
  bench.passTo(startsAt + offsetMs);
  return undefined;
}

function attempted(bench: Bench, outcome: Outcome): string | undefined {
  if (!bench.attempt(outcome)) return NO_WRITE;
  bench.follow();
  return undefined;
}

function atTheLock(bench: Bench, edit: (slot: number) => void): string | undefined {
  const slot = bench.looked?.slot ?? null;
  if (slot === null) return NO_SLOT;
  if (bench.isAway) return 'what it tells is not heard';
  edit(slot);
  bench.work();
  return undefined;
}

function document(bench: Bench, send: () => void): string | undefined {
  if (isLocal(bench)) return LOCAL;
  if (bench.looked?.removingSince != null) return NOT_IN_DOCUMENT;
  send();
  bench.work();
  return undefined;
}

function toEnd(bench: Bench, byMs: number): string | undefined {
  const endsAt = bench.wanted.endsAt ?? null;
  if (endsAt === null) return NO_END;
  return document(bench, () => bench.want({ endsAt: endsAt + byMs }));
}

function clockWrong(bench: Bench, isStuck: boolean): string | undefined {
  if (bench.slot === null || !bench.schedules.has(bench.slot)) return 'the lock keeps no schedule of it';
  bench.clockAheadMs = 6 * MINUTE_MS;
  bench.isClockStuck = isStuck;
  bench.passTo(bench.now + 37 * HOUR_MS);
  return undefined;
}

function isLocal(bench: Bench): boolean {
  return bench.looked?.origin === 'local';
}
