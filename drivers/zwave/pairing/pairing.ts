import { ZWaveFeature, type Driver } from 'zwave-js';
import type { PairingProgress } from '../../../src/core/radio-view.ts';
import type { Pairing, PairingEnd, PairingRequest } from '../../../src/lock-driver.ts';
import { admissionOf, type Admission } from './admission.ts';
import { Admittance, follow } from './admittance.ts';
import { letIn } from './let-in.ts';
import { letOut } from './let-out.ts';
import { busy, radioDown, type Interruption, type Network } from './network.ts';
import { replace } from './replace.ts';

/** Lets locks into the Z-Wave network and out of it, one at a time. */
export class ZwavePairing implements Pairing {
  readonly #network: () => Network | null;
  readonly #admittance: Admittance;
  #underway: AbortController | null = null;
  #ended: Promise<unknown> = Promise.resolve();

  /**
   * @param network the radio; `null` while it is not there
   * @param tell called when `progress` is another one
   */
  constructor(network: () => Network | null, tell: () => void) {
    this.#network = network;
    this.#admittance = new Admittance(tell);
  }

  start(request: PairingRequest): Promise<PairingEnd> {
    return this.#alone(async (network, signal) => {
      const admission = await this.#admissionOf(network, request);
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
      const lock = network.discovery.lock(deviceId) ?? network.discovery.keypad(deviceId);
      return lock === undefined ? unmet : letOut(network, lock, signal);
    });
  }

  replace(deviceId: string, request: PairingRequest): Promise<PairingEnd> {
    return this.#alone(async (network, signal) => {
      const old = network.discovery.nodeOf(deviceId);
      if (old === undefined) return unmet;
      const admission = await this.#admissionOf(network, request);
      return admission === undefined ? invalidQr : replace(network, old, admission, request, signal);
    });
  }

  enterPin(pin: string | null): boolean {
    return this.#admittance.enterPin(pin);
  }

  progress(): PairingProgress | null {
    return this.#admittance.progress;
  }

  #admissionOf({ driver }: Network, request: PairingRequest): Promise<Admission | undefined> {
    const hasSmartStart = driver.controller.supportsFeature(ZWaveFeature.SmartStart) ?? false;
    return admissionOf(request, hasSmartStart, this.#admittance);
  }

  async #alone(work: (network: Network, signal: AbortSignal) => Promise<PairingEnd>): Promise<PairingEnd> {
    const network = this.#network();
    if (network === null) return radioDown;
    if (this.#underway !== null) return busy;
    const underway = new AbortController();
    this.#underway = underway;
    this.#admittance.at('opening');
    const unfollow = follow(network.driver.controller, this.#admittance);
    const ending = work(network, underway.signal).finally(() => {
      this.#underway = null;
      unfollow();
      this.#admittance.end();
    });
    this.#ended = ending.catch(() => undefined);
    return ending;
  }

  #interrupt(reason: Interruption): void {
    // Whoever is asked for digits is asked no more.
    this.#admittance.enterPin(null);
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
