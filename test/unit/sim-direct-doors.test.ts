import { beforeEach, describe, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { ActionOutcome, LockAction, PairingRequest } from '../../src/lock-driver.ts';
import { MODELS, Rig } from './sim-direct-rig.ts';

const DURATION_MS = 60_000;

let rig: Rig;

beforeEach(async () => {
  rig = new Rig();
  await rig.start();
});

function act(lock: SimLock, action: LockAction): Promise<ActionOutcome> {
  return rig.run(rig.driver.act(`device-${lock.address}`, action));
}

describe.each(MODELS)('a bolt of %s', (model) => {
  it('goes where it is sent', async () => {
    const lock = rig.lock(model);
    expect(await act(lock, 'unlock')).toEqual({ kind: 'done' });
    expect(lock.bolt).toBe('unlocked');
    expect(rig.bodies.filter(({ kind }) => kind === 'unlocked')).toEqual([
      { kind: 'unlocked', method: 'remote', slot: null },
    ]);
    expect(await act(lock, 'lock')).toEqual({ kind: 'done' });
    expect(lock.bolt).toBe('locked');
  });

  it('that sticks is jammed, and obeys when it is free', async () => {
    const lock = rig.lock(model);
    lock.setJammed(true);
    expect(await act(lock, 'unlock')).toMatchObject({ kind: 'jammed' });
    expect(lock.bolt).toBe('locked');
    lock.setJammed(false);
    expect(await act(lock, 'unlock')).toEqual({ kind: 'done' });
  });

  it('is not known to have moved when the lock is silent, slow or gone', async () => {
    const lock = rig.lock(model);
    lock.fault = { kind: 'no_answer' };
    expect(await act(lock, 'unlock')).toMatchObject({ kind: 'unknown' });
    lock.fault = { kind: 'slow', delayMs: 1500 };
    expect(await act(lock, 'lock')).toEqual({ kind: 'done' });
    lock.fault = { kind: 'unreachable' };
    expect(await act(lock, 'unlock')).toMatchObject({ kind: 'unreachable' });
    expect(lock.bolt).toBe('locked');
    lock.fault = { kind: 'foreign_keys' };
    expect(await act(lock, 'unlock')).toMatchObject({ kind: 'unreachable' });
    rig.driver.setPlugged(false);
    expect(await act(lock, 'unlock')).toMatchObject({ kind: 'radio_down' });
    expect(lock.bolt).toBe('locked');
  });

  it('is reported where it is when the lock is asked everything anew', async () => {
    const lock = rig.lock(model);
    lock.bolt = 'unlocked';
    expect(await act(lock, 'reinterview')).toEqual({ kind: 'done' });
    const found = rig.bodies.filter((body) => body.kind === 'found');
    expect(found.at(-1)).toMatchObject({ description: { address: lock.address, locked: false } });
  });
});

it('shows which lock it is, where it can', async () => {
  const lock = rig.lock('uc-v2');
  expect(await act(lock, 'identify')).toEqual({ kind: 'done' });
  expect(lock.identified).toBe(1);
  expect(await act(rig.lock('uc-v1'), 'identify')).toMatchObject({ kind: 'unsupported' });
  expect(await rig.run(rig.driver.act('device-99', 'unlock'))).toMatchObject({ kind: 'radio_down' });
});

const request = (asked: Partial<PairingRequest> = {}): PairingRequest => ({
  durationMs: DURATION_MS,
  qr: null,
  pin: null,
  asksForPin: false,
  ...asked,
});

/** A lock that was taken out, and asks to come back. */
async function outsider(model: (typeof MODELS)[number]): Promise<SimLock> {
  const lock = rig.lock(model);
  lock.membership.askToLeave();
  expect(await rig.run(rig.driver.pairing.remove(`device-${lock.address}`))).toEqual({
    kind: 'done',
    deviceIds: [`device-${lock.address}`],
  });
  expect(rig.bodies.at(-1)).toEqual({ kind: 'removed' });
  lock.membership.askToJoin();
  return lock;
}

describe('pairing', () => {
  it.each(['uc-v1', 'uc-v2'] as const)('lets %s out, and in by what it needs for that', async (model) => {
    const lock = await outsider(model);
    expect(await rig.run(rig.driver.execute('device-4', { kind: 'read_slot', slot: 1 }))).toBeDefined();
    expect(await act(lock, 'lock')).toMatchObject({ kind: 'radio_down' });
    const pin = lock.membership.label?.pin ?? null;
    expect(await rig.run(rig.driver.pairing.start(request({ pin })))).toEqual({
      kind: 'done',
      deviceIds: [`device-${lock.address}`],
    });
    expect(await act(lock, 'unlock')).toEqual({ kind: 'done' });
  });

  it('lets in by a QR code only the lock that it names', async () => {
    const lock = await outsider('u3c');
    const qr = rig.lock('uc-v2').membership.label?.qr ?? '';
    expect(await rig.run(rig.driver.pairing.start(request({ qr })))).toEqual({ kind: 'timed_out' });
    const own = lock.membership.label?.qr ?? '';
    expect(await rig.run(rig.driver.pairing.start(request({ qr: own })))).toMatchObject({ kind: 'done' });
    expect(await rig.run(rig.driver.pairing.start(request({ qr: 'hello' })))).toMatchObject({
      reason: 'invalid_qr',
    });
  });

  it('does not let in a lock with a wrong PIN', async () => {
    const lock = await outsider('u3c');
    expect(await rig.run(rig.driver.pairing.start(request({ pin: '00000' })))).toMatchObject({
      kind: 'failed',
      reason: 'insecure',
    });
    expect(lock.membership.joined).toBe(false);
  });

  it('takes a lock that does not answer out at once, and waits for no lock that stays', async () => {
    const lock = rig.lock('uc-v1');
    const before = rig.now;
    expect(await rig.run(rig.driver.pairing.remove(`device-${lock.address}`))).toEqual({ kind: 'timed_out' });
    expect(rig.now - before).toBeLessThan(70_000);
    lock.fault = { kind: 'unreachable' };
    expect(await rig.run(rig.driver.pairing.remove(`device-${lock.address}`))).toMatchObject({
      kind: 'done',
    });
  });

  it('is for one at a time, stops when it is told to, and ends with the radio', async () => {
    const first = rig.driver.pairing.start(request());
    expect(await rig.driver.pairing.start(request())).toMatchObject({ reason: 'busy' });
    rig.driver.pairing.stop();
    expect(await rig.run(first)).toEqual({ kind: 'stopped', deviceIds: [] });
    const second = rig.driver.pairing.start(request());
    rig.driver.setPlugged(false);
    expect(await rig.run(second)).toMatchObject({ reason: 'radio_down' });
    expect(await rig.driver.pairing.remove('device-2')).toMatchObject({ reason: 'radio_down' });
  });
});

describe('what a technician asks of the radio', () => {
  it('a lock that is gone is replaced by one that asks to join, and is the same device', async () => {
    const lock = await outsider('u3c');
    const old = rig.lock('uc-v2');
    const deviceId = `device-${old.address}`;
    const asked = request({ pin: lock.membership.label?.pin ?? null });
    expect(await rig.run(rig.driver.pairing.replace(deviceId, asked))).toMatchObject({
      reason: 'still_there',
    });
    old.fault = { kind: 'unreachable' };
    expect(await rig.run(rig.driver.pairing.replace(deviceId, asked))).toEqual({
      kind: 'done',
      deviceIds: [deviceId],
    });
    const kinds = rig.bodies.map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf('replaced'))).toContain('found');
    expect([old.membership.joined, `device-${lock.address}`]).toEqual([false, deviceId]);
    expect(await rig.run(rig.driver.act(deviceId, 'unlock'))).toEqual({ kind: 'done' });
    expect(lock.bolt).toBe('unlocked');
  });

  it.each([
    ['the right digits', true, 'done'],
    ['no digits', false, 'failed'],
  ])('a lock that joins is asked for: %s', async (_name, knows, kind) => {
    const lock = await outsider('uc-v2');
    const { pairing } = rig.driver;
    const end = pairing.start(request({ asksForPin: true }));
    await rig.run(rig.wait(2_000));
    expect(pairing.progress()).toMatchObject({
      stage: 'pin_needed',
      dsk: lock.membership.label?.dsk.slice(6),
    });
    expect(pairing.enterPin(knows ? (lock.membership.label?.pin ?? '') : null)).toBe(true);
    expect(await rig.run(end)).toMatchObject({ kind });
    expect([pairing.progress(), pairing.enterPin('12345')]).toEqual([null, false]);
  });

  it('its links are rated by what gets through, and its network is shown', async () => {
    const lock = rig.lock('uc-v1');
    const deviceId = `device-${lock.address}`;
    const check = async () => rig.run(rig.driver.checkLink(deviceId));
    expect(await check()).toMatchObject({ kind: 'done', check: { rating: 10 } });
    lock.fault = { kind: 'unreachable' };
    expect(await check()).toMatchObject({ kind: 'done', check: { rating: 0 } });
    expect(rig.driver.network()?.nodes.map((node) => node.deviceId)).toContain(deviceId);
    rig.driver.setPlugged(false);
    expect(rig.driver.network()).toBeNull();
    expect(await check()).toMatchObject({ kind: 'radio_down' });
  });
});
