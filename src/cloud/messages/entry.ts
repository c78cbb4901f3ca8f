import { z } from 'zod';
import type { DesiredEntry } from '../../core/request/accept.ts';
import { createRequestSchema, NAME_LENGTH_MAX, refusalText, wellFormed } from '../../wire/request.ts';
import { sealedCodeSchema, type SealedCode } from './sealed.ts';
import { idSchema } from './topics.ts';

export const codeIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/)
  .describe('An id that the cloud chose, a UUID as a rule. The hub gives it back as it came.');

const SEALED_RULE =
  'sealed_code: must be {"key_id", "enc", "ciphertext"}, the last two in base64url without padding.';

const identified = z.looseObject({
  access_code_id: codeIdSchema,
  name: z.string().max(NAME_LENGTH_MAX).transform(wellFormed).nullish().catch(null),
  device_id: z.unknown().optional(),
  code: z.unknown().optional(),
  sealed_code: z.unknown().optional(),
});

/** A code whose PIN is still sealed: as asked for, but for `pin`, which is `null` here. */
export interface SealedEntry extends Omit<Extract<DesiredEntry, { readonly kind: 'valid' }>, 'kind'> {
  readonly kind: 'sealed';
  readonly sealedCode: SealedCode;
}

export type SentEntry = DesiredEntry | SealedEntry;

/**
 * Reads one entry of a desired document: an id and the parameters of the create request, with `sealed_code` in place of
 * `code` where the PIN is sealed. `undefined`: it names no code, so nobody could be told what is wrong.
 */
export function readEntry(value: unknown, deviceId: string): SentEntry | undefined {
  const head = identified.safeParse(value);
  if (!head.success) return undefined;
  const accessCodeId = head.data.access_code_id;
  const name = head.data.name ?? null;
  const invalid = (message: string): DesiredEntry => {
    return { kind: 'invalid', accessCodeId, name, code: 'invalid_input', message };
  };
  if (!namesDevice(head.data.device_id, deviceId)) return invalid('device_id: names another lock.');
  const asked = createRequestSchema.safeParse(value);
  if (!asked.success) return invalid(refusalText(asked.error));
  const { request, attemptForOfflineDevice } = asked.data;
  const wanted = {
    request: { accessCodeId, ...request },
    ...(attemptForOfflineDevice ? {} : { attemptForOfflineDevice }),
  };
  const { code, sealed_code } = head.data;
  if (isLeftOut(sealed_code)) return { kind: 'valid', ...wanted };
  if (!isLeftOut(code)) return invalid('sealed_code: must not stand beside code; an entry has one of them.');
  const sealed = sealedCodeSchema.safeParse(sealed_code);
  return sealed.success ? { kind: 'sealed', ...wanted, sealedCode: sealed.data } : invalid(SEALED_RULE);
}

/** A field that may be left out, but if it is there it has to name this lock. */
export function namesDevice(value: unknown, deviceId: string): boolean {
  if (isLeftOut(value)) return true;
  const named = idSchema.safeParse(value);
  return named.success && named.data === deviceId;
}

function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null;
}
