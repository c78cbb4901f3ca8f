import type { AccessCode, AccessCodeRequest } from '../../../src/core/access-code.ts';
import { advance } from '../../../src/core/settle/advance.ts';
import type { Capabilities } from '../../../src/core/capability.ts';
import { ownerOf } from '../../../src/core/plan/assign.ts';
import type { DomainEvent } from '../../../src/core/event.ts';
import type { LockState } from '../../../src/core/lock.ts';
import { observe } from '../../../src/core/observe/observe.ts';
import { isWrite, type Outcome } from '../../../src/core/operation.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import type { PlannedOperation } from '../../../src/core/plan/planned.ts';
import { replenish } from '../../../src/core/request/pool.ts';
import { mayTry } from '../../../src/core/timing/retry.ts';
import { missed } from '../../../src/core/settle/settle.ts';
import { tenureChange, type Tenant } from '../../../src/core/observe/tenure.ts';
import { MINUTE_MS, type TimeReading } from '../../../src/core/time.ts';
import { CoreWorld, POLICY, request } from '../../support/core-world.ts';

export const ID = 'code';
const PIN = '1111';

const UNREACHABLE: Outcome = { kind: 'unreachable', message: 'no answer' };

/** Longest wait for the next attempt: retries come sooner. */
const ATTEMPT_WITHIN_MS = 15 * MINUTE_MS;
const TURNS_MAX = 50;

/** One lock, one code that is looked at, and a loop that asks a lost lock whether it is back before it does anything else. */
export class Bench extends CoreWorld {
  /** The lock can't be reached. */
  isAway = false;
  /** How far off the hub's clock may be, each way. */
  uncertaintyMs = 0;
  /** The code that is looked at. */
  id = ID;
  /** Its slot, also when it has left it. */
  slot: number | null = null;
  /** What the cloud's document asks of it. */
  wanted: Partial<AccessCodeRequest>;
  /** Every state since it was made, for whose code a slot holds. */
  readonly #history: LockState[] = [];
  /** PIN that it was asked for with. */
  digits = PIN;

  constructor(capabilities: Capabilities, wanted: Partial<AccessCodeRequest>) {
    super(capabilities);
    this.wanted = wanted;
  }

  override get reading(): TimeReading {
    return { earliest: this.now - this.uncertaintyMs, latest: this.now + this.uncertaintyMs };
  }

  /** The document with what is wanted of the code, changed. */
  want(change: Partial<AccessCodeRequest> = {}, digits = this.digits): void {
    this.wanted = { ...this.wanted, ...change };
    this.digits = digits;
    this.desire(request(ID, digits, this.wanted));
  }

  /** Somebody types the PIN that a slot holds, and the lock tells it. The store remembers whose it was, so this does. */
  unlock(slot: number): void {
    const rowIn = (state: LockState | undefined) => state?.slots.find((row) => row.slot === slot);
    let tenant: Tenant | null = null;
    for (const [index, state] of [...this.#history, this.state].entries()) {
      const after = rowIn(state);
      const change = { before: rowIn(this.#history[index - 1]), after, owner: ownerOf(state, after) };
      const changed = tenureChange(tenant, change);
      if (changed !== null) tenant = changed.tenant;
    }
    const event = {
      deviceId: 'lock',
      at: this.now,
      body: { kind: 'unlocked', method: 'keycode', slot } as const,
    };
    this.take(observe(this.state, event, tenant ?? undefined, POLICY, this.reading));
  }

  override step(): boolean {
    this.#history.push(this.state);
    if (this.state.lock.online) {
      if (this.isAway) this.nextOutcome = UNREACHABLE;
      return super.step();
    }
    this.follow();
    if (!mayTry(this.state.lock.retryAt, this.reading)) return false;
    if (this.isAway) this.state = missed(this.state, this.reading);
    else this.hear({ kind: 'online' });
    return true;
  }

  /** The code that is looked at, if it is still there. */
  get looked(): AccessCode | undefined {
    return this.code(this.id);
  }

  /** Lets the loop go on until it is about to write, waiting for a retry if need be. `undefined`: it writes nothing. */
  nextWrite(): PlannedOperation | undefined {
    const latest = this.now + ATTEMPT_WITHIN_MS;
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      this.follow();
      const { operations, wakeAt } = plan(this.state, POLICY, this.reading);
      const [planned] = operations;
      if (planned !== undefined && this.state.lock.online) {
        if (isWrite(planned.operation)) return planned;
        this.step();
      } else if (this.state.lock.online) {
        if (wakeAt === null || wakeAt > latest) return undefined;
        this.now = wakeAt;
      } else {
        this.now = Math.max(this.now, this.state.lock.retryAt ?? this.now);
        if (this.now > latest) return undefined;
        this.step();
      }
    }
    return undefined;
  }

  /** The next write comes out like this. False when nothing is to be written. */
  attempt(outcome: Outcome | null): boolean {
    if (this.nextWrite() === undefined) return false;
    this.nextOutcome = outcome;
    super.step();
    return true;
  }

  /** Remembers the slot of the code, and forgets what happened so far. */
  settleDown(): this {
    this.slot = this.looked?.slot ?? null;
    this.told();
    this.worked();
    return this;
  }

  /** What became of the code: its status and problems, what the lock holds for it, what was told. */
  result(): string {
    this.slot = this.looked?.slot ?? this.slot;
    return [this.#status(), this.#held(), this.#told()].join(' | ');
  }

  #status(): string {
    const code = this.looked;
    if (code === undefined) return 'gone';
    const problems = [...code.errors, ...code.warnings].map((problem) => problem.code);
    const rejected = code.rejected === null ? [] : [`refused: ${code.rejected.code}`];
    const scheduled = code.isScheduledOnDevice ? ['scheduled'] : [];
    return [code.status, ...scheduled, ...rejected, ...new Set(problems)].join(', ');
  }

  #held(): string {
    const { slot } = this;
    if (slot === null) return 'not on lock';
    const digits = this.pins.get(slot);
    if (digits === undefined) return 'not on lock';
    const asked = this.looked?.pin?.reveal() ?? this.digits;
    const whose = digits === asked ? 'on' : digits === PIN ? 'old PIN on' : 'another PIN on';
    const how = this.disabled.has(slot) ? 'disabled' : this.schedules.has(slot) ? 'by schedule' : '';
    return `${whose} ${how}`.trim();
  }

  #told(): string {
    const told = this.events
      .splice(0)
      .filter(({ access_code_id: id }) => id === undefined || id === this.id)
      .map((event) => shortly(event, this.id));
    return told.length === 0 ? 'nothing' : told.join(', ');
  }

  /** Brings the state up to date with time, as the loop does before it plans. */
  follow(): void {
    this.take(advance(this.state, POLICY, this.reading));
    this.take(replenish(this.state, POLICY, this.draw, this.reading));
  }
}

/** An event in a few words: a change of status as `from > to`, an unlock with whether it names the code. */
function shortly({ event_type, access_code_id: id, details }: DomainEvent, looked: string): string {
  if (event_type === 'lock.unlocked') return id === looked ? 'unlocked by it' : 'unlocked by nobody known';
  const word = event_type.replace('access_code.', '');
  if (word !== 'changed') return word;
  const changed = details?.['changed_properties'] as readonly {
    readonly property: string;
    readonly from?: string;
    readonly to?: string;
  }[];
  return changed
    .map(({ property, from, to }) => (property === 'status' ? `${from} > ${to}` : `changed ${property}`))
    .join(', ');
}
