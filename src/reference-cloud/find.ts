import { idSchema } from '../cloud/messages/topics.ts';
import type { KnownHub, ReferenceCloud } from './cloud.ts';

export interface FoundLock {
  readonly hub: KnownHub;
  readonly deviceId: string;
}

/** Whom a command is for: a lock, or the hub itself. */
export interface Addressee {
  readonly hub: KnownHub;
  readonly deviceId: string | null;
}

/**
 * The lock whose id begins so. A whole id that nobody knows yet belongs to the only hub there is, for a document may come
 * before its lock is met. Otherwise one sentence about what is wrong.
 */
export function findLock(cloud: ReferenceCloud, word: string | undefined): FoundLock | string {
  if (word === undefined) return 'Which lock? "locks" shows them.';
  const hubs = cloud.hubs();
  const found = hubs.flatMap((hub) => {
    const ids = new Set([...hub.sink.ledger.deviceIds(), ...hub.documents.deviceIds()]);
    return [...ids].filter((id) => id.startsWith(word.toLowerCase())).map((deviceId) => ({ hub, deviceId }));
  });
  const [first, second] = found;
  if (second !== undefined) return `${found.length} locks begin with ${word}.`;
  if (first !== undefined) return first;
  const id = idSchema.safeParse(word);
  const [hub, other] = hubs;
  return id.success && hub !== undefined && other === undefined
    ? { hub, deviceId: id.data }
    : `No lock begins with ${word}; "locks" shows them.`;
}

/** The code with this id, or the only one whose id begins so; `undefined`: none, or several. */
export function findCode({ hub, deviceId }: FoundLock, word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  const report = hub.sink.ledger.report(deviceId);
  const codes = [
    ...(hub.documents.get(deviceId)?.codes ?? []),
    ...(report?.codes ?? []),
    ...(report?.unmanaged_codes ?? []),
  ];
  const ids = [...new Set(codes.map((code) => code.access_code_id))];
  if (ids.includes(word)) return word;
  const [first, second] = ids.filter((id) => id.startsWith(word));
  return second === undefined ? first : undefined;
}

/** The hub of this name, or the only one there is; otherwise one sentence about what is wrong. */
export function onlyHub(cloud: ReferenceCloud, word: string | undefined): Addressee | string {
  const hubs = cloud.hubs().filter(({ hubId }) => word === undefined || hubId === word);
  const [hub, other] = hubs;
  if (hub === undefined) return 'No such hub was heard of.';
  return other === undefined ? { hub, deviceId: null } : 'There are several hubs; name one.';
}
