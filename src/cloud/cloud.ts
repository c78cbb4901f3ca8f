import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { CheckUp } from '../core/finding.ts';
import { SECOND_MS } from '../core/time.ts';
import { diagnosisOf } from './diagnosis.ts';
import { openExchange, type ExchangeOptions } from './exchange.ts';
import { Link, LINK_TIMES, type LinkState } from './link.ts';
import type { LoginFiles } from './login.ts';
import { topicsOf } from './messages/topics.ts';
import { Renewal } from './own-certificate.ts';
import { statusOf } from './presence.ts';

const FLUSH_EVERY_MS = 10 * SECOND_MS;
const NO_NEW_KEY = 'the key for sealed PINs could not be changed';
const NOT_RENEWED = 'the certificate could not be renewed';
const NOT_REPORTED = 'what was rejected could not be reported';

/** The keys `cloud.*` of the config file, and the parts of the hub that the cloud may touch. */
export interface CloudOptions extends ExchangeOptions, LoginFiles {
  /** `mqtt`, `mqtts`, `ws` or `wss`; several for the nodes of one cluster. */
  readonly url: string | readonly string[];
  /** How long a broker may take to acknowledge before the connection counts as dead; default 30 s. */
  readonly pubackTimeoutMs?: number;
  /** Looks at the hub and its machine, for the command `diagnostics`. */
  readonly checkUp?: () => Promise<Pick<CheckUp, 'findings'>>;
  /** Shortest wait before the next attempt when the broker refused us; default 30 s. */
  readonly refusedPauseMs?: number;
  /** How often the files of the login are looked at; default 10 s. */
  readonly loginLookMs?: number;
}

export interface Cloud {
  state(): LinkState;
  /** A radio went or came back: what is reported of its locks has changed, although nothing was stored. */
  radiosChanged(): void;
  /**
   * Makes a new key for sealed PINs when the last one is too old, or is asked to be followed; the cloud hears of it with the
   * next hello.
   */
  rotateKeys(isAsked?: boolean): void;
  /** Publishes that the hub goes offline and ends the connection. At most 2 s. */
  stop(): Promise<void>;
}

/** Connects the hub to its cloud and keeps it so. Nothing here ever ends the process. */
export function startCloud(options: CloudOptions): Cloud {
  const { store, clock, log } = options;
  const topics = topicsOf(options.hubId);
  const exchange = openExchange(options, async (health) => {
    const { findings } = (await options.checkUp?.()) ?? { findings: [] };
    return diagnosisOf(health(link.state().connectionSeq), link.state(), store, findings);
  });
  const renewal = new Renewal({ ...options, topic: topics.certificateRequest });
  const stopping = new AbortController();
  void nowAndThen(clock, stopping.signal, () => {
    guarded(() => exchange.inbox.flush(), log, NOT_REPORTED);
    guarded(() => renewal.look(), log, NOT_RENEWED);
  });
  const link = new Link({
    peer: 'the cloud',
    url: options.url,
    login: options,
    clientId: `lockhub-${options.hubId}`,
    filters: [topics.down],
    keepsSession: true,
    clock,
    log,
    random: options.random,
    pubackTimeoutMs: options.pubackTimeoutMs ?? LINK_TIMES.pubackTimeoutMs,
    refusedPauseMs: options.refusedPauseMs ?? LINK_TIMES.refusedPauseMs,
    loginLookMs: options.loginLookMs ?? LINK_TIMES.loginLookMs,
    receive: (message) => exchange.inbox.receive(message),
    offline: (seq) => ({ topic: topics.status, payload: statusOf(options, seq, 'offline', clock) }),
    connected: (connection) => {
      exchange.publisher.connected(connection);
      renewal.connected(connection);
    },
  });
  guarded(() => exchange.resume(), log, 'commands that waited could not be read');
  return {
    state: () => link.state(),
    radiosChanged: () => exchange.publisher.changed(store.deviceIds()),
    rotateKeys: (isAsked) => guarded(() => exchange.sealingKeys.rotateWhereDue(isAsked), log, NO_NEW_KEY),
    stop: async () => {
      stopping.abort();
      await link.stop();
      guarded(() => exchange.inbox.close(), log, NOT_REPORTED);
    },
  };
}

async function nowAndThen(clock: Clock, signal: AbortSignal, work: () => void): Promise<void> {
  while (!signal.aborted) {
    await clock.sleepFor(FLUSH_EVERY_MS, signal);
    if (signal.aborted) return;
    work();
  }
}

/** A store that fails here costs nothing that can't wait for another time. */
function guarded(work: () => void, log: Logger, failure: string): void {
  try {
    work();
  } catch (error) {
    log.error({ err: error }, failure);
  }
}
