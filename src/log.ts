import { type DestinationStream, destination, type Logger, multistream, pino, stdTimeFunctions } from 'pino';
import type { Config } from './config.ts';
import { LogRing } from './http/page/log-ring.ts';

/**
 * The second net only: a `Pin` prints as `[PIN]` by itself, and nothing that holds digits is given to the log.
 * These are the names under which digits and keys travel on the wire and in configs.
 */
const SECRET_FIELDS = [
  'pin',
  'code',
  'sealed_code',
  'password',
  'securityKeys',
  'payload',
  'authorization',
  'cookie',
];

/** Levels of the file that say less than `info`. */
const QUIET: readonly Config['logLevel'][] = ['warn', 'error', 'fatal'];

/** The hub's log, and its newest lines in memory for the page. */
export interface HubLog {
  readonly log: Logger;
  readonly ring: LogRing;
}

/** The log of a running hub, on standard output unless another place is given. */
export function createHubLog(level: Config['logLevel'], to: DestinationStream = destination(1)): HubLog {
  const ring = new LogRing();
  return { log: createLog(level, to, ring), ring };
}

/**
 * A log: one JSON line each, on standard output unless another place is given. `ring` gets the same lines, redacted
 * alike, and none below `info` is left out of it.
 */
export function createLog(
  level: Config['logLevel'],
  to: DestinationStream = destination(1),
  ring: DestinationStream | null = null,
): Logger {
  // A technician at the page needs more than a quiet file says.
  const least = ring !== null && QUIET.includes(level) ? 'info' : level;
  return pino(
    {
      level: least,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
        // The `code` of an error is its name, such as ECONNREFUSED.
        censor: (value: unknown, path) => (path[0] === 'err' ? value : '[redacted]'),
      },
    },
    ring === null
      ? to
      : multistream([
          { stream: to, level },
          { stream: ring, level: least },
        ]),
  );
}
