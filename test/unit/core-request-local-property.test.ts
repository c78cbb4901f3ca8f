import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AccessCodeRequest, Origin } from '../../src/core/access-code.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { CoreWorld, pin, PLAIN, POLICY, request } from '../support/core-world.ts';
import { LocalHands } from '../support/local-world.ts';

/** Few enough of each that most requests meet others. */
const IDS = ['a', 'b', 'c', 'd'];
const DIGITS = ['1111', '2222', null];
const HOURS_MAX = 12;

/** Hours from now on; `null`: no such end. */
const window = fc.oneof(
  fc.constant({ from: null, hours: null }),
  fc.record({ from: fc.integer({ min: -2, max: HOURS_MAX }), hours: fc.integer({ min: 1, max: 4 }) }),
);
const wish = fc.record({ digits: fc.constantFrom(...DIGITS), window });
const deed = fc.oneof(
  fc.record({ kind: fc.constant('desire' as const), wishes: fc.dictionary(fc.constantFrom(...IDS), wish) }),
  fc.record({
    kind: fc.constantFrom('create' as const, 'update' as const),
    id: fc.constantFrom(...IDS),
    wish,
    overrides: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('delete' as const), id: fc.constantFrom(...IDS), overrides: fc.boolean() }),
  fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ kind: fc.constant('program' as const), slot: fc.integer({ min: 1, max: 5 }) }),
);

type Deed = typeof deed extends fc.Arbitrary<infer Value> ? Value : never;
type Wish = typeof wish extends fc.Arbitrary<infer Value> ? Value : never;

function asked(world: CoreWorld, { digits, window: { from, hours } }: Wish): Partial<AccessCodeRequest> {
  const startsAt = from === null ? null : world.now + from * HOUR_MS;
  const endsAt = startsAt === null || hours === null ? null : startsAt + hours * HOUR_MS;
  return { pin: digits === null ? null : pin(digits), startsAt, endsAt };
}

function act(world: CoreWorld, made: { count: number }, next: Deed): void {
  switch (next.kind) {
    case 'desire':
      return world.desire(
        ...Object.entries(next.wishes).map(([id, each]) => request(id, '0000', asked(world, each))),
      );
    case 'create':
      made.count += 1;
      new LocalHands(world).create(`local ${next.id} ${made.count}`, asked(world, next.wish));
      return;
    case 'update': {
      const hands = new LocalHands(world, next.overrides);
      const ids = world.state.codes.map(({ accessCodeId }) => accessCodeId);
      const id = ids[IDS.indexOf(next.id)] ?? next.id;
      hands.update(id, asked(world, next.wish));
      return;
    }
    case 'delete': {
      const ids = world.state.codes.map(({ accessCodeId }) => accessCodeId);
      new LocalHands(world, next.overrides).delete(ids[IDS.indexOf(next.id)] ?? next.id);
      return;
    }
    case 'pass':
      return world.passTo(world.now + next.hours * HOUR_MS);
    case 'program':
      world.pins.set(next.slot, '1111');
      world.hear({ kind: 'slot_changed', slot: next.slot });
  }
}

/** Pairs of codes that want the lock with one PIN at one time, lead included. */
function pairsAtOneTime(world: CoreWorld): readonly string[] {
  const stays = world.state.codes.flatMap((code) => {
    if (code.pin === null || code.removingSince !== null) return [];
    const from = code.startsAt === null ? -Infinity : code.startsAt - POLICY.jitLeadMs;
    return [{ id: code.accessCodeId, pin: code.pin, from, until: code.endsAt ?? Infinity }];
  });
  return stays.flatMap((a, index) =>
    stays
      .slice(index + 1)
      .filter((b) => a.pin.equals(b.pin) && a.from < b.until && b.from < a.until)
      .map((b) => `${a.id} and ${b.id}`),
  );
}

/** What an owner wants, but for what time alone has ended by now. */
function wishesOf(owner: Origin, { now, state: present }: CoreWorld, state = present): readonly unknown[] {
  return state.codes
    .filter(({ origin, endsAt }) => origin === owner && (endsAt ?? Infinity) > now)
    .map(({ accessCodeId, pin: digits, startsAt, endsAt, removingSince }) => {
      return [accessCodeId, digits?.reveal(), startsAt, endsAt, removingSince];
    });
}

test('two owners never have two codes with one PIN on a lock at one time, and neither touches what is the other’s', () => {
  fc.assert(
    fc.property(fc.array(deed, { minLength: 1, maxLength: 25 }), (deeds) => {
      const world = new CoreWorld(PLAIN);
      const made = { count: 0 };
      for (const next of deeds) {
        const before = world.state;
        act(world, made, next);
        expect(pairsAtOneTime(world)).toEqual([]);
        const isCloudOnly = next.kind === 'desire';
        const isLocalOnly = (next.kind === 'update' || next.kind === 'delete') && !next.overrides;
        if (isCloudOnly) expect(wishesOf('local', world, before)).toEqual(wishesOf('local', world));
        if (isLocalOnly) expect(wishesOf('cloud', world, before)).toEqual(wishesOf('cloud', world));
      }
    }),
    { numRuns: 300 },
  );
});
