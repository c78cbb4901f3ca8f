import { describe, expect, test } from 'vitest';
import type { CommandOutcome, CommandRequest } from '../../src/core/command.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import type { PairingEnd } from '../../src/lock-driver.ts';
import { request } from '../support/core-world.ts';
import { loopWorld, type LoopWorld } from '../support/loop-world.ts';
import { hubPlace } from './store-fixture.ts';

const UNLOCK: CommandRequest = { type: 'unlock_door', deviceId: 'lock' };
const REMOVE: CommandRequest = { type: 'remove_device', deviceId: 'lock' };
const PAIR: CommandRequest = {
  type: 'start_pairing',
  radio: 'zwave',
  durationMs: MINUTE_MS,
  qr: null,
  pin: '12345',
  asksForPin: false,
};

let commands = 0;

/** Stores a command as an inbox does, and says so to whoever can do it. */
function command(world: LoopWorld, wish: CommandRequest, lastsMs = MINUTE_MS): string {
  commands += 1;
  const commandId = `command-${commands}`;
  const at = world.clock.now().earliest;
  const outcome = { state: 'accepted' } as const;
  const stored = { commandId, type: wish.type, request: wish, receivedAt: at, outcome, outcomeAt: at };
  world.store.transaction(() => world.store.commands.add({ ...stored, expiresAt: at + lastsMs }));
  world.reconciler.wake('lock');
  world.reconciler.wakeRadios();
  return commandId;
}

function outcomeOf(world: LoopWorld, commandId: string): CommandOutcome | undefined {
  return world.store.commands.get(commandId)?.outcome;
}

function failure(code: string): unknown {
  return { state: 'failed', error: { code, message: expect.stringMatching(/\.$|^stuck$|^gone$/) } };
}

describe('a door', () => {
  test.each([
    ['lock_door', 'lock', { locked: true }],
    ['unlock_door', 'unlock', { locked: false }],
    ['identify', 'identify', {}],
    ['reinterview', 'reinterview', {}],
  ] as const)('is asked once: %s', async (type, action, result) => {
    const world = await loopWorld();
    const asked: string[] = [];
    world.act = (deviceId, what) => {
      asked.push(`${deviceId} ${what}`);
      return Promise.resolve({ kind: 'done' });
    };
    const id = command(world, { type, deviceId: 'lock' });
    await world.pass(2 * MINUTE_MS);
    expect(asked).toEqual([`lock ${action}`]);
    expect(outcomeOf(world, id)).toEqual({ state: 'succeeded', result });
  });

  test.each([
    ['jammed', 'jammed'],
    ['unsupported', 'unsupported'],
    ['unreachable', 'device_offline'],
    ['unknown', 'no_answer'],
    ['radio_down', 'radio_down'],
  ] as const)('that is %s is not asked again, and the cloud hears %s', async (kind, code) => {
    const world = await loopWorld();
    let asked = 0;
    world.act = () => {
      asked += 1;
      return Promise.resolve({ kind, message: 'stuck' });
    };
    const id = command(world, UNLOCK);
    await world.pass(2 * MINUTE_MS);
    expect([asked, outcomeOf(world, id)]).toEqual([1, failure(code)]);
  });

  test('goes before codes that wait', async () => {
    const world = await loopWorld();
    const done: string[] = [];
    world.act = () => {
      done.push('unlock');
      return Promise.resolve({ kind: 'done' });
    };
    world.execute = async (operation) => {
      done.push(operation.kind);
      await world.time.sleep(2 * SECOND_MS);
      return world.lock(operation);
    };
    world.desire(request('a', '1234'), request('b', '5678'));
    await world.pass(SECOND_MS);
    command(world, UNLOCK);
    await world.pass(MINUTE_MS);
    expect(done.slice(0, 2)).toEqual(['read_slot', 'unlock']);
    expect(world.pins.size).toBe(2);
  });

  test('is not opened when the hub does not know the time; it is locked all the same', async () => {
    const world = await loopWorld();
    world.setRadio('down', 'unplugged');
    const [unlock, lock] = [command(world, UNLOCK), command(world, { type: 'lock_door', deviceId: 'lock' })];
    world.clock.uncertaintyMs = MINUTE_MS / 2;
    world.setRadio('ready', 'plugged');
    await world.pass(SECOND_MS);
    expect(outcomeOf(world, unlock)).toEqual(failure('clock_uncertain'));
    expect(outcomeOf(world, lock)).toMatchObject({ state: 'succeeded' });
  });

  test('waits for the radio until it expires, and moves no more then', async () => {
    const world = await loopWorld();
    let asked = 0;
    world.act = () => {
      asked += 1;
      return Promise.resolve({ kind: 'done' });
    };
    world.setRadio('down', 'unplugged');
    const [short, long] = [command(world, UNLOCK, 10 * SECOND_MS), command(world, UNLOCK, MINUTE_MS)];
    await world.pass(11 * SECOND_MS);
    expect([outcomeOf(world, short)?.state, outcomeOf(world, long)?.state]).toEqual(['expired', 'accepted']);
    world.setRadio('ready', 'plugged');
    await world.pass(SECOND_MS);
    expect([asked, outcomeOf(world, long)?.state]).toEqual([1, 'succeeded']);
  });

  test('that was under way when the hub died is not moved again', async () => {
    const place = hubPlace();
    const first = await loopWorld(place.open());
    first.act = () => new Promise(() => {});
    const id = command(first, UNLOCK);
    await first.pass(SECOND_MS);
    expect(outcomeOf(first, id)).toEqual({ state: 'running' });
    first.store.close();
    const world = await loopWorld(place.open());
    let asked = 0;
    world.act = () => {
      asked += 1;
      return Promise.resolve({ kind: 'done' });
    };
    await world.pass(MINUTE_MS);
    expect([asked, outcomeOf(world, id)]).toEqual([0, failure('interrupted')]);
  });
});

test('a ping says whether the lock answers, and that it is back', async () => {
  const world = await loopWorld();
  const ping: CommandRequest = { type: 'ping', deviceId: 'lock' };
  world.isThere = false;
  const [lost] = [command(world, ping)];
  world.desire(request('a', '1234'));
  await world.pass(MINUTE_MS);
  expect(outcomeOf(world, lost)).toEqual(failure('device_offline'));
  expect(world.store.lockState('lock')?.lock.online).toBe(false);
  world.isThere = true;
  const back = command(world, ping);
  await world.pass(SECOND_MS);
  expect(outcomeOf(world, back)).toEqual({ state: 'succeeded', result: {} });
  expect(world.store.lockState('lock')?.lock.online).toBe(true);
});

describe('letting locks in and taking them out', () => {
  test.each([
    [
      { kind: 'done', deviceIds: ['new'] },
      { state: 'succeeded', result: { device_ids: ['new'] } },
    ],
    [
      { kind: 'stopped', deviceIds: [] },
      { state: 'succeeded', result: { device_ids: [], stopped: true } },
    ],
    [{ kind: 'timed_out' }, failure('timed_out')],
    [{ kind: 'failed', reason: 'busy', message: 'stuck' }, failure('busy')],
    [{ kind: 'failed', reason: 'invalid_qr', message: 'stuck' }, failure('invalid_input')],
    [{ kind: 'failed', reason: 'insecure', message: 'stuck' }, failure('refused_by_lock')],
    [{ kind: 'failed', reason: 'no_lock', message: 'stuck' }, failure('unsupported')],
  ] as const satisfies (readonly [PairingEnd, unknown])[])('that ends %j is told', async (end, outcome) => {
    const world = await loopWorld();
    const asked: unknown[] = [];
    world.pairing.start = (what) => {
      asked.push(what);
      return Promise.resolve(end);
    };
    world.pairing.remove = (deviceId) => {
      asked.push(deviceId);
      return Promise.resolve(end);
    };
    const ids = [command(world, PAIR), command(world, REMOVE)];
    await world.pass(SECOND_MS);
    expect(asked).toEqual([{ durationMs: MINUTE_MS, qr: null, pin: '12345', asksForPin: false }, 'lock']);
    for (const id of ids) expect(outcomeOf(world, id)).toEqual(outcome);
  });

  test('is stopped by another command, and by the end of the hub', async () => {
    const world = await loopWorld();
    let end = Promise.withResolvers<PairingEnd>();
    world.pairing.start = () => end.promise;
    world.pairing.stop = () => end.resolve({ kind: 'stopped', deviceIds: [] });
    const first = command(world, PAIR);
    await world.pass(SECOND_MS);
    expect(outcomeOf(world, first)).toEqual({ state: 'running' });
    const stop = command(world, { type: 'stop_pairing', radio: null });
    await world.pass(SECOND_MS);
    expect([outcomeOf(world, first)?.state, outcomeOf(world, stop)?.state]).toEqual([
      'succeeded',
      'succeeded',
    ]);
    end = Promise.withResolvers();
    const second = command(world, PAIR);
    const stopped = world.reconciler.stop();
    await world.pass(SECOND_MS);
    await stopped;
    expect(outcomeOf(world, second)?.state).toBe('succeeded');
  });

  test('needs a radio that is there, and is not begun again after a crash', async () => {
    const place = hubPlace();
    const world = await loopWorld(place.open());
    expect(outcomeOf(world, command(world, { ...PAIR, radio: 'zigbee' }))).toEqual(failure('unsupported'));
    world.setRadio('down', 'unplugged');
    expect(outcomeOf(world, command(world, PAIR))).toEqual(failure('radio_down'));
    world.setRadio('ready', 'plugged');
    world.pairing.start = () => new Promise(() => {});
    const id = command(world, PAIR);
    expect(outcomeOf(world, id)).toEqual({ state: 'running' });
    world.store.close();
    const next = await loopWorld(place.open());
    expect(outcomeOf(next, id)).toEqual(failure('interrupted'));
  });
});

describe('a technician who pairs', () => {
  const DSK = '22222-33333';

  test('sees how far it is, enters the digits, and sees how it ended', async () => {
    const world = await loopWorld();
    const { reconciler } = world;
    expect(reconciler.pairing()).toBeNull();
    const end = Promise.withResolvers<PairingEnd>();
    const entered: unknown[] = [];
    world.pairing.replace = () => end.promise;
    world.pairing.progress = () => ({ stage: 'pin_needed', dsk: DSK, progress: null });
    world.pairing.enterPin = (pin) => entered.push(pin) === 1;
    const asked = { durationMs: MINUTE_MS, qr: null, pin: null, asksForPin: true };
    const at = world.clock.now().earliest;
    const id = command(world, { type: 'replace_device', deviceId: 'lock', ...asked });
    const others = [command(world, PAIR)];
    expect(reconciler.pairing()).toEqual({
      commandId: id,
      kind: 'replace',
      radio: 'zwave',
      deviceId: 'lock',
      closesAt: at + MINUTE_MS,
      ended: null,
      stage: 'pin_needed',
      dsk: DSK,
      progress: null,
    });
    others.push(command(world, { type: 'enter_pairing_pin', pin: '12345' }));
    others.push(command(world, { type: 'enter_pairing_pin', pin: null }));
    expect(entered).toEqual(['12345', null]);
    expect(outcomeOf(world, others[1] ?? '')).toEqual({ state: 'succeeded', result: {} });
    expect(outcomeOf(world, others[2] ?? '')).toEqual(failure('invalid_input'));
    end.resolve({ kind: 'failed', reason: 'still_there', message: 'It answers.' });
    await world.pass(SECOND_MS);
    const ended = failure('device_online');
    expect(outcomeOf(world, id)).toEqual(ended);
    expect(reconciler.pairing()).toMatchObject({ commandId: id, stage: 'ended', dsk: null, ended });
  });
});

test('the link of a lock is checked in its loop', async () => {
  const world = await loopWorld();
  const rounds = [{ roundTripMs: 60, rssiDbm: -70, failedPings: 1 }];
  world.checkLink = () => Promise.resolve({ kind: 'done', check: { rating: 3, rounds } });
  const id = command(world, { type: 'check_link', deviceId: 'lock' });
  await world.pass(SECOND_MS);
  const result = { rating: 3, rounds: [{ round_trip_ms: 60, rssi_dbm: -70, failed_pings: 1 }] };
  expect(outcomeOf(world, id)).toEqual({ state: 'succeeded', result });
  world.checkLink = () => Promise.resolve({ kind: 'unreachable', message: 'gone' });
  const other = command(world, { type: 'check_link', deviceId: 'lock' });
  await world.pass(SECOND_MS);
  expect(outcomeOf(world, other)).toEqual(failure('device_offline'));
});
