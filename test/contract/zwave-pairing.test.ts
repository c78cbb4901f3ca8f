import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { ModelName } from '../../drivers/sim/lock/model.ts';
import type { PairingEnd, PairingRequest } from '../../src/lock-driver.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { everyLockFound, eventually, heldBy, pinOf, startRig, type Rig } from './zwave-rig.ts';

const DURATION_MS = 20_000;
const SHORT_MS = 1_000;
const NEW_ADDRESS = 6;
const NEW_ID = 'lock-6';
/** A lock asks for its keys so often, and a person takes longer than that to type its digits. */
const KEY_REPEAT_MS = 1_000;
const TYPING_MS = 2.5 * KEY_REPEAT_MS;

let house: House;
let rig: Rig;

beforeEach(async () => {
  house = await startHouse({ keyRepeatMs: KEY_REPEAT_MS });
  rig = await startRig(house);
  await everyLockFound(rig);
});

afterEach(async () => {
  await rig.stop();
  await house.stop();
});

async function ask(path: string, body: object = {}): Promise<Response> {
  return fetch(`${house.control}${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** Somebody hangs a new lock, which asks to join. */
async function newLock(model: ModelName): Promise<SimLock> {
  const response = await ask('/join', { radio: 'zwave', model });
  expect(response.status).toBe(200);
  return lockCalled(NEW_ID);
}

function lockCalled(id: string): SimLock {
  const lock = house.locks.find((one) => one.id === id);
  if (lock === undefined) throw new Error(`no lock ${id}`);
  return lock;
}

function request(asked: Partial<PairingRequest> = {}): PairingRequest {
  return { durationMs: DURATION_MS, qr: null, pin: null, asksForPin: false, ...asked };
}

/** Whether some lock may join by SmartStart, as far as the library remembers. */
function expectsLocks({ files }: MemoryRadioStorage): boolean {
  const rows = [...files.values()].flatMap((file) => [...file]);
  return rows.some(([key, value]) => key.includes('provisioningList') && value.includes('dsk'));
}

async function everyOldLockFound(): Promise<void> {
  for (const lock of house.locks.filter(({ membership }) => membership.joined)) {
    await eventually(() => rig.told(lock, 'found').length > 0, `lock ${lock.id} is found`);
  }
}

const joined = { kind: 'done', deviceIds: [`device-${NEW_ADDRESS}`] };

/** The new lock is in, and opens for a code that the hub gives it. */
async function expectInUse(lock: SimLock, secure: boolean): Promise<void> {
  expect(lock.membership).toMatchObject({ joined: true, asks: null });
  const [found] = rig.told(lock, 'found');
  expect(found?.description).toMatchObject({ address: NEW_ADDRESS, secure });
  const set = await rig.execute(lock, { kind: 'set_pin', slot: 3, pin: pinOf('3141'), enabled: true });
  expect(set.kind).toBe('done');
  expect(heldBy(lock, 3)).toBe('3141');
  lock.typePin('3141');
  await eventually(() => rig.told(lock, 'unlocked').length === 1, 'the lock reports in its own keys');
}

describe('a lock that asks to join', () => {
  it('is let in with S2 when its PIN is known, and is in use', async () => {
    const lock = await newLock('uc-v2');
    expect(await rig.driver.pairing.start(request({ pin: lock.membership.label?.pin ?? '' }))).toEqual(
      joined,
    );
    await expectInUse(lock, true);
  });

  it('waits for somebody who types its digits slowly', async () => {
    const lock = await newLock('uc-v2');
    const { pairing } = rig.driver;
    const end = pairing.start(request({ asksForPin: true }));
    await eventually(() => pairing.progress()?.stage === 'pin_needed', 'the digits are asked for');
    const typedAt = performance.now() + TYPING_MS;
    await eventually(() => performance.now() > typedAt, 'the digits are typed');
    expect(pairing.enterPin(lock.membership.label?.pin ?? '')).toBe(true);
    expect(await end).toEqual(joined);
    await expectInUse(lock, true);
  });

  it('is let in when it asks only after the network was opened', async () => {
    const pairing = rig.driver.pairing.start(request());
    const lock = await newLock('uc-v1');
    expect(await pairing).toEqual(joined);
    await expectInUse(lock, false);
  });

  it('is let in by its QR code, by SmartStart, and others are not', async () => {
    const stranger = await newLock('u3c');
    await ask('/join', { radio: 'zwave', model: 'uc-v2' });
    const lock = lockCalled('lock-7');
    const pairing = rig.driver.pairing.start(request({ qr: lock.membership.label?.qr ?? '' }));
    expect(await pairing).toEqual({ kind: 'done', deviceIds: ['device-7'] });
    expect(rig.told(lock, 'found')[0]?.description).toMatchObject({ secure: true });
    expect(stranger.membership).toMatchObject({ joined: false, asks: 'join' });
  });

  it('is let in by its DSK alone', async () => {
    const lock = await newLock('u3c');
    expect(await rig.driver.pairing.start(request({ qr: lock.membership.label?.dsk ?? '' }))).toEqual(joined);
    await expectInUse(lock, true);
  });

  it.each([
    ['a wrong PIN', '00001'],
    ['no PIN', null],
  ])('with %s joins without its keys, shows no codes and is refused', async (_name, pin) => {
    const lock = await newLock('uc-v2');
    expect(await rig.driver.pairing.start(request({ pin }))).toMatchObject({
      kind: 'failed',
      reason: 'insecure',
    });
    expect(rig.told(lock, 'found')).toEqual([]);
    // Somebody resets it and tries again.
    await ask(`/locks/${NEW_ID}/join`);
    expect(await rig.driver.pairing.start(request({ pin: lock.membership.label?.pin ?? '' }))).toEqual(
      joined,
    );
    await expectInUse(lock, true);
  });

  it('and was reset without having left is the same lock at its new address', async () => {
    const lock = lockCalled('office');
    await ask('/locks/office/join');
    expect(await rig.driver.pairing.start(request({ pin: lock.membership.label?.pin ?? '' }))).toEqual(
      joined,
    );
    expect(rig.identities.at(-1)).toMatchObject({ serial: lock.serial, address: '6' });
    await expectInUse(lock, true);
    const old = rig.heard.filter(({ deviceId }) => deviceId === 'device-5');
    expect(old.at(-1)?.body).not.toMatchObject({ kind: 'found' });
  });

  it('that was paired before is there after a restart of the hub', async () => {
    const lock = await newLock('uc-v2');
    await rig.driver.pairing.start(request({ pin: lock.membership.label?.pin ?? '' }));
    await rig.stop();
    rig = await startRig(house, rig.storage);
    await everyLockFound(rig);
    await expectInUse(lock, true);
  });
});

/** A new lock has joined, and nobody has typed its digits yet. */
async function halfIn(durationMs: number): Promise<{ lock: SimLock; end: Promise<PairingEnd> }> {
  const lock = await newLock('uc-v2');
  const { pairing } = rig.driver;
  const end = pairing.start(request({ asksForPin: true, durationMs }));
  await eventually(() => pairing.progress()?.stage === 'pin_needed', 'the digits are asked for');
  return { lock, end };
}

/** Addresses in the list of the controller. */
function listed(): readonly unknown[] {
  return (rig.driver.network()?.nodes ?? []).map(({ address }) => address);
}

describe('a lock that is in without its keys when pairing ends', () => {
  it('is told of when it still answers, and is off the list when it was reset and is paired again', async () => {
    const { lock, end } = await halfIn(DURATION_MS);
    rig.driver.pairing.stop();
    expect(await end).toMatchObject({
      kind: 'failed',
      reason: 'insecure',
      message: expect.stringContaining('Reset it'),
    });
    expect(listed()).toContain(NEW_ADDRESS);
    await ask(`/locks/${NEW_ID}/join`);
    expect(await rig.driver.pairing.start(request({ pin: lock.membership.label?.pin ?? '' }))).toEqual(
      joined,
    );
    await expectInUse(lock, true);
  });

  it.each([
    ['no longer answers when pairing is cancelled', () => undefined],
    ['does not when its digits were just entered', (lock: SimLock) => lock.membership.label?.pin],
  ])('and %s is off the list at once', async (_name, typed) => {
    const { lock, end } = await halfIn(DURATION_MS);
    lock.fault = { kind: 'unreachable' };
    const pin = typed(lock);
    if (pin !== undefined) expect(rig.driver.pairing.enterPin(pin)).toBe(true);
    rig.driver.pairing.stop();
    expect(await end).toEqual({ kind: 'stopped', deviceIds: [] });
    expect(listed()).not.toContain(NEW_ADDRESS);
  });

  it('is told of too when the time is over', async () => {
    await rig.stop();
    rig = await startRig(house, rig.storage, { finishTimeoutMs: SHORT_MS });
    await everyLockFound(rig);
    const { lock, end } = await halfIn(SHORT_MS);
    expect(await end).toMatchObject({ kind: 'failed', reason: 'insecure' });
    expect(lock.membership.joined).toBe(true);
  });
});

describe('the open network', () => {
  it('closes in time, and nobody gets in after that', async () => {
    expect(await rig.driver.pairing.start(request({ durationMs: SHORT_MS }))).toEqual({ kind: 'timed_out' });
    const lock = await newLock('uc-v1');
    const again = await rig.driver.pairing.start(request({ qr: 'not a code' }));
    expect(again).toMatchObject({ kind: 'failed', reason: 'invalid_qr' });
    expect(lock.membership.joined).toBe(false);
    expect(await rig.driver.pairing.start(request())).toEqual(joined);
  });

  it('closes after SmartStart too', async () => {
    const lock = await newLock('uc-v2');
    lock.fault = { kind: 'unreachable' };
    const qr = lock.membership.label?.qr ?? '';
    expect(await rig.driver.pairing.start(request({ durationMs: SHORT_MS, qr }))).toEqual({
      kind: 'timed_out',
    });
    lock.fault = { kind: 'none' };
    const other = await rig.execute(lockCalled('front-door'), { kind: 'read_slot', slot: 1 });
    expect(other.kind).toBe('done');
    expect(lock.membership).toMatchObject({ joined: false, asks: 'join' });
  });

  it('lets nobody in whom a hub expected that died', async () => {
    const lock = await newLock('uc-v2');
    lock.fault = { kind: 'unreachable' };
    const pairing = rig.driver.pairing.start(request({ qr: lock.membership.label?.qr ?? '' }));
    await eventually(() => expectsLocks(rig.storage), 'the expected lock is stored');
    const atDeath = new MemoryRadioStorage();
    for (const [file, rows] of rig.storage.files) atDeath.files.set(file, new Map(rows));
    await rig.stop();
    await pairing;
    lock.fault = { kind: 'none' };
    rig = await startRig(house, atDeath);
    await everyOldLockFound();
    expect(expectsLocks(atDeath)).toBe(false);
    expect(lock.membership.joined).toBe(false);
  });

  it('is gone with the radio', async () => {
    const pairing = rig.driver.pairing.start(request());
    await house.stop();
    expect(await pairing).toMatchObject({ kind: 'failed', reason: 'radio_down' });
    expect(await rig.driver.pairing.start(request())).toMatchObject({ kind: 'failed', reason: 'radio_down' });
    house = await startHouse();
  });

  it('closes at the stop of the hub', async () => {
    const pairing = rig.driver.pairing.start(request());
    await rig.stop();
    expect(await pairing).toMatchObject({ kind: 'stopped' });
    const lock = await newLock('uc-v1');
    rig = await startRig(house, rig.storage);
    await eventually(() => rig.told(lockCalled('office'), 'found').length > 0, 'a lock is found');
    expect(lock.membership.joined).toBe(false);
  });
});

describe('a lock that is to go', () => {
  it('is told apart from another that leaves meanwhile', async () => {
    const removal = rig.driver.pairing.remove('device-2');
    await ask('/locks/office/leave');
    await eventually(() => rig.told(lockCalled('office'), 'removed').length === 1, 'the office lock leaves');
    await ask('/locks/front-door/leave');
    expect(await removal).toEqual({ kind: 'done', deviceIds: ['device-2'] });
  });

  it('is forgotten at once when it no longer answers', async () => {
    const lock = lockCalled('garage');
    lock.fault = { kind: 'unreachable' };
    expect(await rig.driver.pairing.remove('device-4')).toEqual({ kind: 'done', deviceIds: ['device-4'] });
    expect(rig.told(lock, 'removed')).toHaveLength(1);
    await rig.stop();
    rig = await startRig(house, rig.storage);
    await eventually(() => rig.told(lockCalled('office'), 'found').length > 0, 'a lock is found');
    expect(rig.identities.map(({ address }) => address)).not.toContain('4');
  });

  it('stays when the removal is stopped', async () => {
    const removal = rig.driver.pairing.remove('device-3');
    rig.driver.pairing.stop();
    expect(await removal).toEqual({ kind: 'stopped', deviceIds: [] });
    const read = await rig.driver.execute('device-3', { kind: 'read_slot', slot: 1 });
    expect(read.kind).toBe('done');
  });
});
