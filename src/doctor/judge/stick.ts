import type { Finding } from '../../core/finding.ts';
import type { HubWords, StickSeen } from '../observations.ts';

/** Words with which the serial library says that another program has locked the port. */
const LOCKED = /cannot lock port|temporarily unavailable|resource busy|EBUSY/i;

/** How libraries say that nobody listens at a port of TCP. */
const REFUSED = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH/;

type RadioWords = HubWords['radios'][number];

/** What is wrong with one stick: the first thing that has to be mended before the next can be seen, and its firmware. */
export function judgeStick(stick: StickSeen, words: RadioWords | null): readonly Finding[] {
  const fault = faultOf(stick, words);
  const firmware = words === null ? [] : judgeFirmware(stick, words);
  return fault === null ? firmware : [fault, ...firmware];
}

function faultOf(stick: StickSeen, words: RadioWords | null): Finding | null {
  const about = { severity: 'error', subject: stick.key } as const;
  const name = `${stick.radio === 'zwave' ? 'Z-Wave' : 'Zigbee'} stick`;
  const isTcp = stick.device === 'tcp';
  const isRefused = isTcp && words?.state === 'down' && REFUSED.test(words.message);
  if (
    stick.device === 'absent' ||
    stick.device === 'no_device' ||
    stick.answer === 'unreachable' ||
    isRefused
  ) {
    return {
      ...about,
      id: 'stick_missing',
      what: isTcp
        ? `Nobody answers where the ${name} is to be.`
        : `The ${name} is not where the config says.`,
      fix: isTcp
        ? 'Start what serves the stick there, or mend the port in the config.'
        : 'Plug it in. If it is, look for its name with "ls /dev/serial/by-id" and put that into the config.',
      seen:
        stick.device === 'no_device'
          ? `${stick.port} is no device`
          : `${stick.port} ${isTcp ? 'refuses' : 'is not there'}`,
    };
  }
  if (stick.isPermitted === false) {
    return {
      ...about,
      id: 'stick_not_permitted',
      what: `The hub may not open the ${name}.`,
      fix: 'Give the device to the group dialout with mode 0660 (the udev rules of the package do), and run the hub in that group.',
      seen: `${stick.port} is ${stick.owner ?? 'of another user'}`,
    };
  }
  const isLocked = words !== null && words.state !== 'ready' && LOCKED.test(words.message);
  if (stick.holders.length > 0 || isLocked) {
    return {
      ...about,
      id: 'stick_shared',
      what: `Another program uses the ${name}. Two at one stick disturb each other.`,
      fix: 'End the other program and keep it from starting (zigbee2mqtt, zwave-js-ui, Home Assistant and ModemManager are known to take sticks).',
      seen:
        stick.holders.length > 0
          ? `${stick.port} is open in ${stick.holders.join(', ')}`
          : (words?.message ?? ''),
    };
  }
  return silenceOf(stick, words, name);
}

function silenceOf(stick: StickSeen, words: RadioWords | null, name: string): Finding | null {
  const about = { severity: 'error', subject: stick.key } as const;
  if (stick.answer === 'nonsense') {
    return {
      ...about,
      id: 'stick_foreign',
      what: `What is plugged in there is no ${name}, or speaks another language.`,
      fix: 'Two sticks may be swapped in the config; of a Zigbee stick "adapter" may be another one.',
      seen: `${stick.port} answers, but not as the config says`,
    };
  }
  if (stick.answer !== 'silent' && words?.state !== 'down') return null;
  return {
    ...about,
    id: 'stick_silent',
    what: `The ${name} is there and does not answer.`,
    fix: 'Pull it out, wait ten seconds and put it in again, with an extension cable. If that does not help, it is broken: a new one takes its place.',
    seen: stick.answer === 'silent' ? `${stick.port} says nothing` : (words?.message ?? ''),
  };
}

/**
 * Z-Wave sticks whose firmware locks up while it sends: 7.19.0 up to 7.21.4 of series 700, 7.22.0 of series 800
 * (public tracker of zwave-js, issues 6341 and following, and the notes of Silicon Labs, 1227385).
 */
const HANGING = { from: [7, 19, 0], before: [7, 21, 5] } as const;

function judgeFirmware({ key, radio }: StickSeen, { controller }: RadioWords): readonly Finding[] {
  const version = /firmware (\d+)\.(\d+)(?:\.(\d+))?/.exec(controller ?? '');
  if (radio !== 'zwave' || version === null) return [];
  const number = version.slice(1).map((part) => Number(part ?? 0));
  if (compare(number, HANGING.from) < 0 || compare(number, HANGING.before) >= 0) return [];
  return [
    {
      id: 'stick_firmware',
      severity: 'warning',
      subject: key,
      what: 'This firmware of the Z-Wave stick is known to hang while it sends, until it is plugged in anew.',
      fix: "Put the maker's newest firmware on it (7.21.5 or newer for series 700, 7.22.1 or newer for series 800).",
      seen: controller ?? '',
    },
  ];
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = other.findIndex((part, at) => (one[at] ?? 0) !== part);
  return index === -1 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}
