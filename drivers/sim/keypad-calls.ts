import { z } from 'zod';
import { ControlError, parse } from './control-error.ts';
import type { SimKeypad } from './keypad.ts';
import type { SimZigbeeKeypad } from './zigbee/keypad.ts';

/** Keypads beside doors, which keep no codes. */
export interface Keypads {
  readonly keypads: readonly SimKeypad[];
  readonly zigbeeKeypads: readonly SimZigbeeKeypad[];
}

interface Asked {
  readonly path: string;
  readonly id: string | undefined;
  readonly call: string | undefined;
}

const keys = z.object({ digits: z.string().regex(/^[0-9]{1,32}$/) });
const fault = z.object({ kind: z.enum(['none', 'unreachable']) });
const battery = z.object({ level: z.number().min(0).max(100) });
/** `active: false` ends a tamper alarm. */
const alarm = z.object({ active: z.boolean().default(true) });

/**
 * `GET /keypads`, `GET /keypads/{id}`, `POST /keypads/{id}/type {"digits"}`, `join` and `leave`; for Z-Wave keypads also
 * `fault {"kind": "none"|"unreachable"}`, for Zigbee keypads `battery {"level"}` and `tamper {"active"}`. Throws
 * `ControlError`.
 */
export function atKeypad(
  { keypads, zigbeeKeypads }: Keypads,
  method: string,
  { path, id, call }: Asked,
  body: unknown,
): unknown {
  if (method === 'GET' && id === undefined)
    return [...keypads.map(keypadView), ...zigbeeKeypads.map(zigbeeView)];
  const unknownCall = new ControlError(404, `no such call: ${method} ${path}`);
  const keypad = keypads.find((candidate) => candidate.id === id);
  if (keypad !== undefined) {
    const post = call === undefined ? undefined : ZWAVE_CALLS.get(call);
    if (method === 'POST' && post !== undefined) post(keypad, body);
    else if (method !== 'GET' || call !== undefined) throw unknownCall;
    return keypadView(keypad);
  }
  const zigbee = zigbeeKeypads.find((candidate) => candidate.id === id);
  if (zigbee === undefined) throw new ControlError(404, `no such keypad: ${id ?? ''}`);
  const post = call === undefined ? undefined : ZIGBEE_CALLS.get(call);
  if (method === 'POST' && post !== undefined) post(zigbee, body);
  else if (method !== 'GET' || call !== undefined) throw unknownCall;
  return zigbeeView(zigbee);
}

const ZWAVE_CALLS = new Map(
  Object.entries<(keypad: SimKeypad, body: unknown) => void>({
    type: (keypad, body) => keypad.type(parse(keys, body).digits),
    join: (keypad) => keypad.resetToJoin(),
    leave: ({ membership }) => membership.askToLeave(),
    fault: (keypad, body) => {
      keypad.fault = parse(fault, body);
    },
  }),
);

const ZIGBEE_CALLS = new Map(
  Object.entries<(keypad: SimZigbeeKeypad, body: unknown) => void>({
    type: (keypad, body) => keypad.type(parse(keys, body).digits),
    join: ({ membership }) => membership.askToJoin(),
    leave: ({ membership }) => membership.askToLeave(),
    battery: (keypad, body) => keypad.setBatteryPercent(parse(battery, body).level),
    tamper: (keypad, body) => keypad.setTampered(parse(alarm, body).active),
  }),
);

/** The truth about a Z-Wave keypad. */
export function keypadView({ id, address, cacheSize, cacheTimeoutS, shown, membership }: SimKeypad) {
  const cache = { size: cacheSize, timeout_seconds: cacheTimeoutS };
  const { joined, asks, label } = membership;
  const state = { joined, asks, label: label && { dsk: label.dsk, pin: label.pin, qr: label.qr } };
  return { id, radio: 'zwave', address, key_cache: cache, ...state, shown: { ...shown } };
}

function zigbeeView({ id, ieee, model, membership, shown, tampered, batteryPercent }: SimZigbeeKeypad) {
  const { joined, asks } = membership;
  const state = { battery: batteryPercent, tampered, joined, asks, shown: { ...shown } };
  return { id, radio: 'zigbee', address: ieee, model: model.name, ...state };
}
