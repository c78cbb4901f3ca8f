import type { z } from 'zod';
import { resultSchema, type Result } from '../cloud/messages/command.ts';
import { healthSchema, type Health } from '../cloud/messages/health.ts';
import { readPayload } from '../cloud/messages/payload.ts';
import { certificateRequestSchema } from '../cloud/messages/claim.ts';
import {
  eventBatchSchema,
  helloSchema,
  reportedSchema,
  statusSchema,
  type EventBatch,
  type Hello,
  type Reported,
  type Status,
} from '../cloud/messages/up.ts';

export type CloudEvent = EventBatch['events'][number];

/** What a hub says. `raw` of a report is the JSON as it came, which its digest is about. */
export type UpMessage =
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'reported'; readonly report: Reported; readonly raw: Readonly<Record<string, unknown>> }
  | { readonly kind: 'event'; readonly batch: EventBatch }
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'health'; readonly health: Health }
  | { readonly kind: 'certificate_request'; readonly csr: string };

export type ReadUp =
  | { readonly ok: true; readonly message: UpMessage }
  /** `reason` names fields and rules, never what was sent. */
  | { readonly ok: false; readonly reason: string };

const HUB_TOPIC = /^lockhub\/v1\/([A-Za-z0-9_-]{1,64})\/(up\/.+)$/;

/** Filter for what one hub says, or all hubs (`null`). */
export function upFilter(hubId: string | null): string {
  return `lockhub/v1/${hubId ?? '+'}/up/#`;
}

/** The full name of a topic `down/…` of a hub. */
export function downTopic(hubId: string, topic: string): string {
  return `lockhub/v1/${hubId}/${topic}`;
}

/** Splits a topic into the hub and what is below its root; `undefined`: nothing that a hub says. */
export function readTopic(topic: string): { readonly hubId: string; readonly name: string } | undefined {
  const [, hubId, name] = HUB_TOPIC.exec(topic) ?? [];
  return hubId === undefined || name === undefined ? undefined : { hubId, name };
}

/** Reads a message below the root of a hub, such as `up/hello`. */
export function readUp(name: string, payload: Uint8Array): ReadUp {
  const read = readPayload(payload);
  if (!read.ok) return { ok: false, reason: `${name}: ${read.reason}` };
  const { value } = read;
  switch (name) {
    case 'up/status':
      return parsed(name, statusSchema, value, (status) => ({ kind: 'status', status }));
    case 'up/hello':
      return parsed(name, helloSchema, value, (hello) => ({ kind: 'hello', hello }));
    case 'up/event':
      return parsed(name, eventBatchSchema, value, (batch) => ({ kind: 'event', batch }));
    case 'up/result':
      return parsed(name, resultSchema, value, (result) => ({ kind: 'result', result }));
    case 'up/health':
      return parsed(name, healthSchema, value, (health) => ({ kind: 'health', health }));
    case 'up/certificate_request':
      return parsed(name, certificateRequestSchema, value, ({ csr }) => ({
        kind: 'certificate_request',
        csr,
      }));
  }
  const [, deviceId] = /^up\/reported\/([^/]+)$/.exec(name) ?? [];
  if (deviceId === undefined) return { ok: false, reason: `${name.slice(0, 80)}: no such topic` };
  const raw = value as Readonly<Record<string, unknown>>;
  const read2 = parsed(name, reportedSchema, value, (report) => ({ kind: 'reported', report, raw }));
  if (raw['device_id'] !== deviceId) return { ok: false, reason: `${name}: device_id names another lock` };
  return read2;
}

function parsed<T>(
  name: string,
  schema: z.ZodType<T>,
  value: unknown,
  messageOf: (read: T) => UpMessage,
): ReadUp {
  const read = schema.safeParse(value);
  if (read.success) return { ok: true, message: messageOf(read.data) };
  const [issue] = read.error.issues;
  return { ok: false, reason: `${name}: ${issue?.path.join('.') ?? ''} ${issue?.code ?? ''}` };
}
