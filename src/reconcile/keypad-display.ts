import type { Clock } from '../clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { LockDriver } from '../lock-driver.ts';
import { bounded, DRIVER_DEADLINE_MS } from './bounded.ts';
import type { Log } from './lock-loop.ts';
import type { RadioGate } from './radio-gate.ts';

/** The order to open gets the air first. */
const SHOW_AFTER_MS = 100;
/** Later than this nobody stands there any more. */
const SHOW_WITHIN_MS = 10 * SECOND_MS;

const FAILED = { kind: 'unknown', message: 'The driver did not answer within its deadline.' } as const;

interface DisplayParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly driver: LockDriver;
  readonly gate: RadioGate;
}

/** Has a keypad show what became of the digits, where it can; nothing depends on that. */
export async function showAt(keypadId: string, opens: boolean, parts: DisplayParts): Promise<void> {
  const { clock, log, driver, gate } = parts;
  await clock.sleepFor(SHOW_AFTER_MS, new AbortController().signal);
  const waiting = new AbortController();
  void clock.sleepFor(SHOW_WITHIN_MS, waiting.signal).then(() => waiting.abort());
  const place = { priority: 'command', ticket: gate.ticket(), signal: waiting.signal } as const;
  await gate.run(place, async () => {
    const shown = driver.act(keypadId, opens ? 'show_accepted' : 'show_denied');
    const outcome = await bounded(shown, FAILED, DRIVER_DEADLINE_MS, parts);
    log.debug({ keypadId, opens, outcome: outcome.kind }, 'A keypad was to show what came of a code');
  });
  waiting.abort();
}
