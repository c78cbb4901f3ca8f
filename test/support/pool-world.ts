import type { AccessCode } from '../../src/core/access-code.ts';
import { pullBackup } from '../../src/core/request/pool.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, request } from './core-world.ts';

/** A lock that has room for a pool of three. */
export const THIRTY = { ...PLAIN, lastSlot: 30 };

/** A stay from tomorrow noon on, for so many days. */
export function stay(world: CoreWorld, days = 1) {
  const startsAt = world.now + DAY_MS;
  return { startsAt, endsAt: startsAt + days * DAY_MS };
}

/** A lock with one stay that asked for the pool, under way, and nothing left to tell. */
export function withPool(capabilities = THIRTY, maxUses: number | null = null) {
  const world = new CoreWorld(capabilities);
  const window = { ...stay(world), useBackupPool: true, maxUses };
  world.desire(request('guest', '1234', window));
  world.passTo(window.startsAt + HOUR_MS);
  world.told();
  world.worked();
  return { world, ...window };
}

/** The codes of the pool, and those that were pulled from it. */
export function backups(world: CoreWorld): readonly AccessCode[] {
  return world.state.codes.filter((code) => code.isBackup);
}

/** The codes that wait in the pool. */
export function pool(world: CoreWorld): readonly AccessCode[] {
  return backups(world).filter((code) => code.backupOf === null);
}

/** Pulls a backup for a code, and answers its id. */
export function pull(world: CoreWorld, id = 'guest'): string {
  const pulled = pullBackup(world.state, id, world.reading);
  if (pulled.kind === 'refused') throw new Error(pulled.message);
  world.take(pulled.step);
  return pulled.backupAccessCodeId;
}

/** Why no backup can be pulled for a code. */
export function refusal(world: CoreWorld, id: string) {
  const pulled = pullBackup(world.state, id, world.reading);
  return pulled.kind === 'refused' ? pulled.reason : pulled.kind;
}

export function digitsOf(world: CoreWorld, id: string): string {
  return world.code(id)?.pin?.reveal() ?? '';
}
