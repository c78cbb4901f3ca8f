import type { AccessCode } from '../core/access-code.ts';
import { failed, type CommandOutcome } from '../core/command.ts';
import type { Draw } from '../core/draw.ts';
import type { LockState } from '../core/lock.ts';
import type { Operation, Outcome } from '../core/operation.ts';
import { vacancy } from '../core/plan/assign.ts';
import type { PlannedOperation } from '../core/plan/planned.ts';
import { isCalm, newProbe, withProbe } from '../core/request/probe.ts';
import type { SlotContent } from '../core/slot.ts';
import { SECOND_MS } from '../core/time.ts';
import type { LockDriver } from '../lock-driver.ts';
import { bounded, DRIVER_DEADLINE_MS } from './bounded.ts';
import { perform, type PerformParts } from './perform.ts';

/** Slots that are read until one is found free. */
const LOOKS_MAX = 5;
/** Some locks show for a moment what a slot held before it was written; it is read again after a pause. */
const READ_BACKS_MAX = 3;
const READ_AGAIN_MS = SECOND_MS;

export interface SelfTestParts extends PerformParts {
  /** Cryptographic randomness. */
  readonly draw: Draw;
}

/** A step of a self-test, in the words of the contract. */
interface StepResult {
  readonly step: 'reach' | 'find_slot' | 'write' | 'read_back' | 'remove' | 'prove_empty';
  readonly ok: boolean;
  readonly took_ms: number;
  readonly message: string;
}

type Answer = Pick<StepResult, 'ok' | 'message'>;

/**
 * Puts a code that nobody has into a free slot of a lock, reads it back, removes it and proves the slot empty. In the
 * loop's own turn, with its journal: what a crash or a silent lock leaves behind, the loop clears (`newProbe`).
 */
export async function selfTest(
  deviceId: string,
  driver: LockDriver,
  parts: SelfTestParts,
): Promise<CommandOutcome> {
  const { store, clock, policy } = parts;
  const state = store.lockState(deviceId);
  if (state === undefined || !isCalm(state, policy, clock.now())) return BUSY;
  const test = new SelfTest(deviceId, driver, parts);
  return { state: 'succeeded', result: { steps: await test.run() } };
}

const BUSY = failed('busy', 'A code of this lock is due within two minutes; try again after that.');

class SelfTest {
  readonly #deviceId: string;
  readonly #driver: LockDriver;
  readonly #parts: SelfTestParts;
  readonly #steps: StepResult[] = [];

  constructor(deviceId: string, driver: LockDriver, parts: SelfTestParts) {
    this.#deviceId = deviceId;
    this.#driver = driver;
    this.#parts = parts;
  }

  async run(): Promise<readonly StepResult[]> {
    let slot: number | null = null;
    const isReached = await this.#step('reach', () => this.#reach());
    const isFound =
      isReached &&
      (await this.#step('find_slot', async () => {
        slot = await this.#freeSlot();
        return slot === null ? NO_SLOT : { ok: true, message: `Slot ${slot} is free.` };
      }));
    if (isFound && slot !== null) await this.#tryOut(slot);
    return this.#steps;
  }

  async #tryOut(slot: number): Promise<void> {
    const probe = this.#reserve(slot);
    if (probe === null) {
      await this.#step('write', () => Promise.resolve(NO_PIN));
      return;
    }
    const isWritten = await this.#step('write', () => this.#write(probe, slot));
    if (!isWritten) return;
    // Whatever it reads, what was written has to go.
    await this.#step('read_back', () => this.#readBack(probe, slot));
    const isRemoved = await this.#step('remove', () => this.#remove(probe, slot));
    if (isRemoved) await this.#step('prove_empty', () => this.#proveEmpty(probe, slot));
  }

  async #step(step: StepResult['step'], work: () => Promise<Answer>): Promise<boolean> {
    const startedMs = this.#parts.clock.monotonicMs();
    const answer = await work();
    const tookMs = Math.round(this.#parts.clock.monotonicMs() - startedMs);
    this.#steps.push({ step, ok: answer.ok, took_ms: tookMs, message: answer.message });
    return answer.ok;
  }

  async #reach(): Promise<Answer> {
    const isThere = await bounded(this.#driver.ping(this.#deviceId), false, DRIVER_DEADLINE_MS, this.#parts);
    return isThere
      ? { ok: true, message: 'The lock answers.' }
      : { ok: false, message: 'The lock does not answer.' };
  }

  /** A slot that was found empty just now. */
  async #freeSlot(): Promise<number | null> {
    const looked = new Set<number>();
    for (let looks = 0; looks <= LOOKS_MAX; looks += 1) {
      const state = this.#state();
      if (state?.lock.capabilities == null) return null;
      const found = vacancy(state, state.lock.capabilities, looked, this.#parts.clock.now());
      if (found.kind === 'free') return found.slot;
      if (found.kind === 'full') return null;
      const { outcome } = await this.#perform({ kind: 'read_slot', slot: found.slot }, null);
      if (contentOf(outcome)?.kind !== 'empty') looked.add(found.slot);
    }
    return null;
  }

  /** The slot belongs to the probe before anything is written. `null`: there is no PIN to try. */
  #reserve(slot: number): AccessCode | null {
    const { store, clock, draw } = this.#parts;
    const state = this.#state();
    if (state === undefined) return null;
    const siblings = store
      .deviceIds()
      .filter((deviceId) => deviceId !== this.#deviceId)
      .flatMap((deviceId) => store.lockState(deviceId) ?? []);
    const probe = newProbe(state, siblings, draw, clock.now());
    if (probe !== null) this.#keep(probe, slot);
    return probe;
  }

  #keep(probe: AccessCode, slot: number): void {
    const { store } = this.#parts;
    store.transaction(() => {
      const before = this.#state();
      if (before !== undefined) store.commit(before, withProbe(before, probe, slot), []);
    });
  }

  async #write(probe: AccessCode, slot: number): Promise<Answer> {
    if (probe.pin === null) throw new Error('A probe has no PIN.');
    const { outcome } = await this.#perform(
      { kind: 'set_pin', slot, pin: probe.pin, enabled: true },
      probe.accessCodeId,
    );
    return outcome.kind === 'done' ? { ok: true, message: 'The lock took a test code.' } : failure(outcome);
  }

  async #readBack(probe: AccessCode, slot: number): Promise<Answer> {
    let content: SlotContent | undefined;
    for (let reads = 0; reads < READ_BACKS_MAX; reads += 1) {
      if (reads > 0) await this.#pause();
      const { outcome } = await this.#perform({ kind: 'read_slot', slot }, null);
      if (outcome.kind !== 'done') return failure(outcome);
      content = contentOf(outcome);
      if (content?.kind !== 'empty') break;
    }
    if (content?.kind === 'masked')
      return { ok: true, message: 'The lock says that the slot is in use; it hides the digits.' };
    if (content?.kind === 'pin' && probe.pin?.equals(content.pin) === true && content.enabled)
      return { ok: true, message: 'The lock shows the test code.' };
    return { ok: false, message: 'The lock said that it took the test code, and shows another content.' };
  }

  async #remove(probe: AccessCode, slot: number): Promise<Answer> {
    const { outcome } = await this.#perform({ kind: 'clear_slot', slot }, probe.accessCodeId);
    if (outcome.kind === 'done') return { ok: true, message: 'The lock removed the test code.' };
    return { ok: false, message: `${failure(outcome).message} The hub goes on trying to remove it.` };
  }

  async #proveEmpty(probe: AccessCode, slot: number): Promise<Answer> {
    // A lock that only said so would otherwise be found to have a code that is nobody's.
    this.#keep(probe, slot);
    const { outcome } = await this.#perform({ kind: 'read_slot', slot }, null);
    if (outcome.kind !== 'done') return failure(outcome);
    return contentOf(outcome)?.kind === 'empty'
      ? { ok: true, message: 'The slot is empty again.' }
      : {
          ok: false,
          message:
            'The lock said that it removed the test code, and still has it. The hub goes on trying to remove it.',
        };
  }

  #perform(operation: Operation, accessCodeId: string | null) {
    const planned: PlannedOperation = {
      operation,
      accessCodeId,
      wish: `${accessCodeId ?? 'self-test'} 1`,
      priority: 'look',
      reason: 'self_test',
    };
    return perform(this.#deviceId, planned, this.#driver, this.#parts);
  }

  #state(): LockState | undefined {
    return this.#parts.store.lockState(this.#deviceId);
  }

  async #pause(): Promise<void> {
    await this.#parts.clock.sleepFor(READ_AGAIN_MS, new AbortController().signal);
  }
}

const NO_SLOT: Answer = { ok: false, message: 'No slot of the lock was found free.' };
const NO_PIN: Answer = { ok: false, message: 'The lock allows no further PIN.' };

function contentOf(outcome: Outcome): SlotContent | undefined {
  return outcome.kind === 'done' ? outcome.reading?.content : undefined;
}

/** A driver's words are for a log; these are for a person. */
function failure({ kind }: Outcome): Answer {
  switch (kind) {
    case 'done':
      return { ok: true, message: 'Done.' };
    case 'refused':
      return { ok: false, message: 'The lock refused.' };
    case 'unreachable':
      return { ok: false, message: 'The lock did not answer.' };
    case 'unknown':
      return { ok: false, message: 'The lock did not say whether it did it.' };
    case 'radio_down':
      return { ok: false, message: 'The radio does not answer.' };
  }
}
