import { z } from 'zod';
import type { AccessCodeRequest, WeeklyWindow } from '../core/access-code.ts';
import type { OfflineAsked } from '../core/offline/issue.ts';
import { Pin, PIN_PATTERN } from '../core/pin.ts';
import { WEEK_DAYS } from '../core/slot.ts';
import { DAY_MS, HOUR_MS } from '../core/time.ts';

/** Longest name of a code and longest key of linked codes, in characters. */
export const NAME_LENGTH_MAX = 200;

const WEEKLY_WINDOWS_MAX = 20;
const USES_MAX = 1000;
/** Beyond it the offset of a zone could make five digits of a year. */
const YEAR_9999 = Date.UTC(9999, 0, 1);
/** The same bound for texts, but for the hours that an offset moves over the turn of the year. */
const YEARS = '^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-';

// Every message begins with the name of its field, and none repeats what was sent: it could be a PIN.

const WINDOW_RULE = 'must be an ISO 8601 time with Z or an offset, such as 2026-11-22T16:00:00+01:00.';
const CODE_RULE = 'code: must be a text of 4 to 12 digits';
const CODE_HELP =
  'The PIN: a text of 4 to 12 digits, for a number loses its zeros. Without it the hub makes one up.';
const WEEKLY_HELP = 'It opens only in these windows of every week, in the wall time of the site.';
const WEEKLY_RULE =
  'weekly_windows: must be a list of windows like {"days": ["monday"], "start": "09:00", "end": "17:30"}.';

const flag = (field: string) => z.boolean({ error: `${field}: must be true or false.` }).nullish();

/** JSON can carry half a character (a lone surrogate) and UTF-8 can't, so it would come back from the database changed. */
export function wellFormed(sent: string): string {
  return sent.toWellFormed();
}

const text = (field: string) => {
  const error = `${field}: must be a text of at most ${NAME_LENGTH_MAX} characters.`;
  return z.string({ error }).max(NAME_LENGTH_MAX, { error }).transform(wellFormed).nullish();
};

const count = (field: string, max: number) => {
  const error = `${field}: must be a whole number from 1 to ${max}.`;
  return z.int({ error }).min(1, { error }).max(max, { error }).nullish();
};

const instant = (field: string) =>
  z
    .union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })], {
      error: `${field}: ${WINDOW_RULE}`,
    })
    .transform((iso) => Date.parse(iso))
    .refine((at) => at >= 0 && at < YEAR_9999, { error: `${field}: must be in the years 1970 to 9998.` })
    .meta({ type: 'string', pattern: YEARS })
    .nullish();

const choice = <const Values extends readonly string[]>(field: string, values: Values) =>
  z.enum(values, { error: `${field}: must be one of ${values.join(', ')}.` }).nullish();

/** The rules of the code field, told apart so that the message helps. Left out or `null`: the hub makes a PIN up. */
const code = z
  .unknown()
  .optional()
  .transform((value, context): Pin | null => {
    if (value === undefined || value === null) return null;
    const pin = typeof value === 'string' ? Pin.parse(value) : undefined;
    if (pin !== undefined) return pin;
    const quotes = typeof value === 'number' ? ', in quotes: a JSON number loses leading zeros' : '';
    context.addIssue({ code: 'custom', message: `${CODE_RULE}${quotes}.` });
    return z.NEVER;
  })
  .meta({ type: ['string', 'null'], pattern: PIN_PATTERN.source, description: CODE_HELP });

const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const endTime = z
  .union([wallTime, z.literal('24:00').transform(() => '00:00')])
  .describe('At or before `start`: on the next day. `24:00` is the midnight after the day, like `00:00`.');

const windowList = z
  .array(z.object({ days: z.array(z.enum(WEEK_DAYS)).min(1), start: wallTime, end: endTime }))
  .min(1)
  .max(WEEKLY_WINDOWS_MAX);

const weeklyWindows = z
  .unknown()
  .optional()
  .transform((value, context): readonly WeeklyWindow[] | null => {
    if (value === undefined || value === null) return null;
    const list = windowList.safeParse(value);
    if (list.success) {
      return list.data.map(({ days, start, end }) => ({ days: [...new Set(days)], start, stop: end }));
    }
    context.addIssue({ code: 'custom', message: WEEKLY_RULE });
    return z.NEVER;
  })
  .meta({ type: ['array', 'null'], description: WEEKLY_HELP });

/** The parameters of the create request as they come from outside, and what follows from each alone. */
export const createParameters = z.object({
  name: text('name').describe('For people. The lock does not keep it.'),
  code,
  preferred_code_length: count('preferred_code_length', 20).describe(
    'Digits of a PIN that the hub makes up; a length that the lock does not take falls back to its shortest.',
  ),
  starts_at: instant('starts_at').describe(
    'ISO 8601 with `Z` or an offset. Alone: an ongoing code that does not open before. Without: at once.',
  ),
  ends_at: instant('ends_at').describe('ISO 8601 with `Z` or an offset, after `starts_at`. Never alone.'),
  type: choice('type', ['ongoing', 'time_bound']).describe(
    'By default what the times say. `ongoing` drops a time frame that is given, `time_bound` needs both times.',
  ),
  prefer_native_scheduling: flag('prefer_native_scheduling').describe(
    'Default `true`. `false`: just in time, also on a lock that keeps schedules itself.',
  ),
  allow_external_modification: flag('allow_external_modification').describe(
    'Default `false`: an edit at the lock is put back and is an error. `true`: it is left alone.',
  ),
  is_external_modification_allowed: flag('is_external_modification_allowed').describe(
    'Means the same as `allow_external_modification`, and must not differ from it.',
  ),
  use_backup_access_code_pool: flag('use_backup_access_code_pool').describe(
    'Default `false`. `true`: keeps a pool of backup codes on this lock from now on; for time-bound codes.',
  ),
  common_code_key: text('common_code_key').describe(
    'Codes with the same key have the same PIN, on all locks of the hub; a `code` that differs from it is rejected.',
  ),
  attempt_for_offline_device: flag('attempt_for_offline_device').describe(
    'Default `true`. `false`: a new code is rejected while its lock is offline.',
  ),
  is_offline_access_code: flag('is_offline_access_code').describe(
    'Default `false`. `true`: an issuer computes the digits, and nothing is sent to the lock; it can not be changed or deleted.',
  ),
  use_offline_access_code: flag('use_offline_access_code').describe(
    'The old name of `is_offline_access_code`.',
  ),
  is_one_time_use: flag('is_one_time_use').describe(
    'Of offline codes: it opens once, within a day of `starts_at`.',
  ),
  max_time_rounding: choice('max_time_rounding', ['1hour', '1h', '1day', '1d']).describe(
    'Of offline codes, default `1hour`: the furthest that `starts_at` and `ends_at` may each be moved to a window that the lock takes.',
  ),
  strict_start: flag('strict_start').describe(
    'Default `false`. `true`: no lead. A just-in-time code is enabled only as long before `starts_at` as its lock takes to be written.',
  ),
  weekly_windows: weeklyWindows,
  max_uses: count('max_uses', USES_MAX).describe('The code goes when the lock has reported so many uses.'),
});

/** The parameters as they are written, for a contract to tell: here no text has become something else yet. */
export const writtenParameters = {
  ...createParameters.shape,
  code: z.string().regex(PIN_PATTERN).nullish().describe(CODE_HELP),
  weekly_windows: windowList.nullish().describe(WEEKLY_HELP),
};

/** The parameters of the create request, each read by itself. */
export type CreateParameters = z.output<typeof createParameters>;

/** What is asked for by a create request, but for its id. */
export interface AskedFor {
  readonly request: Omit<AccessCodeRequest, 'accessCodeId'>;
  /** `false`: the code is not to wait for a lock that is offline. */
  readonly attemptForOfflineDevice: boolean;
}

/**
 * The parameters of the create request, with their defaults. Times are read and compared nowhere here: whether a
 * window makes sense, the core says.
 */
export const createRequestSchema = createParameters.superRefine(agree).transform(askedFor);

/** Adds what is wrong with fields that are right by themselves and not together, or that this version does not serve. */
export function agree(given: Partial<CreateParameters>, context: z.RefinementCtx): void {
  const { type, starts_at, ends_at, is_one_time_use: isOneTime } = given;
  if (type === 'time_bound' && (starts_at == null || (ends_at == null && isOneTime !== true))) {
    disagree(context, 'type: time_bound needs starts_at and ends_at.');
  }
  const { is_offline_access_code: offline, use_offline_access_code: old } = given;
  if (offline != null && old != null && offline !== old) {
    disagree(context, 'use_offline_access_code: is_offline_access_code means the same and differs.');
  }
  if (isOneTime === true && !isOffline(given)) {
    disagree(context, 'is_one_time_use: only offline access codes have it. Use max_uses: 1 instead.');
  }
  agreeOnModification(given, context);
}

/** The same for a change, which need not name again what the code has already. */
export function agreeOnChange(given: Partial<CreateParameters>, context: z.RefinementCtx): void {
  if (isOffline(given) || given.is_one_time_use === true) {
    disagree(
      context,
      'is_offline_access_code: no code becomes an offline one, and none is changed. Create another one.',
    );
  }
  agreeOnModification(given, context);
}

function agreeOnModification(given: Partial<CreateParameters>, context: z.RefinementCtx): void {
  const allow = given.allow_external_modification;
  const allowed = given.is_external_modification_allowed;
  if (allow != null && allowed != null && allow !== allowed) {
    disagree(
      context,
      'allow_external_modification: is_external_modification_allowed means the same and differs.',
    );
  }
}

function isOffline(given: Partial<CreateParameters>): boolean {
  return given.is_offline_access_code === true || given.use_offline_access_code === true;
}

function disagree(context: z.RefinementCtx, message: string): void {
  context.addIssue({ code: 'custom', message, path: [message.slice(0, message.indexOf(':'))] });
}

/** What a create request with these parameters asks for, all defaults filled in. */
export function askedFor(given: CreateParameters): AskedFor {
  return {
    request: {
      name: given.name ?? null,
      pin: given.code,
      preferredCodeLength: given.preferred_code_length ?? null,
      commonCodeKey: given.common_code_key ?? null,
      ...timesOf(given),
      preferNativeScheduling: given.prefer_native_scheduling ?? true,
      allowExternalModification:
        given.allow_external_modification ?? given.is_external_modification_allowed ?? false,
      strictStart: given.strict_start ?? false,
      useBackupPool: given.use_backup_access_code_pool ?? false,
      weeklyWindows: given.weekly_windows,
      maxUses: given.max_uses ?? null,
      offline: isOffline(given) ? offlineOf(given) : null,
    },
    attemptForOfflineDevice: given.attempt_for_offline_device ?? true,
  };
}

/** What a request says of an offline code beside its times. */
function offlineOf(given: CreateParameters): OfflineAsked {
  const rounding = given.max_time_rounding ?? '1hour';
  return {
    isOneTimeUse: given.is_one_time_use ?? false,
    maxRoundingMs: rounding === '1day' || rounding === '1d' ? DAY_MS : HOUR_MS,
  };
}

/** Every message of a refused request in one text. */
export function refusalText(error: z.ZodError): string {
  return error.issues.map((issue) => issue.message).join(' ');
}

/**
 * An ongoing code has no time frame, so `type: ongoing` drops one that is given. A start alone stays: a code without
 * an end is ongoing anyway, and must not open before its start.
 */
function timesOf({
  type,
  starts_at,
  ends_at,
}: CreateParameters): Pick<AccessCodeRequest, 'startsAt' | 'endsAt'> {
  if (type === 'ongoing' && ends_at != null) return { startsAt: null, endsAt: null };
  return { startsAt: starts_at ?? null, endsAt: ends_at ?? null };
}
