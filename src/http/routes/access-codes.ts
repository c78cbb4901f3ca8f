import { z } from 'zod';
import { offlineTimeFrameSchema } from '../../wire/offline-time-frame.ts';
import { actionAttemptSchema } from '../action-attempts.ts';
import { createCode, deleteCode, updateCode } from '../codes/access-codes.ts';
import { shownCodeSchema } from '../codes/context.ts';
import * as parameters from '../codes/parameters.ts';
import { previewCode } from '../codes/preview.ts';
import { generateCode, pullBackupCode, reportConstraints } from '../codes/pins.ts';
import { getCode, listCodes } from '../codes/reading.ts';
import { createMultiple, updateMultiple } from '../codes/several.ts';
import { paginationSchema } from '../paging.ts';
import { route, type Route } from '../route.ts';

const one = z.object({ access_code: shownCodeSchema });
const nothing = z.object({});

/** `/access_codes/*`, with the verbs of old and new clients (spec section b). */
export const accessCodes: readonly Route[] = [
  route({
    path: '/access_codes/create',
    verbs: ['POST'],
    scope: 'write',
    summary: 'Makes an access code on one lock.',
    params: parameters.createCodeParameters,
    answer: one.extend({
      action_attempt: actionAttemptSchema.describe('Its id is that of the code.'),
    }),
    act: createCode,
  }),
  route({
    path: '/access_codes/preview',
    verbs: ['POST'],
    scope: 'write',
    summary: 'The access code that /access_codes/create would make, or why it would not; nothing is made.',
    params: parameters.createCodeParameters,
    answer: one.extend({
      offline_time_frame: offlineTimeFrameSchema
        .nullable()
        .describe('The window that an offline code would open in, after rounding; `null` for other codes.'),
    }),
    act: previewCode,
  }),
  route({
    path: '/access_codes/create_multiple',
    verbs: ['PUT', 'POST'],
    scope: 'write',
    summary: 'Makes an access code on each of several locks, all or none. A PUT may be sent again.',
    params: parameters.createMultipleParameters,
    answer: z.object({ access_codes: z.array(shownCodeSchema) }),
    act: (context, given) => createMultiple(context, given, { replayable: context.verb === 'PUT' }),
  }),
  route({
    path: '/access_codes/get',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'One access code, by its id or by its PIN on a lock.',
    params: parameters.getCodeParameters,
    answer: one,
    act: getCode,
  }),
  route({
    path: '/access_codes/list',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'Access codes in the order in which they were created.',
    params: parameters.listCodesParameters,
    answer: z.object({ access_codes: z.array(shownCodeSchema), pagination: paginationSchema }),
    act: listCodes,
  }),
  route({
    path: '/access_codes/update',
    verbs: ['PATCH', 'PUT', 'POST'],
    scope: 'write',
    summary: 'Changes what is given of an access code, or gives it up.',
    params: parameters.updateCodeParameters,
    answer: nothing,
    act: updateCode,
  }),
  route({
    path: '/access_codes/update_multiple',
    verbs: ['PATCH', 'POST'],
    scope: 'write',
    summary: 'Changes all access codes with one common_code_key, all or none.',
    params: parameters.updateMultipleParameters,
    answer: nothing,
    act: updateMultiple,
  }),
  route({
    path: '/access_codes/delete',
    verbs: ['DELETE', 'POST'],
    scope: 'write',
    summary: 'Has an access code taken off its lock.',
    params: parameters.deleteCodeParameters,
    answer: nothing,
    act: deleteCode,
  }),
  route({
    path: '/access_codes/generate_code',
    verbs: ['GET', 'POST'],
    scope: 'write',
    summary: 'A PIN that a lock takes and nobody has; it is kept for nobody.',
    params: parameters.generateCodeParameters,
    answer: z.object({ generated_code: z.object({ device_id: z.string(), code: z.string() }) }),
    act: generateCode,
  }),
  route({
    path: '/access_codes/pull_backup_access_code',
    verbs: ['POST'],
    scope: 'write',
    summary: 'Has a backup code stand in for an access code.',
    params: parameters.pullBackupParameters,
    answer: one.extend({ backup_access_code: shownCodeSchema.describe('The same once more.') }),
    act: pullBackupCode,
  }),
  route({
    path: '/access_codes/report_device_constraints',
    verbs: ['POST'],
    scope: 'write',
    summary: 'Says which PIN lengths a lock takes that can not tell it.',
    params: parameters.reportConstraintsParameters,
    answer: nothing,
    act: reportConstraints,
  }),
];
