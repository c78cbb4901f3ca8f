import { reportedOf } from '../../src/cloud/reported.ts';
import { SEALING_SUITE } from '../../src/cloud/messages/sealed.ts';
import type { Hello, Reported } from '../../src/cloud/messages/up.ts';
import { DEFAULT_POLICY, unmetLock, type LockState } from '../../src/core/lock.ts';

export const EPOCH = '11111111-1111-4111-8111-111111111111';
export const LOCK = '22222222-2222-4222-8222-222222222222';

const AT = '2026-11-22T12:00:00.000Z';
const NOON = Date.parse(AT);

/** What a hub says, message by message, for tests of whoever listens. */
export interface Said {
  readonly name: string;
  readonly payload: Uint8Array;
}

export function said(name: string, message: unknown): Said {
  return { name, payload: Buffer.from(JSON.stringify(message)) };
}

export function status(state: 'online' | 'offline', bootId: string, connectionSeq: number, at = AT): Said {
  const own = { v: 1, state, boot_id: bootId, connection_seq: connectionSeq, version: '1', at };
  return said('up/status', own);
}

export interface HelloFields {
  readonly boot?: string;
  readonly connection?: number;
  readonly at?: string;
  readonly epoch?: string;
  readonly head?: number;
  readonly acked?: number;
  readonly devices?: Hello['devices'];
}

export function hello(fields: HelloFields = {}): Said {
  const { boot = 'boot-1', connection = 1, at = AT, epoch = EPOCH, head = 0, acked = 0 } = fields;
  return said('up/hello', {
    v: 1,
    hub_id: 'hub-1',
    boot_id: boot,
    connection_seq: connection,
    version: '1',
    at,
    clock: { earliest: at, latest: at },
    outbox: { epoch, head, published: head, acked, depth: head - acked },
    sealing_key: { key_id: 'key-1', suite: SEALING_SUITE, public_key: 'A'.repeat(43) },
    devices: fields.devices ?? [],
  });
}

export function versions(generation: number, received: number, applied = received): Hello['devices'][number] {
  return {
    device_id: LOCK,
    generation,
    version_received: received,
    version_applied: applied,
    digest: 'not compared',
  };
}

/** Events with these seqs, each always the same. */
export function batch(seqs: readonly number[], fields: Record<string, unknown> = {}): Said {
  return said('up/event', { v: 1, epoch: EPOCH, events: seqs.map((seq) => event(seq)), ...fields });
}

export function event(seq: number, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { seq, event_id: `id-${seq}`, event_type: 'lock.unlocked', occurred_at: AT, note: seq, ...fields };
}

/** The report of a lock nobody has met, with the digest that the hub gives it. */
export function report(generation: number, received: number, applied = received): Reported {
  const lock = { ...unmetLock(LOCK), generation, versionReceived: received, versionApplied: applied };
  return reportOf({ lock, codes: [], slots: [] });
}

export function reportOf(state: LockState): Reported {
  const content = reportedOf(state, {
    policy: { ...DEFAULT_POLICY, timezone: 'Europe/Berlin' },
    now: () => ({ earliest: NOON, latest: NOON }),
    isRadioUp: () => true,
    fingerprint: () => 'fingerprint',
  });
  return { ...content, boot_id: 'boot-1', report_seq: 1 };
}

export function reported(message: Reported): Said {
  return said(`up/reported/${message.device_id}`, message);
}

export function result(state: string, fields: Record<string, unknown> = {}): Said {
  return said('up/result', { v: 1, command_id: 'c-1', type: 'ping', state, at: AT, ...fields });
}
