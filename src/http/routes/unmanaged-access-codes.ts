import { z } from 'zod';
import { shownUnmanagedSchema } from '../codes/context.ts';
import * as parameters from '../codes/parameters.ts';
import {
  convertUnmanaged,
  deleteUnmanagedCode,
  getUnmanaged,
  listUnmanaged,
  updateUnmanaged,
} from '../codes/unmanaged.ts';
import { paginationSchema } from '../paging.ts';
import { route, type Route } from '../route.ts';

const nothing = z.object({});

/** `/access_codes/unmanaged/*`: codes that the hub found on a lock and did not put there. */
export const unmanagedAccessCodes: readonly Route[] = [
  route({
    path: '/access_codes/unmanaged/get',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'One unmanaged access code, by its id or by its PIN on a lock.',
    params: parameters.getCodeParameters,
    answer: z.object({ access_code: shownUnmanagedSchema }),
    act: getUnmanaged,
  }),
  route({
    path: '/access_codes/unmanaged/list',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'The unmanaged access codes of a lock.',
    params: parameters.listUnmanagedParameters,
    answer: z.object({ access_codes: z.array(shownUnmanagedSchema), pagination: paginationSchema }),
    act: listUnmanaged,
  }),
  route({
    path: '/access_codes/unmanaged/update',
    verbs: ['PATCH', 'POST'],
    scope: 'write',
    summary: 'Makes an unmanaged access code one of the hub, with `is_managed`.',
    params: parameters.updateUnmanagedParameters,
    answer: nothing,
    act: updateUnmanaged,
  }),
  route({
    path: '/access_codes/unmanaged/convert_to_managed',
    verbs: ['PATCH', 'POST'],
    scope: 'write',
    summary: 'Makes an unmanaged access code one of the hub.',
    params: parameters.convertUnmanagedParameters,
    answer: nothing,
    act: convertUnmanaged,
  }),
  route({
    path: '/access_codes/unmanaged/delete',
    verbs: ['DELETE', 'POST'],
    scope: 'write',
    summary: 'Has an unmanaged access code taken off its lock.',
    params: parameters.deleteCodeParameters,
    answer: nothing,
    act: deleteUnmanagedCode,
  }),
];
