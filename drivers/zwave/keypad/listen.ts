import { EntryControlEventTypes } from '@zwave-js/cc';
import { CommandClasses } from '@zwave-js/core';
import type { ZWaveNode } from 'zwave-js';
import type { LockEventBody } from '../../../src/core/lock-event.ts';
import { Pin } from '../../../src/core/pin.ts';
import { meaningOfValue } from '../state-value.ts';
import type { Keypad } from './keypads.ts';

/** With these a keypad sends the digits: when it has as many as it was told to collect, after a pause, or at Enter. */
const SENDS_DIGITS: ReadonlySet<EntryControlEventTypes> = new Set([
  EntryControlEventTypes.CachedKeys,
  EntryControlEventTypes.Enter,
]);

/** Turns what a keypad says into events, for as long as the node exists. Until it is met nothing is told. */
export function listenToKeypad(
  node: ZWaveNode,
  keypadOf: () => Keypad | undefined,
  tell: (keypad: Keypad, body: LockEventBody) => void,
): void {
  const say = (body: LockEventBody | undefined): void => {
    const keypad = keypadOf();
    if (keypad !== undefined && body !== undefined) tell(keypad, body);
  };
  node.on('alive', () => say({ kind: 'online' }));
  node.on('dead', () => say({ kind: 'offline' }));
  // The library types the arguments as a union over command classes; this narrows it by the second of them.
  node.on('notification', (...[, commandClass, args]) => {
    if (commandClass === CommandClasses.Battery) say({ kind: 'battery', level: null, low: true });
    if (commandClass === CommandClasses['Entry Control']) say(entryOf(args.eventType, args.eventData));
  });
  node.on('value added', (_node, change) => say(meaningOfValue(change)));
  node.on('value updated', (_node, change) => say(meaningOfValue(change)));
}

/** Digits that were typed; `undefined` for all other keys, and for an Enter whose digits were sent already. */
function entryOf(eventType: EntryControlEventTypes, typed: unknown): LockEventBody | undefined {
  const digits = SENDS_DIGITS.has(eventType) && typeof typed === 'string' ? Pin.parse(typed) : undefined;
  return digits && { kind: 'keypad_entry', digits };
}
