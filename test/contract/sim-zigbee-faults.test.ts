import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { DOOR_LOCK, StockZigbeeHub, until } from './zigbee-sim-hub.ts';

const EXPIRED = 0xf0;
const NO_ROUTE = 0xcd;
const NO_ACK = 0xe9;
const folder = mkdtempSync(join(tmpdir(), 'lockhub-sim-zigbee-'));
const memoryFile = join(folder, 'memory.json');
const locks = [
  { id: 'front', model: 'dl-schedules', address: '0x000d6ffffe000001' },
  { id: 'back', model: 'dl-plain', address: '0x000d6ffffe000002' },
];

let house: House;
let hub: StockZigbeeHub;

function lock(id: 'front' | 'back'): SimLock {
  const found = house.locks.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

async function control(path: string, body: unknown = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${house.control}${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

async function setPin(to: SimLock, userid: number, pin: string, timeout?: number) {
  const payload = { userid, userstatus: 1, usertype: 0, pincodevalue: Buffer.from(pin) };
  return hub.command(to, 'setPinCode', payload, timeout);
}

async function open(): Promise<void> {
  const file = join(folder, 'house.yaml');
  writeFileSync(file, JSON.stringify({ locks }));
  house = await startHouse({ house: file, zigbeePort: 0, zigbeeMemory: memoryFile });
}

async function bindDoorLock(to: SimLock): Promise<void> {
  const coordinator = hub.controller.getDevicesByType('Coordinator')[0]?.getEndpoint(1);
  await hub.endpoint(to).bind(DOOR_LOCK, coordinator ?? 1);
}

/** What a stick answers to raw bytes on its line. */
async function ask(bytes: readonly number[]): Promise<Buffer> {
  const socket = connect(Number(new URL(house.zigbee ?? '').port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(Buffer.from(bytes));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer;
}

beforeAll(async () => {
  await open();
  hub = new StockZigbeeHub(house);
  await hub.start();
  await hub.controller.permitJoin(254);
  await until('both are interviewed', () => hub.interviewed.size === 2);
  for (const id of ['front', 'back'] as const) await bindDoorLock(lock(id));
}, 60_000);

afterEach(() => {
  for (const one of house.locks) one.fault = { kind: 'none' };
  hub.heard.length = 0;
});

afterAll(async () => {
  expect(house.unknownZigbeeCommands()).toEqual([]);
  await hub.remove();
  await house.stop();
});

describe('a sleepy lock', () => {
  it('gets a frame when it asks, or never when it does not ask in time', async () => {
    lock('back').fault = { kind: 'unreachable' };
    const before = performance.now();
    await expect(setPin(lock('back'), 1, '1111', 20_000)).rejects.toMatchObject({ code: EXPIRED });
    const tookMs = performance.now() - before;
    expect(tookMs).toBeGreaterThan(7600);
    expect(tookMs).toBeLessThan(9500);
    expect(lock('back').writes.size).toBe(0);
    lock('back').fault = { kind: 'none' };
    expect(await setPin(lock('back'), 1, '1111')).toEqual({ status: 0 });
  }, 20_000);

  it('is in reach again before the frame is too old', async () => {
    lock('back').fault = { kind: 'unreachable' };
    setTimeout(() => (lock('back').fault = { kind: 'none' }), 2000);
    expect(await setPin(lock('back'), 2, '2222', 10_000)).toEqual({ status: 0 });
  }, 20_000);

  it('loses frames, does what is lost on the way back, and does a doubled one twice', async () => {
    lock('back').fault = { kind: 'drop', probability: 1 };
    await expect(setPin(lock('back'), 3, '3333')).rejects.toMatchObject({ code: NO_ACK });
    lock('back').fault = { kind: 'no_answer' };
    await expect(setPin(lock('back'), 3, '3333', 2000)).rejects.toThrow(/Timeout/);
    expect(lock('back').codes.read(3)?.pin.reveal()).toBe('3333');
    lock('back').writes.clear();
    lock('back').fault = { kind: 'duplicate', probability: 1 };
    expect(await setPin(lock('back'), 3, '3344')).toEqual({ status: 0 });
    expect(lock('back').writes.get(3)).toBe(2);
  }, 20_000);

  it('answers late, which the library tells as a message, and in pieces, which it survives', async () => {
    lock('back').fault = { kind: 'slow', delayMs: 2500 };
    await expect(setPin(lock('back'), 4, '4444', 1500)).rejects.toThrow(/Timeout/);
    await until('a late answer', () => hub.has(lock('back'), 'commandSetPinCodeRsp', { status: 0 }));
    lock('back').fault = { kind: 'garbled', probability: 1 };
    for (const pin of ['5551', '5552', '5553', '5554']) {
      await setPin(lock('back'), 5, pin, 1200).catch(() => undefined);
    }
    expect(lock('back').codes.read(5)?.pin.reveal()).toBe('5554');
    lock('back').fault = { kind: 'none' };
    expect(await setPin(lock('back'), 5, '5555')).toEqual({ status: 0 });
  }, 30_000);
});

describe('an address', () => {
  it('changes when a lock comes back, and the old one leads nowhere', async () => {
    const old = lock('front').address;
    const shown = await control('/locks/front/rejoin');
    expect(shown).toMatchObject({ radio: 'zigbee', address: '0x000d6ffffe000001' });
    const device = hub.controller.getDeviceByIeeeAddr('0x000d6ffffe000001');
    await until(
      'the hub knows',
      () => device?.networkAddress === lock('front').address && lock('front').address !== old,
    );
    expect(await setPin(lock('front'), 6, '666666')).toEqual({ status: 0 });
    if (device !== undefined) device.networkAddress = old;
    await expect(setPin(lock('front'), 6, '666667')).rejects.toMatchObject({ code: NO_ROUTE });
    if (device !== undefined) device.networkAddress = lock('front').address;
  });
});

describe('the line', () => {
  it('outlives rubbish, wrong checksums and frames that are too short, and names what it does not know', async () => {
    await hub.stop();
    const ping = [0xfe, 0x00, 0x21, 0x01, 0x20];
    const pong = Buffer.from([0xfe, 0x02, 0x61, 0x01, 0x79, 0x07, 0x1c]);
    expect(await ask(ping)).toEqual(pong);
    expect(await ask([0x00, 0xff, 0xfe, 0x00, 0x21, 0x01, 0x99, ...ping])).toEqual(pong);
    const unknown = await ask([0xfe, 0x00, 0x21, 0x6e, 0x4f]);
    expect([...unknown]).toEqual([0xfe, 0x03, 0x60, 0x00, 0x02, 0x21, 0x6e, 0x2e]);
    const short = await ask([0xfe, 0x01, 0x21, 0x1c, 0x21, 0x1d]);
    expect([...short.subarray(0, 6)]).toEqual([0xfe, 0x03, 0x60, 0x00, 0x04, 0x21]);
    expect(house.unknownZigbeeCommands()).toEqual(['1/110']);
    expect(await hub.start()).toBe('resumed');
  }, 20_000);
});

describe('a network outlives', () => {
  it('the house, with what stick and locks keep in a file for its owner alone', async () => {
    await hub.stop();
    const address = lock('back').address;
    await house.stop();
    expect(statSync(memoryFile).mode & 0o777).toBe(0o600);
    await open();
    expect(await hub.start(house)).toBe('resumed');
    expect(lock('back').address).toBe(address);
    expect(await setPin(lock('back'), 7, '7777')).toEqual({ status: 0 });
    lock('back').typePin('7777');
    await until('an event', () => hub.has(lock('back'), 'commandOperationEventNotification', { userid: 7 }));
  }, 20_000);

  it('the stick, when a new one gets the backup', async () => {
    await hub.controller.backup();
    expect(house.unknownZigbeeCommands()).toEqual([]);
    const before = hub.controller.getDevicesByType('Coordinator')[0]?.ieeeAddr;
    const gone = once(hub.controller, 'adapterDisconnected');
    await control('/stick', { radio: 'zigbee' });
    await gone;
    await hub.stop();
    expect(await hub.start(house)).toBe('restored');
    // The locks are bound to that address.
    expect(hub.controller.getDevicesByType('Coordinator')[0]?.ieeeAddr).toBe(before);
    expect(await setPin(lock('front'), 8, '888888')).toEqual({ status: 0 });
  }, 40_000);
});

describe('a lock leaves', () => {
  it('when the hub says so, and by itself', async () => {
    await hub.controller.getDeviceByIeeeAddr('0x000d6ffffe000001')?.removeFromNetwork();
    await until('it is gone', () => !lock('front').membership.joined);
    await control('/locks/back/leave');
    await until('the hub was told', () => hub.left.includes('0x000d6ffffe000002'));
    expect(lock('back').membership.joined).toBe(false);
    const joining = await control('/join', { radio: 'zigbee', model: 'dl-base-0' });
    expect(joining).toMatchObject({
      id: 'zigbee-1',
      address: '0x000d6ffffe010001',
      joined: false,
      asks: 'join',
    });
    await hub.controller.permitJoin(60);
    await until('it is interviewed', () => hub.interviewed.has('0x000d6ffffe010001'));
  }, 30_000);
});
