import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { plan } from '../../src/core/plan/plan.ts';
import { accept } from '../../src/core/request/accept.ts';
import { advance } from '../../src/core/settle/advance.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';
import { enter } from '../../src/reconcile/keypad-entry.ts';
import { offlineCode } from '../../src/reference-cloud/offline-code.ts';
import { forgetLock, setKeypad, takeSecret } from '../../src/store/doors.ts';
import { issueDueAt, settleIssue } from '../../src/core/offline/settle-issue.ts';
import { displayStatus } from '../../src/core/problems/mutations.ts';
import { offlineSecrets, setOfflineSecret } from '../../src/store/offline-secrets.ts';
import type { Store } from '../../src/store/store.ts';
import { PLAIN, pin, POLICY, request } from '../support/core-world.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { loopWorld, type LoopWorld } from '../support/loop-world.ts';
import { SECRET } from '../support/offline-door.ts';
import { hubPlace } from './store-fixture.ts';

const OTHER_SECRET = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const KEYPAD_ABLE = {
  ...PLAIN,
  firstSlot: 1,
  lastSlot: 0,
  isKeypad: true,
  pinLength: { min: 10, max: 10 },
} as const;

/** A hub whose lock is opened by the codes typed at a keypad, and what the driver was asked to do. */
async function doorWorld(store?: Store): Promise<LoopWorld & { readonly asked: string[] }> {
  const world = await loopWorld(store);
  const asked: string[] = [];
  world.act = (deviceId, action) => {
    const burnt = world.store.lockState('lock')?.lock.door.memory.burnt.length;
    asked.push(`${deviceId} ${action} ${burnt}`);
    return Promise.resolve({ kind: 'done' });
  };
  world.hear('keypad', {
    kind: 'found',
    description: {
      radio: 'zwave',
      address: 3,
      model: 'test keypad',
      capabilities: KEYPAD_ABLE,
      secure: true,
      batteryLevel: 1,
      locked: null,
    },
    snapshot: [],
  });
  setSecret(world.store, 'first', SECRET, world.time.now);
  world.store.transaction(() =>
    setKeypad(world.store, { type: 'set_keypad', deviceId: 'lock', keypadId: 'keypad' }),
  );
  return Object.assign(world, { asked });
}

function setSecret(store: Store, secretId: string, bytes: Uint8Array, now: Instant): boolean {
  const secret = Buffer.from(bytes).toString('base64url');
  const reading = { earliest: now, latest: now };
  return store.transaction(() => setOfflineSecret(store.secrets, { secretId, secret }, reading));
}

/** A code from the running hour on. */
function codeOf(now: Instant, hours: number, oneTimeNumber?: number, secret = SECRET): string {
  const startsAt = Math.floor(now / HOUR_MS) * HOUR_MS;
  const [from, to] = [startsAt, startsAt + hours * HOUR_MS].map((at) => new Date(at).toISOString());
  const one = oneTimeNumber === undefined ? {} : { oneTimeNumber };
  return offlineCode(secret, { deviceId: 'lock', startsAt: from ?? '', endsAt: to ?? '', ...one });
}

async function typed(world: LoopWorld, digits: string): Promise<void> {
  world.hear('keypad', { kind: 'keypad_entry', digits: pin(digits) });
  await world.pass(2 * SECOND_MS);
}

function events(world: LoopWorld, type: string): readonly unknown[] {
  const rows = world.store.outbox.after(0, 1000);
  return rows.filter(({ event }) => event['event_type'] === type).map(({ event }) => event);
}

describe('a code that is typed at the keypad of a door', () => {
  test('opens the lock, is burnt before that, and the keypad shows it', async () => {
    const world = await doorWorld();
    const once = codeOf(world.time.now, 24, 1);
    await typed(world, once);
    expect(world.asked).toEqual(['lock unlock 1', 'keypad show_accepted 1']);
    world.asked.length = 0;
    await typed(world, once);
    expect(world.asked).toEqual(['keypad show_denied 1']);
    expect(events(world, 'lock.access_denied')).toMatchObject([{ device_id: 'lock', reason: 'burnt' }]);
  });

  test('is told with what it says, and by its id where the hub has it', async () => {
    const world = await doorWorld();
    const code = codeOf(world.time.now, 2);
    await typed(world, code);
    world.hear('lock', { kind: 'unlocked', method: 'remote', slot: null });
    expect(events(world, 'lock.unlocked')).toMatchObject([
      {
        device_id: 'lock',
        method: 'keycode',
        keypad_device_id: 'keypad',
        offline_window: { starts_at: '2026-03-02T12:00:00.000Z', ends_at: '2026-03-02T14:00:00.000Z' },
      },
    ]);
    expect(events(world, 'lock.unlocked')[0]).not.toHaveProperty('access_code_id');
  });

  test('opens by a clock that no command may open by, and not by one that knows nothing', async () => {
    const world = await doorWorld();
    world.clock.uncertaintyMs = 20 * MINUTE_MS;
    await typed(world, codeOf(world.time.now, 2));
    expect(world.asked[0]).toBe('lock unlock 0');
    world.clock.uncertaintyMs = 30 * DAY_MS;
    world.asked.length = 0;
    await typed(world, codeOf(world.time.now, 2));
    expect(world.asked).toEqual(['keypad show_denied 0']);
    expect(events(world, 'lock.access_denied')).toMatchObject([{ reason: 'clock_uncertain' }]);
  });

  test.each([
    [0, 'succeeded'],
    [2 * MINUTE_MS, 'expired'],
  ])('%d ms before the hub died: the order outlives it, for a minute', async (ago, end) => {
    const place = hubPlace();
    const before = await doorWorld(place.open());
    await before.reconciler.stop();
    const now = Date.parse('2026-03-02T12:00:00Z') - ago;
    const digits = pin(codeOf(now, 24, 1));
    const reading = { earliest: now, latest: now };
    before.store.transaction(() => enter(before.store, 'keypad', digits, reading));
    expect(place.reread('lock')?.lock.door.memory.burnt).toHaveLength(1);
    await loopWorld(before.store);
    const [order] = before.store.commands.newest('lock', null, 1);
    expect(order?.outcome.state).toBe(end);
  });

  test('at a keypad that opens no lock does nothing', async () => {
    const world = await doorWorld();
    world.store.transaction(() =>
      setKeypad(world.store, { type: 'set_keypad', deviceId: 'lock', keypadId: null }),
    );
    await typed(world, codeOf(world.time.now, 2));
    expect(world.asked).toEqual([]);
  });
});

describe('wrong codes that are too many', () => {
  test('are one event, however many are typed while the door looks at none, and a number', async () => {
    const world = await doorWorld();
    for (let guess = 0; guess < 5; guess += 1) await typed(world, `000000000${guess}`);
    const unread = () => world.store.lockState('lock')?.lock.door.unread;
    expect(unread()).toBe(0);
    await typed(world, codeOf(world.time.now, 2));
    await typed(world, '4711');
    await typed(world, '0000000006');
    expect(unread()).toBe(3);
    const reasons = events(world, 'lock.access_denied').map((event) => Object(event).reason);
    expect(reasons).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'locked_out']);
    // The next lockout is another one.
    await world.pass(15 * MINUTE_MS);
    await typed(world, '0000000007');
    expect(unread()).toBe(0);
    for (let guess = 0; guess < 6; guess += 1) await typed(world, `000000001${guess}`);
    const told = events(world, 'lock.access_denied').filter((event) => Object(event).reason === 'locked_out');
    expect([told.length, unread()]).toEqual([2, 2]);
  });
});

describe('a code of the hub that is for one use', () => {
  test('is shown as used until its end, and stays so for a lock that is forgotten and comes again', async () => {
    const world = await doorWorld();
    const now = world.time.now;
    const once = codeOf(now, 24, 5);
    world.desire(oneTime(now));
    issue(world, { kind: 'issued', pin: pin(once), reference: null });
    const code = () => world.store.lockState('lock')?.codes[0];
    expect(code()).toMatchObject({ status: 'set', uses: 0 });
    await typed(world, once);
    const used = code();
    expect(used).toMatchObject({ status: 'set', uses: 1 });
    expect(used && displayStatus(used, 'set', world.clock.now())).toBe('Used');

    const forget = () => world.store.transaction(() => forgetLock(world.store, 'lock', world.clock.now()));
    const comeAgain = (): void => {
      const met = { radio: 'zwave', address: 2, model: 'test lock', capabilities: PLAIN } as const;
      const description = { ...met, secure: true, batteryLevel: 1, locked: true };
      world.hear('lock', { kind: 'found', description, snapshot: [] });
      world.store.transaction(() =>
        setKeypad(world.store, { type: 'set_keypad', deviceId: 'lock', keypadId: 'keypad' }),
      );
    };
    const burnt = () => world.store.lockState('lock')?.lock.door.memory.burnt.length;
    forget();
    forget();
    comeAgain();
    await typed(world, once);
    expect(events(world, 'lock.access_denied')).toMatchObject([{ reason: 'burnt' }]);
    await world.pass(DAY_MS);
    expect(burnt()).toBe(1);
    forget();
    comeAgain();
    expect(burnt()).toBe(0);
  });
});

describe('the keypad of a door', () => {
  test('is none that sends fewer digits than a code has', async () => {
    const world = await doorWorld();
    world.hear('short', {
      kind: 'found',
      description: {
        radio: 'zigbee',
        address: '0x000d6ffffe000022',
        model: 'test keypad',
        capabilities: { ...KEYPAD_ABLE, pinLength: { min: 4, max: 4 } },
        secure: true,
        batteryLevel: 1,
        locked: null,
      },
      snapshot: [],
    });
    const outcome = world.store.transaction(() =>
      setKeypad(world.store, { type: 'set_keypad', deviceId: 'lock', keypadId: 'short' }),
    );
    expect(outcome).toMatchObject({ state: 'failed', error: { code: 'unsupported' } });
    expect(world.store.lockState('lock')?.lock.door.keypadId).toBe('keypad');
  });

  test('is given nothing to do, and takes no codes itself', async () => {
    const world = await doorWorld();
    await world.pass(HOUR_MS);
    const state = world.store.lockState('keypad');
    if (state === undefined) throw new Error('the keypad was not met');
    expect(plan(state, POLICY, world.clock.now())).toMatchObject({ operations: [], blocked: [] });
    const codes = [
      request('ordinary', '4711'),
      request('offline', '1234567890', {
        pin: null,
        startsAt: world.time.now,
        endsAt: world.time.now + HOUR_MS,
        offline: { isOneTimeUse: false, maxRoundingMs: HOUR_MS },
      }),
    ];
    const document = { generation: 1, version: 1, codes, tombstones: [] };
    const sources = { draw: seededDraw(1), siblings: () => [] };
    const { step } = accept(state, document, sources, world.clock.now(), POLICY);
    const after = advance(step.state, POLICY, world.clock.now()).state;
    expect(after.codes.map(({ accessCodeId, rejected }) => [accessCodeId, rejected !== null])).toEqual([
      ['ordinary', true],
      ['offline', true],
    ]);
    expect(plan(after, POLICY, world.clock.now()).operations).toEqual([]);
  });

  test('opens one lock, stays when the lock is replaced, and keeps what was burnt', async () => {
    const world = await doorWorld();
    await typed(world, codeOf(world.time.now, 24, 1));
    const kept = world.store.lockState('lock')?.lock.door;
    expect(kept).toMatchObject({ keypadId: 'keypad', memory: { burnt: [{ number: 1 }] } });
    world.hear('lock', { kind: 'replaced' });
    world.hear('keypad', { kind: 'removed' });
    const description = { radio: 'zwave', address: 2, model: 'new lock', capabilities: PLAIN } as const;
    const rest = { secure: true, batteryLevel: 1, locked: true };
    world.hear('lock', { kind: 'found', description: { ...description, ...rest }, snapshot: [] });
    const { lock } = world.store.lockState('lock') ?? {};
    expect(lock?.door).toEqual(kept);
    expect(lock?.capabilities?.offline?.vendor).toBe('lockhub');

    const other = { ...description, address: 4 };
    world.hear('other', { kind: 'found', description: { ...other, ...rest }, snapshot: [] });
    const set = (deviceId: string, keypadId: string | null): string =>
      world.store.transaction(() => setKeypad(world.store, { type: 'set_keypad', deviceId, keypadId })).state;
    expect(set('other', 'keypad')).toBe('succeeded');
    expect(world.store.lockState('lock')?.lock).toMatchObject({
      door: { keypadId: null, memory: kept?.memory },
      capabilities: { offline: null },
    });
    expect([
      set('keypad', 'keypad'),
      set('lock', 'other'),
      set('lock', 'nobody'),
      set('nobody', null),
    ]).toEqual(Array.from({ length: 4 }, () => 'failed'));
  });
});

/** A code for one use from this hour on. */
function oneTime(now: Instant) {
  return request('once', '1234567890', {
    pin: null,
    startsAt: Math.floor(now / HOUR_MS) * HOUR_MS,
    endsAt: null,
    offline: { isOneTimeUse: true, maxRoundingMs: HOUR_MS },
  });
}

/** What the issuer of the lock says of its only code. */
function issue({ store, clock }: LoopWorld, outcome: Parameters<typeof settleIssue>[2]): void {
  const before = store.lockState('lock');
  if (before === undefined) throw new Error('the lock was not met');
  const step = settleIssue(before, 'once', outcome, POLICY, clock.now());
  store.commit(before, step.state, step.events);
}

describe('the secret of offline codes', () => {
  test('that a code waits for has it issued at once', async () => {
    const world = await doorWorld();
    world.desire(oneTime(world.time.now));
    issue(world, { kind: 'refused', reason: 'unauthorized', message: 'no secret' });
    const dueInMs = (): number => {
      const [code] = world.store.lockState('lock')?.codes ?? [];
      if (code === undefined) throw new Error('the code is gone');
      return (issueDueAt(code, world.clock.now()) ?? Infinity) - world.time.now;
    };
    expect(dueInMs()).toBe(HOUR_MS);
    const secret = Buffer.from(OTHER_SECRET).toString('base64url');
    const take = (secretId: string) =>
      world.store.transaction(() => takeSecret(world.store, { secretId, secret }, world.clock.now()));
    expect(take('first')).toBeNull();
    expect(dueInMs()).toBe(HOUR_MS);
    expect(take('second')).toEqual(['lock']);
    expect(dueInMs()).toBe(0);
  });

  test('is followed by the next, stays for a while, and is in no file in clear', async () => {
    const place = hubPlace();
    const store = place.open();
    const now = Date.parse('2026-03-02T12:00:00Z');
    expect(setSecret(store, 'first', SECRET, now)).toBe(true);
    expect(setSecret(store, 'first', SECRET, now + DAY_MS)).toBe(true);
    expect(setSecret(store, 'first', OTHER_SECRET, now)).toBe(false);
    expect(setSecret(store, 'second', OTHER_SECRET, now)).toBe(true);
    expect(offlineSecrets(store.secrets)).toMatchObject([
      { secretId: 'second', acceptedUntil: null },
      { secretId: 'first', acceptedUntil: now + 31 * DAY_MS },
    ]);
    expect(setSecret(store, 'third', SECRET, now)).toBe(true);
    expect(offlineSecrets(store.secrets).map(({ secretId }) => secretId)).toEqual(['third', 'second']);
    const text = Buffer.from(SECRET).toString('base64url');
    expect(readFileSync(place.file).includes(text)).toBe(false);
    expect(readFileSync(`${place.file}-wal`).includes(text)).toBe(false);
  });
});
