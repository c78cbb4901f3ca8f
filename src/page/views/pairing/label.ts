import type { HubHealth } from '../../../http/page/types.ts';

export type RadioKind = HubHealth['radios'][number]['radio'];

/** What the text of a lock's QR code turns out to be, while it is typed. */
export type QrReading =
  | { readonly kind: 'nothing' }
  /** It may be one; `message` says what is missing. */
  | { readonly kind: 'partial'; readonly message: string }
  | { readonly kind: 'wrong'; readonly message: string }
  /** `text` goes to the hub. `key`: what names the lock on its label, in groups as they are printed. */
  | {
      readonly kind: 'lock';
      readonly text: string;
      readonly key: readonly string[];
      readonly joinsByItself: boolean;
    };

export const QR_CHARS_MAX = 500;
const GROUP_DIGITS = 5;
const GROUP_VALUE_MAX = 65_535;
const KEY_DIGITS = 40;
/** Lead-in, version, checksum and keys come before the name of the lock (Silicon Labs SDS13937). */
const KEY_STARTS_AT = 12;
const LOCK_KEY_ALONE = /^(?:zws2dsk:)?((?:\d{5}-){7}\d{5})$/i;
/** Address and install code, in the ways that Zigbee labels have them. The hub judges whether the code is right. */
const ZIGBEE_LABELS: readonly RegExp[] = [
  /Z:(?<address>[0-9a-f]{16})\$I:[0-9a-f]+/i,
  /^\|?(?<address>[0-9a-f]{16})\|[0-9a-f]+\|?$/i,
  /^G\$M:.+\$A:(?<address>[0-9a-f]{16})\$I:[0-9a-f]+/i,
  /^HUE:Z:[0-9a-f]+ ?M:(?<address>[0-9a-f]{16})/i,
];
/** More digits than the address of a Zigbee lock has, or groups of five. */
const ZWAVE_CODE = /^(?:zws2dsk:|900[01]\d{13}|(?:\d{5}-){2})/i;
/** Less than all of it, as far as it is typed, is told from other texts by these. */
const ZIGBEE_MARKS = /[Z$|]/i;

/** The radio of the lock that this is the QR code of; `null`: it may be of either. */
export function radioOfCode(given: string): RadioKind | null {
  const text = given.trim();
  if (addressIn(text) !== undefined) return 'zigbee';
  return ZWAVE_CODE.test(text) ? 'zwave' : null;
}

/** Reads what was scanned, pasted or typed. */
export function readQr(given: string, radio: RadioKind): QrReading {
  const text = radio === 'zwave' ? given.replaceAll(/\s/g, '') : given.trim();
  if (text === '') return { kind: 'nothing' };
  if (text.length > QR_CHARS_MAX) return wrong('This is longer than the code of any lock.');
  const other = radioOfCode(text);
  if (other !== null && other !== radio) return wrong(OTHER_RADIO[other]);
  return radio === 'zigbee' ? readZigbee(text) : readZwave(text);
}

const OTHER_RADIO: Readonly<Record<RadioKind, string>> = {
  zwave: 'This is the code of a Z-Wave lock, which cannot join by Zigbee.',
  zigbee: 'This is the code of a Zigbee lock, which cannot join by Z-Wave.',
};

function readZigbee(text: string): QrReading {
  const address = addressIn(text);
  if (address !== undefined) {
    return { kind: 'lock', text, key: address.toUpperCase().match(/.{4}/g) ?? [], joinsByItself: false };
  }
  if (ZIGBEE_MARKS.test(text) || /^[0-9a-f]{1,16}$/i.test(text)) {
    return { kind: 'partial', message: 'Both are needed: the address of the lock and its install code.' };
  }
  return wrong('No Zigbee lock has this code. Is it another code on the box?');
}

function addressIn(text: string): string | undefined {
  for (const label of ZIGBEE_LABELS) {
    const address = label.exec(text)?.groups?.['address'];
    if (address !== undefined) return address;
  }
  return undefined;
}

function readZwave(text: string): QrReading {
  const alone = LOCK_KEY_ALONE.exec(text)?.[1];
  if (alone !== undefined) return namedBy(text, alone.replaceAll('-', ''), false);
  if (!/^\d*$/.test(text)) return wrong('The code of a Z-Wave lock has digits only.');
  if (!isBegin(text)) {
    return wrong('The code of a Z-Wave lock begins with 9000 or 9001. Is it another code on the box?');
  }
  const missing = KEY_STARTS_AT + KEY_DIGITS - text.length;
  if (missing > 0) return { kind: 'partial', message: `At least ${missing} more digits.` };
  return namedBy(text, text.slice(KEY_STARTS_AT, KEY_STARTS_AT + KEY_DIGITS), text.startsWith('9001'));
}

/** Digits in groups of five, as they are printed on labels. */
export function groupsOf(digits: string): readonly string[] {
  return digits.match(/\d{5}/g) ?? [];
}

function isBegin(text: string): boolean {
  return ['9000', '9001'].some((begin) => text.startsWith(begin) || begin.startsWith(text));
}

function namedBy(text: string, digits: string, joinsByItself: boolean): QrReading {
  const key = groupsOf(digits);
  if (key.some((group) => group.length !== GROUP_DIGITS || Number(group) > GROUP_VALUE_MAX)) {
    return wrong('A digit is wrong: no lock has this code.');
  }
  return { kind: 'lock', text, key, joinsByItself };
}

function wrong(message: string): QrReading {
  return { kind: 'wrong', message };
}
