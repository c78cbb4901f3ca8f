import type { HubHealth } from '../../../http/page/types.ts';

export type RadioKind = HubHealth['radios'][number]['radio'];

/** What the text of a lock's QR code turns out to be, while it is typed. */
export type QrReading =
  | { readonly kind: 'nothing' }
  /** It may be one; `message` says what is missing. */
  | { readonly kind: 'partial'; readonly message: string }
  | { readonly kind: 'wrong'; readonly message: string }
  /** `text` goes to the hub. `key`: what names the lock on its label, in groups of five digits; `null`: unknown. */
  | {
      readonly kind: 'lock';
      readonly text: string;
      readonly key: readonly string[] | null;
      readonly joinsByItself: boolean;
    };

export const QR_CHARS_MAX = 500;
const GROUP_DIGITS = 5;
const GROUP_VALUE_MAX = 65_535;
const KEY_DIGITS = 40;
/** Lead-in, version, checksum and keys come before the name of the lock (Silicon Labs SDS13937). */
const KEY_STARTS_AT = 12;
const LOCK_KEY_ALONE = /^(?:zws2dsk:)?((?:\d{5}-){7}\d{5})$/i;

/** Reads what was scanned, pasted or typed. A Zigbee code is for the hub to judge. */
export function readQr(given: string, radio: RadioKind): QrReading {
  const text = given.replaceAll(/\s/g, '');
  if (text === '') return { kind: 'nothing' };
  if (text.length > QR_CHARS_MAX) return wrong('This is longer than the code of any lock.');
  if (radio === 'zigbee') return { kind: 'lock', text, key: null, joinsByItself: false };
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
