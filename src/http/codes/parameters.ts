import { z } from 'zod';
import { agree, agreeOnChange, createParameters, type CreateParameters } from '../../wire/request.ts';
import { pageParameters } from '../paging.ts';
import { search } from './listing.ts';

/** Most unmanaged codes of one page, and how many come where the caller names no limit (spec section b). */
const UNMANAGED_PER_PAGE = 300_000;
/** Most locks of one request, and most ids of one list: more than a hub has. */
const DEVICES_MAX = 400;
const IDS_MAX = 1000;
const TEXT_LENGTH_MAX = 200;
const ID_LENGTH_MAX = 64;
/** Lengths that may be reported for a lock, in digits (spec section g). */
const REPORTED_LENGTH_MIN = 4;
const REPORTED_LENGTH_MAX = 20;

const id = z.string().min(1).max(ID_LENGTH_MAX);
const flag = z.boolean().nullish();
const accessCodeId = { access_code_id: id };
const deviceId = { device_id: id };
/** A code is known by its id alone; a lock that is named as well has to be the one that has it. */
const namedCode = { ...accessCodeId, device_id: id.nullish() };
const sync = flag.describe('Changes nothing here: the answer is there once the request is stored.');

const pin = createParameters.shape.code.describe('The PIN, with `device_id` and in place of the id.');

/** There is nothing of this kind on a hub, and a filter that is left out of account would give too much away. */
const ofNoCode = z
  .string()
  .max(TEXT_LENGTH_MAX)
  .nullish()
  .describe('A hub has none, so that nothing is found by it.');
const STRANGE_FILTERS = [
  'access_method_id',
  'access_grant_id',
  'customer_key',
  'user_identifier_key',
] as const;

export const createCodeParameters = z
  .object({ ...deviceId, ...createParameters.shape, sync })
  .superRefine(agree);

/** Several codes at once share a PIN, and each offline code has the digits of its own lock and window. */
function ofOrdinaryCodes(given: Partial<CreateParameters>, context: z.RefinementCtx): void {
  if (given.is_offline_access_code !== true && given.use_offline_access_code !== true) return;
  const message = 'is_offline_access_code: ask for one lock at a time, offline codes share no digits.';
  context.addIssue({ code: 'custom', message, path: ['is_offline_access_code'] });
}

const { common_code_key: _key, ...createdOnEach } = createParameters.shape;
export const createMultipleParameters = z
  .object({
    device_ids: z
      .array(id)
      .min(1)
      .max(DEVICES_MAX)
      .transform((ids) => [...new Set(ids)]),
    ...createdOnEach,
    behavior_when_code_cannot_be_shared: z
      .enum(['throw', 'create_random_code'])
      .default('throw')
      .describe('`throw`: nothing is made. `create_random_code`: odd locks get a PIN of their own.'),
  })
  .superRefine(agree)
  .superRefine(ofOrdinaryCodes);

export const getCodeParameters = z
  .object({ access_code_id: id.nullish(), device_id: id.nullish(), code: pin })
  .superRefine(({ access_code_id, device_id, code }, context) => {
    const isPair = device_id != null && code != null;
    const isHalf = device_id != null || code != null;
    if (access_code_id == null ? isPair : !isHalf) return;
    const message = 'either access_code_id, or device_id and code together';
    context.addIssue({ code: 'custom', message, path: ['access_code_id'] });
  });

export const listCodesParameters = z
  .object({
    device_id: id.nullish(),
    access_code_ids: z.array(id).max(IDS_MAX).nullish(),
    search,
    ...pageParameters,
    access_method_id: ofNoCode,
    access_grant_id: ofNoCode,
    customer_key: ofNoCode,
    user_identifier_key: ofNoCode,
  })
  .superRefine((given, context) => {
    const { device_id, access_code_ids, search: text } = given;
    if (device_id != null || access_code_ids != null || text != null || isOfNoCode(given)) return;
    const message = 'at least one of device_id, access_code_ids and search';
    context.addIssue({ code: 'custom', message, path: ['device_id'] });
  });

/** Codes are sought by something that a hub has none of. */
export function isOfNoCode(given: {
  readonly [Filter in (typeof STRANGE_FILTERS)[number]]?: unknown;
}): boolean {
  return STRANGE_FILTERS.some((filter) => given[filter] != null);
}

export const updateCodeParameters = z
  .object({
    ...createParameters.shape,
    ...namedCode,
    is_managed: flag.describe('`false`: the hub gives the code up and leaves it on the lock as it is.'),
    sync,
  })
  .superRefine(agreeOnChange);

const { name, starts_at, ends_at } = createParameters.shape;
export const updateMultipleParameters = z.object({
  common_code_key: z.string().min(1).max(TEXT_LENGTH_MAX),
  name,
  starts_at,
  ends_at,
});

export const deleteCodeParameters = z.object({ ...namedCode, sync });
export const generateCodeParameters = z.object(deviceId);
export const pullBackupParameters = z.object(accessCodeId);

const length = z.int().min(REPORTED_LENGTH_MIN).max(REPORTED_LENGTH_MAX);
export const reportConstraintsParameters = z
  .object({
    ...deviceId,
    supported_code_lengths: z.array(length).min(1).nullish(),
    min_code_length: length.nullish(),
    max_code_length: length.nullish(),
  })
  .superRefine(({ supported_code_lengths, min_code_length, max_code_length }, context) => {
    const isRange = min_code_length != null && max_code_length != null;
    const isHalf = min_code_length != null || max_code_length != null;
    const isRight = supported_code_lengths == null ? isRange && min_code_length <= max_code_length : !isHalf;
    if (isRight) return;
    const message = 'either supported_code_lengths, or min_code_length and a max_code_length not below it';
    context.addIssue({ code: 'custom', message, path: ['supported_code_lengths'] });
  });

export const listUnmanagedParameters = z.object({
  ...deviceId,
  search,
  ...pageParameters,
  limit: z.int().min(1).max(UNMANAGED_PER_PAGE).default(UNMANAGED_PER_PAGE),
});

const allowing = {
  allow_external_modification: flag,
  is_external_modification_allowed: flag,
  force: flag.describe('Changes nothing here: a hub has one owner.'),
  sync,
};
export const convertUnmanagedParameters = z.object({ ...namedCode, ...allowing });
export const updateUnmanagedParameters = z.object({
  ...namedCode,
  ...allowing,
  is_managed: z.boolean().describe('`true` is `convert_to_managed`; `false` changes nothing.'),
});

// The parameters as they are once they were read.
export type CreateCode = z.output<typeof createCodeParameters>;
export type CreateMultiple = z.output<typeof createMultipleParameters>;
export type GetCode = z.output<typeof getCodeParameters>;
export type ListCodes = z.output<typeof listCodesParameters>;
export type UpdateCode = z.output<typeof updateCodeParameters>;
export type UpdateMultiple = z.output<typeof updateMultipleParameters>;
export type DeleteCode = z.output<typeof deleteCodeParameters>;
export type GenerateCode = z.output<typeof generateCodeParameters>;
export type PullBackup = z.output<typeof pullBackupParameters>;
export type ReportConstraints = z.output<typeof reportConstraintsParameters>;
export type ListUnmanaged = z.output<typeof listUnmanagedParameters>;
export type ConvertUnmanaged = z.output<typeof convertUnmanagedParameters>;
export type UpdateUnmanaged = z.output<typeof updateUnmanagedParameters>;
