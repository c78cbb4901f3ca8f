import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Draw } from '../core/draw.ts';
import type { RadioKind } from '../core/lock-event.ts';
import type { Policy } from '../core/lock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import { Commands } from './commands.ts';
import { diagnosisOf } from './diagnosis.ts';
import { healthOf, type HealthSources } from './health.ts';
import { openInbox, type Inbox } from './inbox.ts';
import { Link, LINK_TIMES, type LinkState } from './link.ts';
import type { LoginFiles } from './login.ts';
import type { Health } from './messages/health.ts';
import { topicsOf } from './messages/topics.ts';
import { statusOf, type HubIdentity } from './presence.ts';
import { Publisher } from './publisher.ts';
import type { ReportContext } from './reported.ts';
import { openSealingKeys } from './sealing-keys.ts';

const FLUSH_EVERY_MS = 10 * SECOND_MS;
const NOT_REPORTED = 'what was rejected could not be reported';

/** The keys `cloud.*` of the config file, and the parts of the hub that the cloud may touch. */
export interface CloudOptions extends HubIdentity, LoginFiles {
  /** `mqtt`, `mqtts`, `ws` or `wss`. */
  readonly url: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  /** `false`: PINs in clear are refused (`cloud.plain_codes`). */
  readonly plainCodes: boolean;
  /** Tells the loop that something about a lock changed; what, it reads from the store. */
  readonly wake: (deviceId: string) => void;
  /** Tells whoever lets locks in and out that a command for that waits. */
  readonly wakeRadios: () => void;
  /** Whether a radio of this hub answers; those of locks that nobody has met do. Default: all do. */
  readonly isRadioUp?: (radio: RadioKind) => boolean;
  readonly radios: HealthSources['radios'];
  readonly disk: HealthSources['disk'];
  readonly log: Logger;
  /** Cryptographic randomness, for PINs that the hub makes up. */
  readonly draw: Draw;
  /** Uniform in [0, 1): jitter of backoff and keep-alive. */
  readonly random: () => number;
  /** How long a broker may take to acknowledge before the connection counts as dead; default 30 s. */
  readonly pubackTimeoutMs?: number;
  /** Shortest wait before the next attempt when the broker refused us; default 30 s. */
  readonly refusedPauseMs?: number;
  /** How often the files of the login are looked at; default 10 s. */
  readonly loginLookMs?: number;
}

export interface Cloud {
  state(): LinkState;
  /** A radio went or came back: what is reported of its locks has changed, although nothing was stored. */
  radiosChanged(): void;
  /** Makes a new key for sealed PINs when the last one is too old; the cloud hears of it with the next hello. */
  rotateKeys(): void;
  /** Publishes that the hub goes offline and ends the connection. At most 2 s. */
  stop(): Promise<void>;
}

/** Connects the hub to its cloud and keeps it so. Nothing here ever ends the process. */
export function startCloud(options: CloudOptions): Cloud {
  const { store, clock, policy, log } = options;
  const topics = topicsOf(options.hubId);
  const isRadioUp = options.isRadioUp ?? ((): boolean => true);
  const reportContext: ReportContext = {
    policy,
    now: () => clock.now(),
    isRadioUp: ({ radio }) => radio === null || isRadioUp(radio),
    fingerprint: store.fingerprint.bind(store),
  };
  const sealingKeys = openSealingKeys({ secrets: store.secrets, clock });
  const startedMs = clock.monotonicMs();
  const health = (connectionSeq: number): Health =>
    healthOf(options, connectionSeq, startedMs, options, {
      ...options,
      rejected: () => inbox.rejected(),
      sealingKey: () => sealingKeys.current(),
    });
  const publisher = new Publisher({
    hub: options,
    store,
    clock,
    reportContext,
    sealingKeys,
    topics,
    log,
    health: (connectionSeq) => JSON.stringify(health(connectionSeq)),
    random: options.random,
  });
  const commands = new Commands({
    ...options,
    resendEvents: (afterSeq) => publisher.resendEvents(afterSeq),
    diagnose: () => diagnosisOf(health(link.state().connectionSeq), link.state(), store),
  });
  const inbox = openInbox({
    ...options,
    sealingKeys,
    reportAgain: (deviceId) => publisher.reportAgain(deviceId),
    sentThrough: () => publisher.sentThrough(),
    acknowledged: () => publisher.acknowledged(),
    takeCommand: (command) => commands.take(command),
  });
  const stopping = new AbortController();
  void flushNowAndThen(inbox, clock, log, stopping.signal);
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
    receive: (message) => inbox.receive(message),
    offline: (seq) => ({ topic: topics.status, payload: statusOf(options, seq, 'offline', clock) }),
    connected: (connection) => publisher.connected(connection),
  });
  guarded(() => commands.resume(), log, 'commands that waited could not be read');
  return {
    state: () => link.state(),
    radiosChanged: () => publisher.changed(store.deviceIds()),
    rotateKeys: () =>
      guarded(() => sealingKeys.rotateWhereDue(), log, 'the key for sealed PINs could not be changed'),
    stop: async () => {
      stopping.abort();
      await link.stop();
      guarded(() => inbox.close(), log, NOT_REPORTED);
    },
  };
}

async function flushNowAndThen(inbox: Inbox, clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleepFor(FLUSH_EVERY_MS, signal);
    if (signal.aborted) return;
    guarded(() => inbox.flush(), log, NOT_REPORTED);
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
