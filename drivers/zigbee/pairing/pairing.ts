import type { Clock } from '../../../src/clock.ts';
import type { PairingProgress, PairingStage } from '../../../src/core/radio-view.ts';
import type {
  DriverHost,
  Pairing,
  PairingEnd,
  PairingRequest,
  RadioStorage,
} from '../../../src/lock-driver.ts';
import { isAnswering } from '../attributes.ts';
import { keepPlace } from '../identity.ts';
import { sendAway } from '../leave.ts';
import type { Member } from '../lock.ts';
import type { Network } from '../network-view.ts';
import { letIn } from './let-in.ts';

const radioDown: PairingEnd = { kind: 'failed', reason: 'radio_down', message: 'The radio is not there.' };
const busy: PairingEnd = {
  kind: 'failed',
  reason: 'busy',
  message: 'Another pairing or removal is under way.',
};
const unmet: PairingEnd = {
  kind: 'failed',
  reason: 'radio_down',
  message: 'The lock was not met since the radio came back.',
};
const stillThere: PairingEnd = {
  kind: 'failed',
  reason: 'still_there',
  message: 'The lock that is to be replaced still answers.',
};

/** Lets locks into the Zigbee network and out of it, one at a time. */
export class ZigbeePairing implements Pairing {
  readonly #network: () => Network | null;
  readonly #host: () => DriverHost | null;
  readonly #storage: RadioStorage;
  readonly #clock: Clock;
  #underway: AbortController | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  #progress: PairingProgress | null = null;
  /** Who may join now; `null`: nobody that is not known. */
  #guest: ((ieee: string) => boolean) | null = null;

  constructor(
    network: () => Network | null,
    host: () => DriverHost | null,
    storage: RadioStorage,
    clock: Clock,
  ) {
    this.#clock = clock;
    this.#network = network;
    this.#host = host;
    this.#storage = storage;
  }

  /** Whether a stranger that asks to join now is let in. */
  isGuest(ieee: string): boolean {
    return this.#guest?.(ieee) ?? false;
  }

  start(request: PairingRequest): Promise<PairingEnd> {
    return this.#alone((network, signal) => this.#letIn(network, request, signal, null));
  }

  stop(): void {
    this.#underway?.abort('stopped');
  }

  /** Resolves when the network is closed after a `stop`. */
  get ended(): Promise<unknown> {
    return this.#ended;
  }

  /** The radio was lost: nobody gets in or out. */
  radioLost(): void {
    this.#underway?.abort('radio_down');
  }

  remove(deviceId: string): Promise<PairingEnd> {
    return this.#alone(async (network) => {
      const lock = network.discovery.member(deviceId);
      if (lock === undefined) return unmet;
      await sendAway(lock.device);
      network.discovery.forget(lock.device.ieeeAddr);
      return { kind: 'done', deviceIds: [deviceId] };
    });
  }

  replace(deviceId: string, request: PairingRequest): Promise<PairingEnd> {
    return this.#alone(async (network, signal) => {
      const old = network.discovery.member(deviceId);
      if (old === undefined) return unmet;
      if (await isAnswering(old)) return stillThere;
      return this.#letIn(network, request, signal, old);
    });
  }

  /** Zigbee locks prove themselves by their install code, never by digits in between. */
  enterPin(): boolean {
    return false;
  }

  progress(): PairingProgress | null {
    return this.#progress;
  }

  async #letIn(
    network: Network,
    request: PairingRequest,
    signal: AbortSignal,
    replaced: Member | null,
  ): Promise<PairingEnd> {
    const onJoined = (ieee: string): void => {
      // Whether it is a lock is not known yet: until then the old one has its place.
      if (replaced !== null && ieee !== replaced.device.ieeeAddr)
        keepPlace(ieee, replaced.deviceId, this.#storage);
    };
    return letIn(network, request, signal, {
      clock: this.#clock,
      at: (stage, progress = null) => this.#at(stage, progress),
      admit: (guest) => {
        this.#guest = guest;
      },
      onJoined,
    });
  }

  async #alone(work: (network: Network, signal: AbortSignal) => Promise<PairingEnd>): Promise<PairingEnd> {
    const network = this.#network();
    if (network === null) return radioDown;
    if (this.#underway !== null) return busy;
    const underway = new AbortController();
    this.#underway = underway;
    this.#at('opening', null);
    const ending = work(network, underway.signal).finally(() => {
      this.#underway = null;
      this.#guest = null;
      this.#progress = null;
      this.#host()?.onPairing();
    });
    this.#ended = ending.catch(() => undefined);
    return ending;
  }

  #at(stage: PairingStage, progress: number | null): void {
    this.#progress = { stage, dsk: null, progress };
    this.#host()?.onPairing();
  }
}
