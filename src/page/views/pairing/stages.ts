import type { PairingState } from '../../../http/page/types.ts';
import type { RadioKind } from './label.ts';

export type Current = NonNullable<PairingState['current']>;
type PairingStage = Current['stage'];
export type Kind = Current['kind'];

/** One step of what is under way, and how far it is. */
interface Step {
  readonly stage: PairingStage;
  readonly name: string;
  readonly state: 'done' | 'current' | 'to_come';
}

type Names = readonly (readonly [PairingStage, string])[];

/** The steps of what is under way, in their order. The digits are part of the exchange of keys. */
export function stepsOf(kind: Kind, stage: PairingStage, radio: RadioKind): readonly Step[] {
  const names = namesOf(kind, radio);
  const shown = stage === 'pin_needed' ? 'exchanging_keys' : stage;
  const at = names.findIndex(([one]) => one === shown);
  // What a removal does not name comes after all that it does.
  const here = at === -1 ? names.length : at;
  return names.map(([one, name], index) => ({
    stage: one,
    name,
    state: index < here ? 'done' : index === here ? 'current' : 'to_come',
  }));
}

/** What to do at the lock now; `null`: nothing. */
export function deedAt(kind: Kind, stage: PairingStage, radio: RadioKind): string | null {
  const isAwaited = stage === 'opening' || stage === 'waiting_for_lock';
  switch (kind) {
    case 'pair':
    case 'replace':
      if (isAwaited) return JOIN_AT_LOCK[radio];
      if (stage === 'pin_needed') return 'Compare these digits with the label of the lock.';
      return 'Stay near the lock and leave it alone until it is done.';
    case 'remove':
      return isAwaited && radio === 'zwave'
        ? 'At the lock, choose to leave the network: the manual calls it exclusion, remove or unenrol. Often it is the same menu as for joining.'
        : null;
  }
}

const JOIN_AT_LOCK: Readonly<Record<RadioKind, string>> = {
  zwave:
    'At the lock, choose to join a network: the manual calls it inclusion, add, enrol or learn. Often it is the programming code, then a digit, then #. A lock whose QR code was scanned may do it by itself when its battery is put in.',
  zigbee:
    'At the lock, choose to join a network: the manual calls it join, add, enrol or pair. Often it is the programming code, then a digit, then #. A new lock may do it by itself when its battery is put in.',
};

/** `2:07`; never less than nothing. */
export function countdownText(leftMs: number): string {
  const seconds = Math.max(0, Math.floor(leftMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function namesOf(kind: Kind, radio: RadioKind): Names {
  switch (kind) {
    case 'pair':
      return joining('The lock asks to join', radio);
    case 'replace':
      return joining('The new lock asks to join', radio);
    case 'remove':
      return radio === 'zwave' ? LEAVING : [['opening', 'The hub tells the lock to leave']];
  }
}

const LEAVING: Names = [
  ['opening', 'The radio opens its network'],
  ['waiting_for_lock', 'The lock asks to leave'],
  ['joining', 'The lock leaves'],
];

function joining(asks: string, radio: RadioKind): Names {
  return [
    ['opening', 'The radio opens its network'],
    ['waiting_for_lock', asks],
    ['joining', 'It joins'],
    // A Zigbee lock has its keys as soon as it is in.
    ...(radio === 'zwave' ? ([['exchanging_keys', 'Keys are exchanged']] as const) : []),
    ['interviewing', 'The hub asks what it can do'],
  ];
}
