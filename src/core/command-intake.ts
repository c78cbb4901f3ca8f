import { CLOCK_UNCERTAIN, failed, type CommandOutcome, type CommandRequest } from './command.ts';
import { isExact } from './timing/lock-clock.ts';
import { DAY_MS, type Instant, type TimeReading } from './time.ts';

/** Commands that wait or are under way; more are refused, because nobody waits for a hundred doors. */
export const COMMANDS_OPEN_MAX = 100;

/** An id is known for this long (rule 5 of the MQTT contract), so no command may come to life later. */
export const COMMAND_REMEMBERED_MS = 30 * DAY_MS;

/** What becomes of a command when it comes in. `isMet`: a radio has met the lock with this id and it did not leave. */
export function firstOutcomeOf(
  request: CommandRequest,
  expiresAt: Instant,
  now: TimeReading,
  hub: { readonly isMet: (deviceId: string) => boolean; readonly openCount: () => number },
): CommandOutcome {
  if (now.earliest >= expiresAt) return { state: 'expired' };
  if (expiresAt - now.earliest > COMMAND_REMEMBERED_MS) return TOO_LONG;
  if (request.type === 'unlock_door' && !isExact(now)) return CLOCK_UNCERTAIN;
  const deviceId = 'deviceId' in request ? request.deviceId : null;
  if (deviceId !== null && !hub.isMet(deviceId)) return UNKNOWN_DEVICE;
  return hub.openCount() < COMMANDS_OPEN_MAX ? { state: 'accepted' } : BUSY;
}

const UNKNOWN_DEVICE = failed('unknown_device', 'params.device_id: the hub has met no such lock.');
const TOO_LONG = failed('invalid_input', 'expires_at: must be at most 30 days ahead.');
const BUSY = failed('busy', `${COMMANDS_OPEN_MAX} commands wait.`);
