import type { Logger } from 'pino';
import { SystemClock } from '../clock.ts';
import { loadConfig, type Config, type Loaded } from '../config.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { Hub } from '../hub.ts';
import type { RunOptions } from '../program.ts';
import { notifyOf, watchdogMs } from './notify.ts';
import { STOP_TIMEOUT_MS } from './ending.ts';
import { EXIT_TRY_AGAIN } from './exit.ts';
import { keepGoodConfig, safeConfig, whyItEnded, type SafeMode } from './safe-mode.ts';
import { startService } from './service.ts';

interface Prepared {
  readonly config: Config;
  readonly safeMode: SafeMode | undefined;
}

/** What a hub is to run with. */
export function preparedRun({ config: file, safeMode: isSafe, retryMinutes }: RunOptions): Loaded<Prepared> {
  if (!isSafe) {
    const loaded = loadConfig(file);
    return loaded.ok ? { ok: true, value: { config: loaded.value, safeMode: undefined } } : loaded;
  }
  const found = safeConfig(file, process.env);
  if (!found.ok) return found;
  const { config, mistakes } = found.value;
  const reason = whyItEnded(process.env, mistakes);
  const untilMs = performance.now() + retryMinutes * MINUTE_MS;
  return { ok: true, value: { config, safeMode: { reason, untilMs } } };
}

interface RunParts {
  readonly hub: Hub;
  /** The config file that it was started with. */
  readonly file: string;
  readonly safeMode: SafeMode | undefined;
  /** Resolves when somebody wants the hub to end. */
  readonly signal: Promise<void>;
  /** Resolves when another hub is to take the place of this one, on the same data directory. */
  readonly restarts: Promise<void>;
  readonly log: Logger;
}

/**
 * Tells systemd, if it has started the hub, how that goes, until it is to end. Ends it; answers the exit code, or `null`
 * when another hub is to be started.
 */
export async function runAsService(parts: RunParts): Promise<number | null> {
  const { hub, file, safeMode, signal, restarts, log } = parts;
  const clock = new SystemClock();
  const notify = notifyOf(process.env, (error) => log.warn({ err: error }, 'systemd could not be told'));
  const listening = hub.http?.listening ?? null;
  const watched = { vitals: hub.vitals, listening, watchdogMs: watchdogMs(process.env), clock, log };
  const service = notify && startService({ ...watched, notify });
  if (safeMode === undefined) keep(file, log);
  const ended = new AbortController();
  const next = await Promise.race([
    signal.then(() => 'end' as const),
    restarts.then(() => 'restart' as const),
    ...(safeMode ? [over(safeMode, clock, ended.signal)] : []),
  ]);
  ended.abort();
  if (next === 'try_again') {
    log.warn('safe mode ends, and the ordinary hub is tried again');
    setTimeout(() => process.exit(EXIT_TRY_AGAIN), STOP_TIMEOUT_MS).unref();
  }
  service?.stop(next === 'restart');
  await hub.stop();
  if (next === 'restart') return null;
  return next === 'try_again' ? EXIT_TRY_AGAIN : 0;
}

async function over({ untilMs }: SafeMode, clock: SystemClock, signal: AbortSignal): Promise<'try_again'> {
  await clock.sleepFor(untilMs - clock.monotonicMs(), signal);
  return 'try_again';
}

/** What can't be kept is no reason not to serve the doors. */
function keep(file: string, log: Logger): void {
  try {
    keepGoodConfig(file, process.env);
  } catch (error) {
    log.warn({ err: error }, 'the config could not be kept for a safe mode');
  }
}
