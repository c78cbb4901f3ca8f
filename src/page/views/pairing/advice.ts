import type { RadioKind } from './label.ts';
import type { Kind } from './stages.ts';

/** What a person can do after something under way has failed; the hub's own sentence stands before it. */
export function adviceOn(kind: Kind, code: string, radio: RadioKind): readonly string[] {
  switch (code) {
    case 'timed_out':
      return kind === 'remove' ? NOBODY_LEFT : NOBODY_CAME[radio];
    case 'refused_by_lock':
      return [
        'Reset the lock by its manual, so that it forgets this attempt.',
        'Pair it again with its QR code, or with the five digits that begin the number on its label.',
      ];
    case 'invalid_input':
      return [
        'Scan the code again in good light, or type it from the label.',
        radio === 'zwave'
          ? 'The label of the box may bear other codes too: the right one has the Z-Wave or SmartStart mark.'
          : 'The label of the box may bear other codes too: the right one names the address and the install code of the lock.',
      ];
    case 'device_online':
      return [
        'A lock that still answers is not failed, and is not replaced.',
        'Take its batteries out or reset it, wait a minute and begin again.',
      ];
    case 'radio_down':
    case 'no_answer':
      return ['Look at the view Radio: the stick has to be plugged in and ready. Then begin again.'];
    case 'busy':
      return ['Wait for what is under way to end, or cancel it. Then begin again.'];
    case 'unsupported':
      return kind === 'replace'
        ? ['Remove the failed lock, pair the new one and create its codes anew.']
        : [
            'Use another radio of this hub, if it has one.',
            'If something else than the lock came in, switch that off, and begin again.',
          ];
    case 'interrupted':
      return [
        'The hub started anew in the middle of it. See on the overview whether the lock is there; if not, begin again.',
      ];
    default:
      return ['Begin again. If it fails once more, the log says what happened.'];
  }
}

const BEGIN_AGAIN = 'Begin again, and start the lock only when the hub says that it waits for it.';

const NOBODY_CAME: Readonly<Record<RadioKind, readonly string[]>> = {
  zwave: [
    BEGIN_AGAIN,
    'A lock that was in another network before has to be taken out of that one, or reset by its manual.',
    'Bring lock and hub nearer to each other: keys are exchanged at short range first.',
  ],
  zigbee: [
    BEGIN_AGAIN,
    'A lock that was in another network before has to be reset by its manual. So has one that asked for too long: take its battery out and put it in again.',
    'If its label has an install code, give it; if you gave one, compare each digit: with a wrong one, or with that of another lock, nobody gets in.',
    'Bring lock and hub nearer to each other, and the stick away from USB 3 ports.',
  ],
};

const NOBODY_LEFT = [
  BEGIN_AGAIN,
  'If the lock is broken or gone: take its batteries out. A lock that does not answer is removed without its help.',
];
