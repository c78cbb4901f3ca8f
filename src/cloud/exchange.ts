import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { CommandOutcome } from '../core/command.ts';
import type { Draw } from '../core/draw.ts';
import type { Command } from '../core/command.ts';
import type { LockLink } from '../core/lock-event.ts';
import type { Policy } from '../core/lock.ts';
import type { Store } from '../store/store.ts';
import type { Wiping } from './hub-commands.ts';
import { Commands, type CommandsOptions } from './commands.ts';
import { healthOf, type HealthSources } from './health.ts';
import { openInbox, type Inbox } from './inbox.ts';
import type { Health } from './messages/health.ts';
import { topicsOf } from './messages/topics.ts';
import type { OwnCertificate } from './own-certificate.ts';
import type { HubIdentity } from './presence.ts';
import { Publisher } from './publisher.ts';
import type { ReportContext } from './reported.ts';
import { openSealingKeys, type SealingKeys } from './sealing-keys.ts';
import type { KeyPair } from './sealing.ts';

/** What a cloud may touch of the hub, whatever the link between them. */
export interface ExchangeOptions extends HubIdentity {
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
  readonly isRadioUp?: (radio: LockLink) => boolean;
  readonly radios: HealthSources['radios'];
  readonly disk: HealthSources['disk'];
  readonly keyChange?: CommandsOptions['keyChange'];
  readonly repaired?: HealthSources['repaired'];
  /** See `HubCommandsOptions`. */
  readonly update?: ((command: Command) => string | null) | undefined;
  readonly log: Logger;
  /** Cryptographic randomness, for PINs that the hub makes up. */
  readonly draw: Draw;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  /** Makes a backup and puts it there, if it is said where; for the command `make_backup`. */
  readonly backUp?: (uploadUrl: string | null) => Promise<CommandOutcome>;
  /** `undefined`: the certificate, if there is one, is in files. */
  readonly ownCertificate?: OwnCertificate | undefined;
  /** Absent: this hub can not wipe itself. */
  readonly wiping?: Wiping | undefined;
  /** Where key pairs for sealed PINs come from. Others than random ones are for tests only. */
  readonly makePair?: () => KeyPair;
}

type Diagnosis = Readonly<Record<string, unknown>>;

/** What comes in and what goes out, over whatever connection there is. */
export interface Exchange {
  readonly inbox: Inbox;
  readonly publisher: Publisher;
  readonly sealingKeys: SealingKeys;
  /** Goes on with commands that were stored before the hub ended. */
  resume(): void;
}

/**
 * Opens both directions. `diagnose` adds to the answer of the command `diagnostics` what only the link knows. Throws
 * when the store does.
 */
export function openExchange(
  options: ExchangeOptions,
  diagnose: (health: (connectionSeq: number) => Health) => Diagnosis | Promise<Diagnosis>,
): Exchange {
  const { store, clock, policy, makePair } = options;
  const isRadioUp = options.isRadioUp ?? ((): boolean => true);
  const reportContext: ReportContext = {
    policy,
    now: () => clock.now(),
    isRadioUp: ({ radio }) => radio === null || isRadioUp(radio),
    fingerprint: store.fingerprint.bind(store),
  };
  const sealingKeys = openSealingKeys({ secrets: store.secrets, clock, ...(makePair && { makePair }) });
  const startedMs = clock.monotonicMs();
  const health = (connectionSeq: number): Health =>
    healthOf(options, connectionSeq, startedMs, options, {
      ...options,
      rejected: () => inbox.rejected(),
      sealingKey: () => sealingKeys.current(),
    });
  const publisher = new Publisher({
    ...options,
    hub: options,
    reportContext,
    sealingKeys,
    topics: topicsOf(options.hubId),
    health: (connectionSeq) => JSON.stringify(health(connectionSeq)),
  });
  const commands = new Commands({
    ...options,
    sealingKeys,
    resendEvents: (afterSeq) => publisher.resendEvents(afterSeq),
    introduce: () => publisher.introduce(),
    diagnose: () => diagnose(health),
  });
  const inbox = openInbox({
    ...options,
    sealingKeys,
    reportAgain: (deviceId) => publisher.reportAgain(deviceId),
    acknowledged: (seq) => publisher.acknowledged(seq),
    isDiskFull: () => options.disk().room === 'none',
    helloSentMs: (bootId, helloSeq) => publisher.helloSentMs(bootId, helloSeq),
    takeCommand: (command) => commands.take(command),
  });
  return { inbox, publisher, sealingKeys, resume: () => commands.resume() };
}
