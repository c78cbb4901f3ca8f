import { z } from 'zod';
import type { DesiredEntry } from '../../core/request/accept.ts';
import { createRequestSchema, NAME_LENGTH_MAX, refusalText } from '../../wire/request.ts';
import { idSchema } from './topics.ts';

/** A UUID as a rule, but any id a cloud has will do. It is given back as it came. */
export const codeIdSchema = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/);

const identified = z.looseObject({
  access_code_id: codeIdSchema,
  name: z.string().max(NAME_LENGTH_MAX).nullish().catch(null),
  device_id: z.unknown().optional(),
});

/**
 * Reads one entry of a desired document: an id and the parameters of the create request. `undefined`: it names no code,
 * so nobody could be told what is wrong.
 */
export function readEntry(value: unknown, deviceId: string): DesiredEntry | undefined {
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
  return {
    kind: 'valid',
    request: { accessCodeId, ...request },
    ...(attemptForOfflineDevice ? {} : { attemptForOfflineDevice }),
  };
}

/** A field that may be left out, but if it is there it has to name this lock. */
export function namesDevice(value: unknown, deviceId: string): boolean {
  if (value === undefined || value === null) return true;
  const named = idSchema.safeParse(value);
  return named.success && named.data === deviceId;
}
