import { connect } from 'node:net';
import type { Clock } from '../clock.ts';
import type { RadioKind } from '../core/lock-event.ts';
import type { Vitals } from '../system/vitals.ts';
import type { Expects } from './trial.ts';

/** So often in a row all has to be well, a look apart: timers run, and it is no lucky moment. */
const LOOKS = 3;
const CONNECT_WITHIN_MS = 5000;

/** What of a hub shows that it works. */
export interface Provable {
  readonly vitals: Pick<Vitals, 'overdue' | 'blocked'>;
  readonly radios: () => readonly { readonly radio: RadioKind; readonly state: string }[];
  /** `null`: it has no cloud. */
  readonly cloudLink: () => { readonly status: string } | null;
  /** Nodes of the broker. */
  readonly cloudUrls: readonly string[];
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Looks at a new version, which has proved itself when what the old one had is there again. */
export class Proving {
  readonly #hub: Provable;
  readonly #expects: Expects;
  #looks = 0;
  /** What was missing at the last look, in words. */
  missing: string | null = null;

  constructor(hub: Provable, expects: Expects) {
    this.#hub = hub;
    this.#expects = expects;
  }

  /** To be called about once a second. True: it has proved itself. */
  async look(): Promise<boolean> {
    this.missing = await this.#missing();
    this.#looks = this.missing === null ? this.#looks + 1 : 0;
    return this.#looks >= LOOKS;
  }

  async #missing(): Promise<string | null> {
    const { vitals, radios } = this.#hub;
    const down = this.#expects.radios.find((kind) => {
      return !radios().some(({ radio, state }) => radio === kind && state === 'ready');
    });
    if (down !== undefined) return `the ${down} radio`;
    if (vitals.blocked() !== null) return 'a database that takes writes';
    if (vitals.overdue().length > 0) return 'the loops of all locks';
    return (await this.#isCloudWell()) ? null : 'the cloud';
  }

  /** Seen, or known to be out of reach: not even a connection is taken. */
  async #isCloudWell(): Promise<boolean> {
    const link = this.#hub.cloudLink();
    if (!this.#expects.cloud || link === null || link.status === 'online') return true;
    const answers = await Promise.all(this.#hub.cloudUrls.map(isReached));
    return answers.every((answer) => !answer);
  }
}

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

/** Asked in the plainest way, which a fault of the new version's own link does not touch. */
function isReached(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket = connect({ host, port: port === '' ? (PORTS[protocol] ?? 0) : Number(port) });
    const end = (isReachable: boolean): void => {
      socket.destroy();
      resolve(isReachable);
    };
    socket.setTimeout(CONNECT_WITHIN_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
