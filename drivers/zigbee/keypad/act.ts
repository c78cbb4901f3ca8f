import type { ActionOutcome, LockAction } from '../../../src/lock-driver.ts';
import { identify, reinterview } from '../act/act.ts';
import type { Discovery } from '../discovery.ts';
import type { Keypad } from './keypad.ts';

/** Does one thing at a keypad, without a deadline. */
export async function actAtKeypad(
  keypad: Keypad,
  action: LockAction,
  discovery: Discovery,
): Promise<ActionOutcome> {
  switch (action) {
    case 'show_accepted':
      return keypad.typed.verdict(true);
    case 'show_denied':
      return keypad.typed.verdict(false);
    case 'identify':
      return identify(keypad);
    case 'reinterview':
      return reinterview(keypad, discovery);
    case 'lock':
    case 'unlock':
      return { kind: 'unsupported', message: 'A keypad has no bolt.' };
  }
}
