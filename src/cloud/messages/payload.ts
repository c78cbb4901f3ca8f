import { z } from 'zod';
import { rejected, type Parsed } from './rejection.ts';

/** Largest message that is taken; a cloud that keeps to the contract stays below it. */
export const PAYLOAD_BYTES_MAX = 100 * 1024;

/** The only major version of the contract that this hub speaks. */
export const MAJOR_VERSION = 1;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const envelope = z.looseObject({ v: z.number() });

/**
 * Reads bytes from the wire as a JSON object of a major version that this hub speaks.
 * Neither the bytes nor what a parser says about them go into the answer: they can hold a PIN.
 */
export function readPayload(payload: Uint8Array): Parsed<unknown> {
  if (payload.byteLength > PAYLOAD_BYTES_MAX) return rejected('too_large');
  const text = decoded(payload);
  if (text === undefined) return rejected('not_utf8');
  const json = parsedJson(text);
  if (json === undefined) return rejected('not_json');
  const message = envelope.safeParse(json);
  if (!message.success) return rejected('invalid_message');
  if (Math.trunc(message.data.v) !== MAJOR_VERSION) return rejected('unknown_version');
  return { ok: true, value: json };
}

function decoded(payload: Uint8Array): string | undefined {
  try {
    return utf8.decode(payload);
  } catch {
    return undefined;
  }
}

/** JSON has no `undefined`, so it stands for text that is none. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
