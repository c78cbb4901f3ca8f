import { InclusionState, type ZWaveController, type ZWaveNode } from 'zwave-js';
import type { PairingProgress, PairingStage } from '../../../src/core/radio-view.ts';
import { within } from '../within.ts';

/** The library waits so long for the digits of a lock that it lets in. */
const PIN_TIMEOUT_MS = 240_000;

/** How far the admission of a lock is, and what it is asked for meanwhile. */
export class Admittance {
  readonly #tell: () => void;
  #progress: PairingProgress | null = null;
  #answer: ((pin: string | null) => void) | null = null;

  /** @param tell called when `progress` is another one */
  constructor(tell: () => void) {
    this.#tell = tell;
  }

  get progress(): PairingProgress | null {
    return this.#progress;
  }

  at(stage: PairingStage, progress: number | null = null): void {
    this.#show({ stage, dsk: null, progress });
  }

  /** Nothing is under way any more, and nobody waits for digits. */
  end(): void {
    this.#answer?.(null);
    this.#show(null);
  }

  /**
   * Waits for the five digits of a lock. `null`: nobody had them in time.
   *
   * @param dsk what the lock says of itself, without its first group, which are the digits
   */
  async ask(dsk: string): Promise<string | null> {
    const asked = Promise.withResolvers<string | null>();
    this.#answer = asked.resolve;
    this.#show({ stage: 'pin_needed', dsk: dsk.replace(/^-/, ''), progress: null });
    const pin = await within(asked.promise, PIN_TIMEOUT_MS);
    this.#answer = null;
    return pin ?? null;
  }

  /** False when nobody waits for it. */
  enterPin(pin: string | null): boolean {
    if (this.#answer === null) return false;
    this.#answer(pin);
    this.#answer = null;
    this.at('exchanging_keys');
    return true;
  }

  #show(progress: PairingProgress | null): void {
    this.#progress = progress;
    this.#tell();
  }
}

/** Tells how far the library is with what is begun at the controller; call what it returns to end that. */
export function follow(controller: ZWaveController, admittance: Admittance): () => void {
  const onOpen = (): void => admittance.at('waiting_for_lock');
  const onState = (state: InclusionState): void => {
    if (state === InclusionState.Busy && admittance.progress?.stage === 'waiting_for_lock')
      admittance.at('joining');
  };
  const onFound = (): void => admittance.at('exchanging_keys');
  const onProgress = (_node: ZWaveNode, { progress }: { readonly progress: number }): void =>
    // The library may begin anew in the middle, and what a person is shown only grows.
    admittance.at('interviewing', Math.max(admittance.progress?.progress ?? 0, progress / 100));
  const newcomers: ZWaveNode[] = [];
  const onAdded = (node: ZWaveNode): void => {
    newcomers.push(node);
    admittance.at('interviewing', 0);
    node.on('interview progress', onProgress);
  };
  controller.on('inclusion started', onOpen).on('exclusion started', onOpen);
  controller.on('inclusion state changed', onState);
  controller.on('node found', onFound).on('node added', onAdded);
  return () => {
    controller.off('inclusion started', onOpen).off('exclusion started', onOpen);
    controller.off('inclusion state changed', onState);
    controller.off('node found', onFound).off('node added', onAdded);
    for (const node of newcomers) node.off('interview progress', onProgress);
  };
}
