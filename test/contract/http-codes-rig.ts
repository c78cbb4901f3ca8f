import { SeamHttp, SeamHttpApiError } from '@seamapi/http';
import { SystemClock } from '../../src/clock.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import type { Scope } from '../../src/core/scope.ts';
import { CoreWorld, PLAIN } from '../support/core-world.ts';
import { hubPlace } from '../unit/store-fixture.ts';
import { httpScene } from './http-rig.ts';

export const FRONT = '11111111-1111-4111-8111-111111111111';
export const BACK = '22222222-2222-4222-8222-222222222222';

/** A clock that stands until a test moves it. */
class HandClock extends SystemClock {
  at = Date.parse('2026-03-02T12:00:00Z');

  override now() {
    return { earliest: this.at, latest: this.at };
  }
}

/** The API over two locks, whose loops work when the test says so. */
export async function codesScene(localOverride = false) {
  const store = hubPlace().open();
  const clock = new HandClock();
  const kinds: Readonly<Record<string, Capabilities>> = {
    [FRONT]: { ...PLAIN, lastSlot: 30 },
    [BACK]: { ...PLAIN, pinLength: { min: 4, max: 6 } },
  };
  const locks = new Map(
    Object.entries(kinds).map(([id, capabilities]) => {
      const lock = new CoreWorld(capabilities, id);
      store.commit(undefined, lock.state, []);
      return [id, lock] as const;
    }),
  );
  const start = () => httpScene({ store, clock, localOverride, hasCloud: true });
  const { url, key, woken, logged } = await start();
  const apiKey = key('write', 'pins');
  const lockOf = (deviceId: string): CoreWorld => {
    const lock = locks.get(deviceId);
    if (lock === undefined) throw new Error('no such lock');
    return lock;
  };
  return {
    store,
    clock,
    woken,
    logged,
    seam: new SeamHttp({ apiKey, endpoint: url }),
    /** The client of another server over the same store, as after a restart. */
    seamAfterRestart: async () => new SeamHttp({ apiKey, endpoint: (await start()).url }),
    seamWith: (...scopes: readonly Scope[]) => new SeamHttp({ apiKey: key(...scopes), endpoint: url }),
    /** A request as no client of ours sends it: the status and the body. */
    send: async (verb: string, path: string, body: unknown) => {
      const answer = await fetch(`${url}${path}`, {
        method: verb,
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: await answer.json() };
    },
    /** Something happens at a lock, and its loop does what is to be done by now. */
    happen: (deviceId: string, deed: (lock: CoreWorld) => void = () => undefined): void => {
      const before = store.lockState(deviceId);
      const lock = lockOf(deviceId);
      if (before === undefined) throw new Error('no such lock');
      lock.state = before;
      lock.events.length = 0;
      if (lock.now < clock.at) lock.passTo(clock.at);
      deed(lock);
      lock.work();
      store.commit(before, lock.state, lock.events);
    },
    /** What a lock holds, by slot. */
    pins: (deviceId: string): readonly string[] => [...lockOf(deviceId).pins.values()],
    /** Types of all events that were told, with the code that each is about. */
    told: (): readonly unknown[] =>
      store.outbox.after(0, 1000).map(({ event }) => [event['event_type'], event['access_code_id']]),
  };
}

/** So many hours after the instant at which the clock of a scene stands first, as text. */
export function hours(count: number): string {
  return new Date(Date.parse('2026-03-02T12:00:00Z') + count * 3_600_000).toISOString();
}

export type CodesScene = Awaited<ReturnType<typeof codesScene>>;

/** The id of a code that somebody put on the front door by hand. */
export async function byHand(scene: CodesScene, digits = '9999'): Promise<string> {
  scene.happen(FRONT, (lock) => {
    lock.pins.set(9, digits);
    lock.hear({ kind: 'slot_changed', slot: 9 });
  });
  const [found] = await scene.seam.accessCodes.unmanaged.list({ device_id: FRONT });
  if (found === undefined) throw new Error('not found on the lock');
  return found.access_code_id;
}

/** The failure, as the client shows it, that a request must end with. */
export async function refusalOf(asked: Promise<unknown>): Promise<SeamHttpApiError> {
  const ended = await asked.catch((error: unknown) => error);
  if (!(ended instanceof SeamHttpApiError)) throw new Error('no failure of the API', { cause: ended });
  if (!/^[0-9a-f-]{36}$/.test(ended.requestId)) throw new Error('a failure without the id of its request');
  return ended;
}

/** Its status and type. */
export async function failureOf(asked: Promise<unknown>): Promise<string> {
  const { statusCode, code } = await refusalOf(asked);
  return `${statusCode} ${code}`;
}
