import { z } from 'zod';
import { deviceIdSchema } from './topics.ts';

/** One type of event: when it is told, and its fields beside those that every event has. */
export interface EventKind {
  readonly when: string;
  readonly fields: Readonly<Record<string, z.ZodType>>;
}

export const ofLock = { device_id: deviceIdSchema };
export const ofCode = { ...ofLock, access_code_id: z.string() };
export const count = z.int().nonnegative();

export function kind(when: string, fields: EventKind['fields']): EventKind {
  return { when, fields };
}
