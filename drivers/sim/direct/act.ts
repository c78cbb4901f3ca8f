import type { ActionOutcome, LockAction } from '../../../src/lock-driver.ts';
import type { SimLock } from '../lock/lock.ts';
import { exchange, send, type Heard } from './link.ts';
import type { Radio } from './outcome.ts';

/** When the bolt is looked at after a command, in turn. */
const LOOK_AFTER_MS = [300, 1500, 3000];

/**
 * Does what a person at the lock could do, with the frames and doubts that it has on a real radio.
 *
 * @param meetAgain asks the lock everything anew and tells the hub
 */
export async function actOn(
  radio: Radio,
  lock: SimLock,
  action: LockAction,
  meetAgain: () => Promise<Heard<unknown>>,
): Promise<ActionOutcome> {
  switch (action) {
    case 'lock':
      return moveBolt(radio, lock, 'locked');
    case 'unlock':
      return moveBolt(radio, lock, 'unlocked');
    case 'identify':
      if (!lock.model.identifies) return { kind: 'unsupported', message: 'the lock has nothing to show' };
      return outcomeOf(await exchange(radio, lock, () => lock.radioIdentify()));
    case 'reinterview':
      return outcomeOf(await meetAgain());
    case 'show_accepted':
    case 'show_denied':
      return { kind: 'unsupported', message: 'This is no keypad.' };
  }
}

/** Only a lock with Supervision answers the command; where its bolt is, every lock says when it is asked. */
async function moveBolt(radio: Radio, lock: SimLock, bolt: SimLock['bolt']): Promise<ActionOutcome> {
  const tell = lock.model.family === 'user_code_v1' ? send : exchange;
  const told = await tell(radio, lock, () => lock.radioSetBolt(bolt));
  if (told.kind === 'no_ack' || told.kind === 'radio_down') return outcomeOf(told);
  let shown: Heard<SimLock['bolt']> = { kind: 'no_answer' };
  for (const afterMs of LOOK_AFTER_MS) {
    await radio.sleep(afterMs);
    shown = await exchange(radio, lock, () => lock.bolt);
    if (shown.kind === 'answer' && shown.value === bolt) return { kind: 'done' };
    if (radio.heardJam()) return { kind: 'jammed', message: 'the bolt stuck' };
  }
  return shown.kind === 'answer'
    ? { kind: 'unknown', message: 'the bolt did not arrive where it was sent' }
    : outcomeOf(shown);
}

function outcomeOf({ kind }: Heard<unknown>): ActionOutcome {
  switch (kind) {
    case 'answer':
      return { kind: 'done' };
    case 'no_ack':
      return { kind: 'unreachable', message: 'the lock does not acknowledge' };
    case 'no_answer':
      return { kind: 'unknown', message: 'the lock acknowledged and did not answer' };
    case 'radio_down':
      return { kind: 'radio_down', message: 'the radio is gone' };
  }
}
