import type { Clock } from '../clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Notify } from './notify.ts';
import type { Vitals } from './vitals.ts';

/** A service that systemd watches is fed so often within its time, so that one late feed is none too late. */
const FEEDS = 4;
/** How often the status is looked at where nobody watches. */
const LOOK_EVERY_MS = 20 * SECOND_MS;
/** How long the page may keep the start waiting: a port that is taken is no reason not to serve the doors. */
const PAGE_WITHIN_MS = 15 * SECOND_MS;

interface ServiceParts {
  readonly notify: Notify;
  /** Time within which systemd wants to be fed, `null`: it does not watch. */
  readonly watchdogMs: number | null;
  readonly vitals: Vitals;
  /** Resolves when the page listens; rejects when the first attempt failed. `null`: there is no page. */
  readonly listening: Promise<unknown> | null;
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** The hub as systemd sees it. */
export interface Service {
  /** Tells that the hub ends, or that another one takes its place in this process; and nothing after that. */
  stop(restarts: boolean): void;
}

/**
 * Tells systemd that the hub is ready, how it is, and that it goes on. It is fed by what it is there for: every loop has
 * moved or is within its deadline, and the database takes a write. A hub that does not is killed and started again.
 */
export function startService(parts: ServiceParts): Service {
  const stopping = new AbortController();
  void run(parts, stopping.signal);
  return {
    stop: (restarts) => {
      stopping.abort();
      void (restarts
        ? parts.notify.tell('STATUS=Starting anew')
        : parts.notify.tell('STOPPING=1', 'STATUS=Stopping'));
    },
  };
}

async function run(parts: ServiceParts, signal: AbortSignal): Promise<void> {
  const { notify, vitals, clock, watchdogMs } = parts;
  await pageListens(parts, signal);
  if (signal.aborted) return;
  await notify.tell('READY=1', `STATUS=${vitals.status()}`);
  const everyMs = watchdogMs === null ? LOOK_EVERY_MS : watchdogMs / FEEDS;
  for (let told = ''; !signal.aborted;) {
    const hang = whatHangs(parts);
    const status = hang ?? vitals.status();
    if (hang === null && watchdogMs !== null) await notify.tell('WATCHDOG=1', `STATUS=${status}`);
    else if (status !== told) await notify.tell(`STATUS=${status}`);
    told = status;
    await clock.sleepFor(everyMs, signal);
  }
}

async function pageListens({ listening, clock, log }: ServiceParts, signal: AbortSignal): Promise<void> {
  const listens = listening?.catch((error: unknown) => {
    log.warn({ err: error }, 'the hub is ready without its page');
  });
  const listened = new AbortController();
  const atMost = clock.sleepFor(PAGE_WITHIN_MS, AbortSignal.any([signal, listened.signal]));
  await Promise.race([listens, atMost]);
  listened.abort();
}

/** Why systemd is not fed, in a line; `null`: it may be. */
function whatHangs({ vitals, log }: ServiceParts): string | null {
  const overdue = vitals.overdue();
  if (overdue.length > 0) {
    log.error({ deviceIds: overdue }, 'Locks are not served any more: the watchdog is not fed');
    return `The loop of ${overdue.length === 1 ? 'a lock' : `${overdue.length} locks`} hangs`;
  }
  const blocked = vitals.blocked();
  if (blocked === null) return null;
  log.error({ reason: blocked.message }, 'The database takes no write: the watchdog is not fed');
  return 'The database takes no write';
}
