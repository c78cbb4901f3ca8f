import { z } from 'zod';
import type { DoorMemory } from '../core/offline/judge.ts';
import type { TimeReading } from '../core/time.ts';
import type { Secrets } from './store.ts';

type Burnt = DoorMemory['burnt'];

/** Name of them among the hub's secrets. */
const NAME = 'burnt_codes_of_forgotten_locks';

/** What a door remembers of one-time codes that were used. */
export const burntCodes = z.array(
  z.object({ secretId: z.string(), startsAt: z.number(), number: z.int(), endsAt: z.number() }),
);

const stored = z.record(z.string(), burntCodes);

/**
 * Keeps what is used of a lock that is forgotten, beside what is kept of it already, until its end has certainly passed.
 * Call inside a transaction.
 */
export function keepBurnt(secrets: Secrets, deviceId: string, burnt: Burnt, now: TimeReading): void {
  const before = read(secrets);
  const all = { ...before, [deviceId]: [...(before[deviceId] ?? []), ...burnt] };
  const lasting = Object.entries(all)
    .map(([id, codes]) => [id, codes.filter(({ endsAt }) => now.earliest < endsAt)] as const)
    .filter(([, codes]) => codes.length > 0);
  write(secrets, Object.fromEntries(lasting));
}

/** What was kept of a lock that is there again, and is kept no more. Call inside a transaction. */
export function takeBurnt(secrets: Secrets, deviceId: string): Burnt {
  const { [deviceId]: burnt, ...others } = read(secrets);
  if (burnt !== undefined) write(secrets, others);
  return burnt ?? [];
}

function read(secrets: Secrets): z.infer<typeof stored> {
  const text = secrets.get(NAME);
  return text === undefined ? {} : stored.parse(JSON.parse(text));
}

function write(secrets: Secrets, all: Readonly<Record<string, Burnt>>): void {
  secrets.set(NAME, JSON.stringify(all));
}
