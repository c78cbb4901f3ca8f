import { CLOCK_UNCERTAIN, doerOf, failed, type CommandOutcome, type CommandRequest } from './command.ts';
import type { LockLink } from './lock-event.ts';
import { isExact } from './timing/lock-clock.ts';
import { DAY_MS, type Instant, type TimeReading } from './time.ts';

/** Commands that wait or are under way; more are refused, because nobody waits for a hundred doors. */
export const COMMANDS_OPEN_MAX = 100;

/** An id is known for this long (rule 5 of the MQTT contract), so no command may come to life later. */
export const COMMAND_REMEMBERED_MS = 30 * DAY_MS;

/** What becomes of a command when it comes in. `linkOf`: by what the hub knows the lock with this id; `null`: by nothing, for it was never met or has left. */
export function firstOutcomeOf(
  request: CommandRequest,
  expiresAt: Instant,
  now: TimeReading,
  hub: { readonly linkOf: (deviceId: string) => LockLink | null; readonly openCount: () => number },
): CommandOutcome {
  if (now.earliest >= expiresAt) return { state: 'expired' };
  if (expiresAt - now.earliest > COMMAND_REMEMBERED_MS) return isExact(now) ? TOO_LONG : CLOCK_UNCERTAIN;
  if (isIrrevocable(request) && !isExact(now)) return CLOCK_UNCERTAIN;
  const deviceId = 'deviceId' in request ? request.deviceId : null;
  const link = deviceId === null ? null : hub.linkOf(deviceId);
  if (deviceId !== null && link === null) return UNKNOWN_DEVICE;
  if (link === 'offline' && doerOf(request) !== 'hub') return NO_RADIO;
  return hub.openCount() < COMMANDS_OPEN_MAX ? { state: 'accepted' } : BUSY;
}

/** A wish that was given up long ago must not be done today. */
function isIrrevocable({ type }: CommandRequest): boolean {
  return type === 'unlock_door' || type === 'wipe';
}

const UNKNOWN_DEVICE = failed('unknown_device', 'params.device_id: the hub has met no such lock.');
const NO_RADIO = failed(
  'unsupported',
  'params.device_id: no radio of the hub reaches this lock, its codes are only issued.',
);
const TOO_LONG = failed('invalid_input', 'expires_at: must be at most 30 days ahead.');
const BUSY = failed('busy', `${COMMANDS_OPEN_MAX} commands wait.`);
