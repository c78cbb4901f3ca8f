import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { PairingRequest } from '../../src/lock-driver.ts';
import { everyLockFound, eventually, heldBy, lockOf, pinOf, startRig, type Rig } from './zwave-rig.ts';

const DURATION_MS = 20_000;
const OFFICE = 'device-5';
const ALL_DIGITS = /^(\d{5}-){6}\d{5}$/;

let house: House;
let rig: Rig;

beforeEach(async () => {
  house = await startHouse();
  rig = await startRig(house);
  await everyLockFound(rig);
});

afterEach(async () => {
  await rig.stop();
  await house.stop();
});

/** Somebody hangs a new lock, which asks to join. */
async function newLock(model: string): Promise<SimLock> {
  const body = JSON.stringify({ radio: 'zwave', model });
  expect((await fetch(`${house.control}/join`, { method: 'POST', body })).status).toBe(200);
  const lock = house.locks.at(-1);
  if (lock === undefined) throw new Error('the house is empty');
  return lock;
}

function request(asked: Partial<PairingRequest> = {}): PairingRequest {
  return { durationMs: DURATION_MS, qr: null, pin: null, asksForPin: false, ...asked };
}

function officeLock(): SimLock {
  const lock = house.locks.find(({ id }) => id === 'office');
  if (lock === undefined) throw new Error('no office');
  return lock;
}

describe('a lock that no longer answers', () => {
  it('is replaced by another, which is the same device', async () => {
    const old = officeLock();
    const { model } = old;
    old.fault = { kind: 'unreachable' };
    const lock = await newLock(model.name);
    const pin = lock.membership.label?.pin ?? null;
    const end = await rig.driver.pairing.replace(OFFICE, request({ pin }));
    expect(end).toEqual({ kind: 'done', deviceIds: [OFFICE] });
    expect(lock).toMatchObject({ address: 5, membership: { joined: true } });
    const told = rig.heard.filter(({ deviceId }) => deviceId === OFFICE).map(({ body }) => body.kind);
    expect(told.filter((kind) => kind === 'removed')).toEqual([]);
    expect(told.slice(told.indexOf('replaced'))).toContain('found');
    expect(rig.identities.at(-1)).toMatchObject({ serial: lock.serial, inPlaceOf: OFFICE, address: '5' });
    const set = await rig.driver.execute(OFFICE, {
      kind: 'set_pin',
      slot: 3,
      pin: pinOf('3141'),
      enabled: true,
    });
    expect([set.kind, heldBy(lock, 3)]).toEqual(['done', '3141']);
    await rig.stop();
    rig = await startRig(house, rig.storage);
    await eventually(() => rig.told(lock, 'found').length > 0, 'the new lock is found after a restart');
    expect(rig.identities.every((identity) => identity.inPlaceOf === undefined)).toBe(true);
  });

  it('is replaced at the second try when the first was with a wrong PIN', async () => {
    officeLock().fault = { kind: 'unreachable' };
    const lock = await newLock(officeLock().model.name);
    expect(await rig.driver.pairing.replace(OFFICE, request({ pin: '00001' }))).toMatchObject({
      reason: 'insecure',
    });
    lock.membership.askToJoin();
    const pin = lock.membership.label?.pin ?? null;
    expect(await rig.driver.pairing.replace(OFFICE, request({ pin }))).toMatchObject({ kind: 'done' });
  });

  it('is not replaced while it answers, nor when nobody comes', async () => {
    expect(await rig.driver.pairing.replace(OFFICE, request())).toMatchObject({
      kind: 'failed',
      reason: 'still_there',
    });
    officeLock().fault = { kind: 'unreachable' };
    const pairing = rig.driver.pairing.replace(OFFICE, request({ durationMs: 500 }));
    expect(await pairing).toEqual({ kind: 'timed_out' });
    officeLock().fault = { kind: 'none' };
    const read = await rig.driver.execute(OFFICE, { kind: 'read_slot', slot: 1 });
    expect(read.kind).toBe('done');
  });
});

describe('a person at the page', () => {
  it('is asked for the digits of the lock that joins', async () => {
    const lock = await newLock('uc-v2');
    const { pairing } = rig.driver;
    expect([pairing.progress(), pairing.enterPin('12345')]).toEqual([null, false]);
    const end = pairing.start(request({ asksForPin: true }));
    await eventually(() => pairing.progress()?.stage === 'pin_needed', 'the digits are asked for');
    const dsk = pairing.progress()?.dsk ?? '';
    expect(dsk).toMatch(ALL_DIGITS);
    expect(lock.membership.label?.dsk).toBe(`${lock.membership.label?.pin}-${dsk}`);
    expect(pairing.enterPin(lock.membership.label?.pin ?? '')).toBe(true);
    expect(pairing.progress()?.stage).toBe('exchanging_keys');
    expect(await end).toMatchObject({ kind: 'done' });
    expect(pairing.progress()).toBeNull();
    const stages = rig.progress.map((progress) => progress?.stage ?? null);
    const inOrder = stages.filter((stage, index) => stage !== stages[index - 1]);
    expect(inOrder).toEqual([
      'opening',
      'waiting_for_lock',
      'joining',
      'exchanging_keys',
      'pin_needed',
      'exchanging_keys',
      'interviewing',
      null,
    ]);
    const parts = rig.progress.flatMap((progress) => progress?.progress ?? []);
    expect(parts.toSorted((a, b) => a - b)).toEqual(parts);
    // How often the library says so depends on how fast the machine is.
    expect(parts.at(-1)).toBeGreaterThan(0);
    expect(rig.logged()).not.toContain(lock.membership.label?.pin);
  });

  it('who has no digits, or stops, gets no lock in', async () => {
    const { pairing } = rig.driver;
    for (const goOn of [() => pairing.enterPin(null), () => pairing.stop()]) {
      const lock = await newLock('uc-v2');
      const end = pairing.start(request({ asksForPin: true }));
      await eventually(() => pairing.progress()?.stage === 'pin_needed', 'the digits are asked for');
      goOn();
      expect((await end).kind).toMatch(/^(failed|stopped)$/);
      lock.membership.dismissed();
    }
  });
});

describe('the network', () => {
  it('is shown with its nodes and what the library knows of the way to them', async () => {
    const lock = lockOf(rig, 'uc-v2');
    const deviceId = `device-${lock.address}`;
    const check = await rig.driver.checkLink(deviceId);
    expect(check).toMatchObject({ kind: 'done' });
    if (check.kind !== 'done') return;
    expect(check.check.rating).toBeGreaterThan(2);
    expect(check.check.rounds[0]).toMatchObject({ failedPings: 0, rssiDbm: expect.any(Number) });
    const view = rig.driver.network();
    expect(view?.library).toMatch(/^zwave-js \d/);
    expect(view?.frames?.sent).toBeGreaterThan(0);
    expect(view?.nodes.map(({ address }) => address)).toEqual([1, 2, 3, 4, 5]);
    const node = view?.nodes.find((one) => one.deviceId === deviceId);
    expect(node).toMatchObject({
      isController: false,
      status: 'awake',
      interview: null,
      security: 'S2_AccessControl',
      route: [],
      rssiDbm: expect.any(Number),
      lastHeardAt: expect.any(Number),
    });
    expect(node?.neighbors).toContain(1);
  });
});
