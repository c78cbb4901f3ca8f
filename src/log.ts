import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from './config.ts';

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

/** The hub's log: one JSON line each, on standard output unless another place is given. */
export function createLog(level: Config['logLevel'], to: DestinationStream = destination(1)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
        // The `code` of an error is its name, such as ECONNREFUSED.
        censor: (value: unknown, path) => (path[0] === 'err' ? value : '[redacted]'),
      },
    },
    to,
  );
}
