import type { RadioKind } from './label.ts';

/** How a lock shows who it is. */
export type Way = 'camera' | 'typed' | 'without';

/** What is said of a way, for a radio. */
interface WayWords {
  readonly way: Way;
  readonly name: string;
  readonly hint: string;
}

export const WAYS: Readonly<Record<RadioKind, readonly WayWords[]>> = {
  zwave: [
    { way: 'camera', name: 'Scan its QR code', hint: 'The safest and quickest.' },
    { way: 'typed', name: 'Type or paste its QR code', hint: 'The long number, as text.' },
    { way: 'without', name: 'Without a QR code', hint: 'Older locks, or a label with digits only.' },
  ],
  zigbee: [
    { way: 'camera', name: 'Scan its QR code', hint: 'The safest: no other lock gets in.' },
    { way: 'typed', name: 'Type or paste its QR code', hint: 'Or its address and install code.' },
    { way: 'without', name: 'Without a QR code', hint: 'Many Zigbee locks have none.' },
  ],
};

/** What the text of a QR code looks like. */
export const TEXT_HINTS: Readonly<Record<RadioKind, string>> = {
  zwave: 'A long number that begins with 90; blanks and line ends do not matter.',
  zigbee: 'As Z:…$I:…, or the address of the lock, a | and its install code, all in digits and A to F.',
};

/** Why the pairing can't begin yet. */
export const NOT_READY: Readonly<Record<Way, string>> = {
  camera: 'First scan the code, or choose another way.',
  typed: 'First enter the whole code, or choose another way.',
  without: 'The digits are five, or none.',
};
