import { z } from 'zod';
import { plainRequest, type AccessCodeRequest } from '../../core/access-code.ts';
import type { DesiredEntry } from '../../core/accept.ts';
import { Pin } from '../../core/pin.ts';
import { idSchema } from './topics.ts';

/** Longest name of a code, in characters. */
const NAME_LENGTH_MAX = 200;

const NAME_RULE = `name: must be a text of at most ${NAME_LENGTH_MAX} characters.`;
const WINDOW_RULE = 'must be an ISO 8601 time with Z or an offset, such as 2026-11-22T16:00:00+01:00.';
/** Beyond it the offset of a zone could make five digits of a year. */
const YEAR_9999 = Date.UTC(9999, 0, 1);
const CODE_RULE = 'code: must be a text of 4 to 12 digits';

/** A UUID as a rule, but any id a cloud has will do. It is given back as it came. */
const codeIdSchema = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/);

const instant = (field: string) =>
  z
    .union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })], {
      error: `${field}: ${WINDOW_RULE}`,
    })
    .transform((text) => Date.parse(text))
    .refine((at) => at >= 0 && at < YEAR_9999, { error: `${field}: must be in the years 1970 to 9998.` })
    .nullish();

const flag = (field: string) => z.boolean({ error: `${field}: must be true or false.` }).nullish();

/** The rules of the code field, told apart so that the message helps. None of them repeats what was sent. */
const code = z
  .unknown()
  .optional()
  .transform((value, context) => {
    const pin = typeof value === 'string' ? Pin.parse(value) : undefined;
    if (pin === undefined) context.addIssue({ code: 'custom', message: whyNoPin(value) });
    return pin ?? z.NEVER;
  });

/** One entry: the fields of the create request that concern a hub. Whether its window makes sense, the core says. */
const entrySchema = z.object({
  name: z.string({ error: NAME_RULE }).max(NAME_LENGTH_MAX, { error: NAME_RULE }).nullish(),
  code,
  starts_at: instant('starts_at'),
  ends_at: instant('ends_at'),
  prefer_native_scheduling: flag('prefer_native_scheduling'),
  allow_external_modification: flag('allow_external_modification'),
  is_external_modification_allowed: flag('is_external_modification_allowed'),
  strict_start: flag('strict_start'),
});

const identified = z.looseObject({
  access_code_id: codeIdSchema,
  name: z.string().max(NAME_LENGTH_MAX).nullish().catch(null),
  device_id: z.unknown().optional(),
});

/** Reads one entry of a desired document. `undefined`: it names no code, so nobody could be told what is wrong. */
export function readEntry(value: unknown, deviceId: string): DesiredEntry | undefined {
  const head = identified.safeParse(value);
  if (!head.success) return undefined;
  const accessCodeId = head.data.access_code_id;
  const name = head.data.name ?? null;
  const invalid = (message: string): DesiredEntry => {
    return { kind: 'invalid', accessCodeId, name, code: 'invalid_input', message };
  };
  if (!namesDevice(head.data.device_id, deviceId)) return invalid('device_id: names another lock.');
  const entry = entrySchema.safeParse(value);
  if (!entry.success) return invalid(entry.error.issues.map((issue) => issue.message).join(' '));
  return { kind: 'valid', request: requestOf(accessCodeId, entry.data) };
}

/** A field that may be left out, but if it is there it has to name this lock. */
export function namesDevice(value: unknown, deviceId: string): boolean {
  if (value === undefined || value === null) return true;
  const named = idSchema.safeParse(value);
  return named.success && named.data === deviceId;
}

function requestOf(accessCodeId: string, entry: z.output<typeof entrySchema>): AccessCodeRequest {
  return {
    ...plainRequest(accessCodeId),
    name: entry.name ?? null,
    pin: entry.code,
    startsAt: entry.starts_at ?? null,
    endsAt: entry.ends_at ?? null,
    preferNativeScheduling: entry.prefer_native_scheduling ?? true,
    allowExternalModification:
      entry.allow_external_modification ?? entry.is_external_modification_allowed ?? false,
    strictStart: entry.strict_start ?? false,
  };
}

function whyNoPin(value: unknown): string {
  if (value === undefined || value === null)
    return 'code: is missing, and this version of the hub makes no PINs up.';
  if (typeof value === 'number') return `${CODE_RULE}, in quotes: a JSON number loses leading zeros.`;
  return `${CODE_RULE}.`;
}
