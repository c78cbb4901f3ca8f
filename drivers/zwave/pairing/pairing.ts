import { ZWaveFeature, type Driver } from 'zwave-js';
import type { PairingProgress } from '../../../src/core/radio-view.ts';
import type { Pairing, PairingEnd, PairingRequest } from '../../../src/lock-driver.ts';
import { admissionOf } from './admission.ts';
import { letIn } from './let-in.ts';
import { letOut } from './let-out.ts';
import { busy, radioDown, type Interruption, type Network } from './network.ts';

/** Lets locks into the Z-Wave network and out of it, one at a time. */
export class ZwavePairing implements Pairing {
  readonly #network: () => Network | null;
  #underway: AbortController | null = null;
  #ended: Promise<unknown> = Promise.resolve();

  /** @param network the radio; `null` while it is not there */
  constructor(network: () => Network | null) {
    this.#network = network;
  }

  start(request: PairingRequest): Promise<PairingEnd> {
    return this.#alone(async (network, signal) => {
      const hasSmartStart = network.driver.controller.supportsFeature(ZWaveFeature.SmartStart) ?? false;
      const admission = await admissionOf(request, hasSmartStart);
      return admission === undefined ? invalidQr : letIn(network, admission, request.durationMs, signal);
    });
  }

  stop(): void {
    this.#interrupt('stopped');
  }

  /** What a hub that died expected by SmartStart would join this one unasked. */
  forgetExpected({ controller }: Driver): void {
    for (const { dsk } of controller.getProvisioningEntries()) controller.unprovisionSmartStartNode(dsk);
  }

  /** Resolves when the network is closed after a `stop`. */
  get ended(): Promise<unknown> {
    return this.#ended;
  }

  /** The radio was lost: nobody gets in or out. */
  radioLost(): void {
    this.#interrupt('radio_down');
  }

  remove(deviceId: string): Promise<PairingEnd> {
    return this.#alone(async (network, signal) => {
      const lock = network.discovery.lock(deviceId);
      return lock === undefined ? unmet : letOut(network, lock, signal);
    });
  }

  replace(): Promise<PairingEnd> {
    return Promise.resolve({
      kind: 'failed',
      reason: 'unsupported',
      message: 'This radio cannot replace locks.',
    });
  }

  enterPin(): boolean {
    return false;
  }

  progress(): PairingProgress | null {
    return null;
  }

  async #alone(work: (network: Network, signal: AbortSignal) => Promise<PairingEnd>): Promise<PairingEnd> {
    const network = this.#network();
    if (network === null) return radioDown;
    if (this.#underway !== null) return busy;
    const underway = new AbortController();
    this.#underway = underway;
    const ending = work(network, underway.signal).finally(() => {
      this.#underway = null;
    });
    this.#ended = ending.catch(() => undefined);
    return ending;
  }

  #interrupt(reason: Interruption): void {
    this.#underway?.abort(reason);
  }
}

const invalidQr: PairingEnd = {
  kind: 'failed',
  reason: 'invalid_qr',
  message: 'The text is no QR code of a Z-Wave lock.',
};

const unmet: PairingEnd = {
  kind: 'failed',
  reason: 'radio_down',
  message: 'The lock was not met since the radio came back.',
};
