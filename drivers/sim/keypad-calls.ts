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
const battery = z.object({ level: z.number().min(0).max(100) });
/** `active: false` ends a tamper alarm. */
const alarm = z.object({ active: z.boolean().default(true) });

/**
 * `GET /keypads`, `GET /keypads/{id}`, `POST /keypads/{id}/type {"digits"}`; for Zigbee keypads also `join`, `leave`,
 * `battery {"level"}` and `tamper {"active"}`. Throws `ControlError`.
 */
export function atKeypad(
  { keypads, zigbeeKeypads }: Keypads,
  method: string,
  { path, id, call }: Asked,
  body: unknown,
): unknown {
  if (method === 'GET' && id === undefined) return [...keypads.map(view), ...zigbeeKeypads.map(zigbeeView)];
  const unknownCall = new ControlError(404, `no such call: ${method} ${path}`);
  const keypad = keypads.find((candidate) => candidate.id === id);
  if (keypad !== undefined) {
    if (method === 'POST' && call === 'type') keypad.type(parse(keys, body).digits);
    else if (method !== 'GET' || call !== undefined) throw unknownCall;
    return view(keypad);
  }
  const zigbee = zigbeeKeypads.find((candidate) => candidate.id === id);
  if (zigbee === undefined) throw new ControlError(404, `no such keypad: ${id ?? ''}`);
  const post = call === undefined ? undefined : ZIGBEE_CALLS.get(call);
  if (method === 'POST' && post !== undefined) post(zigbee, body);
  else if (method !== 'GET' || call !== undefined) throw unknownCall;
  return zigbeeView(zigbee);
}

const ZIGBEE_CALLS = new Map(
  Object.entries<(keypad: SimZigbeeKeypad, body: unknown) => void>({
    type: (keypad, body) => keypad.type(parse(keys, body).digits),
    join: ({ membership }) => membership.askToJoin(),
    leave: ({ membership }) => membership.askToLeave(),
    battery: (keypad, body) => keypad.setBatteryPercent(parse(battery, body).level),
    tamper: (keypad, body) => keypad.setTampered(parse(alarm, body).active),
  }),
);

function view({ id, address, cacheSize, cacheTimeoutS, shown }: SimKeypad) {
  const cache = { size: cacheSize, timeout_seconds: cacheTimeoutS };
  return { id, radio: 'zwave', address, key_cache: cache, shown: { ...shown } };
}

function zigbeeView({ id, ieee, model, membership, shown, tampered, batteryPercent }: SimZigbeeKeypad) {
  const { joined, asks } = membership;
  const state = { battery: batteryPercent, tampered, joined, asks, shown: { ...shown } };
  return { id, radio: 'zigbee', address: ieee, model: model.name, ...state };
}
