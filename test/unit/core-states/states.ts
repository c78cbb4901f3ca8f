import type { AccessCodeRequest } from '../../../src/core/access-code.ts';
import { begin, forget } from '../../../src/core/settle/begin.ts';
import type { Capabilities } from '../../../src/core/capability.ts';
import { pullBackup } from '../../../src/core/request/pool.ts';
import { DAY_MS, HOUR_MS } from '../../../src/core/time.ts';
import { PLAIN, POLICY, request, SCHEDULING } from '../../support/core-world.ts';
import { Bench, ID } from './bench.ts';

/** Where `CoreWorld` begins: a Monday, 07:00 in New York. */
const START = Date.parse('2026-03-02T12:00:00Z');

const ARMING: Capabilities = { ...PLAIN, disabledCodes: true };
const ROOMY: Capabilities = { ...PLAIN, lastSlot: 30 };
const ONE_SLOT: Capabilities = { ...PLAIN, lastSlot: 1 };

const SOON = { startsAt: START + 2 * DAY_MS, endsAt: START + 4 * DAY_MS };
const LATER = { startsAt: START + 10 * DAY_MS, endsAt: START + 12 * DAY_MS };
const NOW = { startsAt: START - HOUR_MS, endsAt: START + 2 * DAY_MS };

/** Every state that a code can be in, with how it gets there. Nothing is left to be done but what its name says. */
export const STATES: Readonly<Record<string, () => Bench>> = {
  rejected: () => {
    const bench = new Bench(PLAIN, { startsAt: LATER.endsAt, endsAt: LATER.startsAt });
    bench.want();
    return bench;
  },
  'waiting, just in time': () => wanted(PLAIN, LATER),
  'waiting, native': () => wanted(SCHEDULING, LATER),
  'waiting, weekly': () => wanted(PLAIN, weekly('thursday')),
  armed: () => worked(ARMING, SOON),
  scheduled: () => worked(SCHEDULING, SOON),
  'waiting, lock away': () => away(lost(wanted(SCHEDULING, LATER))),
  setting: () => wanted(PLAIN, {}),
  'setting, retrying': () => {
    const bench = wanted(PLAIN, {});
    bench.attempt({ kind: 'unknown', message: 'nobody knows' });
    return bench;
  },
  'setting, lock away': () => away(wanted(PLAIN, {})),
  'setting, refused by the lock': () => {
    const bench = wanted(PLAIN, {});
    bench.attempt({ kind: 'refused', reason: 'pin_format', message: 'too plain' });
    return bench;
  },
  'setting, foreign duplicate': () => {
    const bench = new Bench(PLAIN, {});
    // Nobody has told of it: it is found where the code was to go.
    bench.pins.set(1, bench.digits);
    bench.want();
    bench.work();
    return bench;
  },
  'setting, no space': () => {
    const bench = new Bench(ONE_SLOT, {});
    bench.pins.set(1, '9999');
    bench.hear({ kind: 'slot_changed', slot: 1 });
    bench.work();
    bench.want();
    return bench;
  },
  'set, ongoing': () => worked(PLAIN, {}),
  'set, just in time': () => worked(PLAIN, NOW),
  'set, native': () => worked(SCHEDULING, NOW),
  'set, weekly': () => worked(PLAIN, weekly('monday')),
  'set, last use': () => worked(PLAIN, { maxUses: 1 }),
  'set, lock away': () => away(lost(worked(PLAIN, NOW))),
  'new PIN on its way': () => {
    const bench = worked(PLAIN, {});
    bench.want({}, '2222');
    return away(bench);
  },
  'in doubt after a power cut': () => {
    const bench = worked(PLAIN, {});
    bench.want({}, '2222');
    powerCut(bench);
    return bench;
  },
  'edited at the lock': () => {
    const bench = edited(PLAIN, {});
    bench.step();
    return bench;
  },
  'edited, and left alone': () => {
    const bench = edited(PLAIN, { allowExternalModification: true });
    bench.work();
    return bench;
  },
  removing: () => {
    const bench = worked(PLAIN, {});
    bench.desire();
    return bench;
  },
  'removing, lock away': () => {
    const bench = worked(PLAIN, {});
    bench.desire();
    return away(bench);
  },
  'removing, retrying': () => {
    const bench = worked(PLAIN, {});
    bench.desire();
    bench.attempt({ kind: 'refused', reason: 'refused', message: 'not now' });
    return bench;
  },
  'backup, in the pool': () => pooled(),
  'backup, pulled': () => {
    const bench = pooled();
    const pull = pullBackup(bench.state, ID, bench.reading);
    if (pull.kind !== 'pulled') throw new Error(pull.message);
    bench.take(pull.step);
    bench.id = pull.backupAccessCodeId;
    bench.work();
    return bench;
  },
};

/** A write is begun, and the hub dies before it hears what came of it. */
export function powerCut(bench: Bench): boolean {
  const planned = bench.nextWrite();
  if (planned === undefined || !('slot' in planned.operation)) return false;
  const { kind, slot } = planned.operation;
  bench.state = forget(begin(bench.state, planned, POLICY, bench.reading), kind, slot);
  return true;
}

function weekly(day: 'monday' | 'thursday'): Partial<AccessCodeRequest> {
  return { weeklyWindows: [{ days: [day], start: '06:00', stop: '09:00' }] };
}

/** Asked for; the loop has not come to it. */
function wanted(capabilities: Capabilities, asked: Partial<AccessCodeRequest>): Bench {
  const bench = new Bench(capabilities, asked);
  bench.want();
  return bench;
}

/** Asked for, and all done that there is to do now. */
function worked(capabilities: Capabilities, asked: Partial<AccessCodeRequest>): Bench {
  const bench = wanted(capabilities, asked);
  bench.work();
  return bench;
}

/** The lock can't be reached any more, and the hub has found that out. */
function away(bench: Bench): Bench {
  bench.isAway = true;
  bench.work();
  return bench;
}

/** The radio has lost the lock. */
function lost(bench: Bench): Bench {
  bench.isAway = true;
  bench.hear({ kind: 'offline' });
  return bench;
}

/** Somebody has put another PIN into its slot, and the lock has said so. */
function edited(capabilities: Capabilities, asked: Partial<AccessCodeRequest>): Bench {
  const bench = worked(capabilities, asked);
  const slot = bench.looked?.slot ?? 0;
  bench.pins.set(slot, '7777');
  bench.hear({ kind: 'slot_changed', slot });
  return bench;
}

/** A lock with a full pool; the code that is looked at is one of it. */
function pooled(): Bench {
  const bench = new Bench(ROOMY, { ...LATER, useBackupPool: true });
  bench.desire(request(ID, bench.digits, bench.wanted));
  bench.work();
  bench.id = bench.state.codes.find((code) => code.isBackup)?.accessCodeId ?? '';
  return bench;
}
