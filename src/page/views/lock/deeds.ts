import type { LockDetail, PageCommand, SelfTestResult } from '../../../http/page/types.ts';
import { told } from '../../told.ts';

/** What can be asked of one lock, and how it is spoken about. */
export interface Deed {
  readonly type: string;
  /** On the button. */
  readonly label: string;
  /** While it is under way. */
  readonly busy: string;
  /** When it is done. */
  readonly done: string;
  /** When it failed, before the hub's own sentence. */
  readonly failed: string;
  /** What a person is asked before; without it nothing is asked. */
  readonly question?: {
    readonly title: string;
    readonly text: string;
    readonly yes: string;
    readonly isDangerous: boolean;
  };
}

const LOCK: Deed = {
  type: 'lock_door',
  label: 'Lock',
  busy: 'Locking',
  done: 'Locked.',
  failed: 'Not locked.',
};

const UNLOCK: Deed = {
  type: 'unlock_door',
  label: 'Unlock',
  busy: 'Unlocking',
  done: 'Unlocked.',
  failed: 'Not unlocked.',
  question: {
    title: 'Unlock this door?',
    text: 'The bolt opens at once, and whoever stands there can walk in.',
    yes: 'Unlock the door',
    isDangerous: true,
  },
};

const REMOVE: Deed = {
  type: 'remove_device',
  label: 'Remove',
  busy: 'Removing',
  done: 'Removed.',
  failed: 'Not removed.',
  question: {
    title: 'Remove this lock?',
    text: 'The lock leaves the radio network, and the hub no longer puts codes on it. A Z-Wave lock has to be told so at its keypad within a minute. To use it again it has to be paired again.',
    yes: 'Remove the lock',
    isDangerous: true,
  },
};

const REMOVE_KEYPAD: Deed = {
  ...REMOVE,
  question: {
    title: 'Remove this keypad?',
    text: 'The keypad leaves the radio network, and no code typed at it opens a lock any more. A Z-Wave keypad has to be told so at itself within a minute.',
    yes: 'Remove the keypad',
    isDangerous: true,
  },
};

/** What a person at the door wants most. */
const DOOR_DEEDS: readonly Deed[] = [LOCK, UNLOCK];

/** Looks, tests and repairs, from the quickest to the longest. */
const CARE_DEEDS: readonly Deed[] = [
  {
    type: 'ping',
    label: 'Ping',
    busy: 'Asking whether it is there',
    done: 'The lock answered.',
    failed: 'The lock did not answer.',
  },
  {
    type: 'identify',
    label: 'Identify',
    busy: 'Asking it to beep or blink',
    done: 'It was asked to beep or blink.',
    failed: 'It was not asked.',
  },
  {
    type: 'check_link',
    label: 'Check link',
    busy: 'Sending test frames',
    done: 'The link was checked.',
    failed: 'The link was not checked.',
  },
  {
    type: 'audit',
    label: 'Audit codes',
    busy: 'Comparing the codes with the lock',
    done: 'The codes were compared with the lock.',
    failed: 'The codes were not compared.',
  },
  {
    type: 'self_test',
    label: 'Self-test',
    busy: 'Putting a test code on the lock and taking it off again',
    done: 'The self-test found nothing wrong.',
    failed: 'The self-test did not run to its end.',
  },
  {
    type: 'reinterview',
    label: 'Re-interview',
    busy: 'Asking the lock what it can do',
    done: 'The lock was asked anew what it can do.',
    failed: 'The lock was not interviewed.',
    question: {
      title: 'Interview the lock again?',
      text: 'The hub asks the lock anew what it can do. This takes a minute or more, and codes wait meanwhile. No code is lost.',
      yes: 'Interview the lock',
      isDangerous: false,
    },
  },
];

/** These are about the codes on a lock, and a keypad has none. */
const OF_SLOTS: readonly string[] = ['audit', 'self_test'];

/** What can be asked of the bolt, what else, and to go. */
export function deedsOf({ is_keypad: isKeypad }: Pick<LockDetail, 'is_keypad'>): {
  readonly door: readonly Deed[];
  readonly care: readonly Deed[];
  readonly remove: Deed;
} {
  if (!isKeypad) return { door: DOOR_DEEDS, care: CARE_DEEDS, remove: REMOVE };
  const care = CARE_DEEDS.filter(({ type }) => !OF_SLOTS.includes(type));
  return { door: [], care, remove: REMOVE_KEYPAD };
}

const DEEDS: readonly Deed[] = [...DOOR_DEEDS, ...CARE_DEEDS, REMOVE];

export function deedOf(type: string): Deed | undefined {
  return DEEDS.find((deed) => deed.type === type);
}

const RANKS: Readonly<Record<PageCommand['state'], number>> = {
  accepted: 0,
  running: 1,
  expired: 2,
  failed: 2,
  succeeded: 2,
};

export function isOver({ state }: Pick<PageCommand, 'state'>): boolean {
  return RANKS[state] === 2;
}

/** Both lists as one, the newest first; of a command in both, the state that it came to last. */
export function merged(some: readonly PageCommand[], others: readonly PageCommand[]): PageCommand[] {
  const byId = new Map<string, PageCommand>();
  for (const command of [...some, ...others]) {
    const known = byId.get(command.command_id);
    if (known === undefined || RANKS[command.state] > RANKS[known.state])
      byId.set(command.command_id, command);
  }
  return [...byId.values()].sort((a, b) => b.received_at.localeCompare(a.received_at));
}

/** How a command stands, in a sentence. */
export function standing(command: PageCommand): string {
  const deed = deedOf(command.type);
  switch (command.state) {
    case 'accepted':
      return `${deed?.busy ?? command.type}: waits for its turn…`;
    case 'running':
      return `${deed?.busy ?? command.type}…`;
    case 'expired':
      return `${deed?.failed ?? command.type} Its time was over before the lock could be asked.`;
    case 'failed':
      return `${deed?.failed ?? command.type} ${told(command.error?.message ?? '')}`.trim();
    case 'succeeded':
      return faultOf(command) ?? deed?.done ?? `${command.type}: done.`;
  }
}

/** What a self-test that ran to its end found wrong, in a sentence; `null`: nothing, or it was no self-test. */
export function faultOf({ result }: PageCommand): string | null {
  const failed = isSelfTest(result) ? result.steps.find(({ ok }) => !ok) : undefined;
  return failed === undefined ? null : `${STEP_NAMES[failed.step]}: ${failed.message}`;
}

/** It ended, and not well. */
export function isBad(command: PageCommand): boolean {
  return command.state === 'failed' || command.state === 'expired' || faultOf(command) !== null;
}

export const STEP_NAMES: Readonly<Record<SelfTestResult['steps'][number]['step'], string>> = {
  reach: 'Reach the lock',
  find_slot: 'Find a free slot',
  write: 'Write a test code',
  read_back: 'Read it back',
  remove: 'Take it off again',
  prove_empty: 'Prove that the slot is empty',
};

export function isSelfTest(result: PageCommand['result'] | SelfTestResult): result is SelfTestResult {
  return result !== null && Array.isArray(result['steps' as keyof typeof result]);
}
