import { statSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { UserCredentialType, UserIDStatus } from '@zwave-js/cc';
import { SetCredentialResult } from 'zwave-js';
import { SecurityClass } from '@zwave-js/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { eventually, StockHub } from './sim-hub.ts';

const UC_V2 = 2;
const UC_V1 = 3;
const MASKED = 4;
const U3C = 5;
const ALL = [UC_V2, UC_V1, MASKED, U3C];
const ACCESS_CONTROL = 6;
const ADMIN_PIN = '80246135';
const INTERVIEW_MAX_MS = 20_000;

let house: House;
let hub: StockHub;
let interviewMs: number;

function lockAt(address: number): SimLock {
  const lock = house.locks.find((candidate) => candidate.address === address);
  if (lock === undefined) throw new Error(`no lock at ${address}`);
  return lock;
}

function access(address: number) {
  const api = hub.node(address).accessControl;
  if (api === undefined) throw new Error(`node ${address} has no access control`);
  return api;
}

async function put(address: number, slot: number, data: string) {
  return access(address).addUser(slot, {}, { type: UserCredentialType.PINCode, slot, data });
}

function heard(address: number, event: number, userId?: number): boolean {
  return hub.heard.some(
    (one) =>
      one.nodeId === address && one.type === ACCESS_CONTROL && one.event === event && one.userId === userId,
  );
}

/** A whole serial frame: SendData with User Code Users Number Get. */
function usersNumberGet(nodeId: number, callbackId: number): Buffer {
  const body = [0x09, 0x00, 0x13, nodeId, 0x02, 0x63, 0x04, 0x25, callbackId];
  const sum = body.reduce((folded, byte) => folded ^ byte, 0xff);
  return Buffer.from([0x01, ...body, sum]);
}

beforeAll(async () => {
  house = await startHouse();
  hub = new StockHub(house);
  const before = performance.now();
  await hub.start();
  interviewMs = performance.now() - before;
});

afterEach(() => {
  for (const lock of house.locks) lock.fault = { kind: 'none' };
  hub.heard.length = 0;
});

afterAll(async () => {
  await hub.remove();
  await house.stop();
});

describe('the house', () => {
  it('is interviewed in seconds, without a write to any code', () => {
    expect(interviewMs).toBeLessThan(INTERVIEW_MAX_MS);
    for (const lock of house.locks) expect(lock.writes.size, lock.id).toBe(0);
  });

  it('has the keys of its network in a file for its owner alone', () => {
    expect(statSync(house.securityKeysFile).mode & 0o777).toBe(0o600);
    const keys: object = JSON.parse(readFileSync(house.securityKeysFile, 'utf8'));
    expect(Object.keys(keys)).toEqual([
      'S0_Legacy',
      'S2_Unauthenticated',
      'S2_Authenticated',
      'S2_AccessControl',
    ]);
    for (const key of Object.values(keys)) expect(key).toMatch(/^[0-9a-f]{32}$/);
  });

  it('has locks with S2 where the model has it, and serial numbers of their own', async () => {
    for (const address of ALL) {
      const { model, serial } = lockAt(address);
      const highest = hub.node(address).getHighestSecurityClass();
      expect(highest).toBe(model.secure ? SecurityClass.S2_AccessControl : SecurityClass.None);
      expect(await hub.node(address).commandClasses['Manufacturer Specific'].deviceSpecificGet(1)).toBe(
        serial,
      );
    }
  });
});

describe('a code', () => {
  it.each(ALL)(
    'written to node %i opens the door, which tells the slot, and is erased again',
    async (address) => {
      expect(await put(address, 3, '0042')).toMatchObject({ user: 0, credential: 0 });
      expect(lockAt(address).codes.read(3)?.pin.reveal()).toBe('0042');
      expect(lockAt(address).typePin('0042')).toEqual({ opened: true, slot: 3 });
      await eventually('keypad unlock of slot 3', () => heard(address, 6, 3));
      expect(await access(address).deleteUser(3)).toBe(0);
      expect(lockAt(address).codes.slotsInUse()).toEqual([]);
    },
  );

  it.each(ALL)('that another slot of node %i holds is refused, with a notification', async (address) => {
    await put(address, 3, '0042');
    const result = await put(address, 4, '0042');
    expect(result.credential).not.toBe(0);
    await eventually('duplicate at slot 4', () => heard(address, 15, 4));
    expect(lockAt(address).codes.read(4)).toBeUndefined();
    await access(address).deleteUser(3);
    await access(address).deleteUser(4);
  });

  it('that is the admin code is refused, and the admin code cannot be changed over the air', async () => {
    expect((await put(UC_V2, 4, ADMIN_PIN)).credential).not.toBe(0);
    const userCode = hub.node(UC_V2).commandClasses['User Code'];
    await userCode.setAdminCode('11112222');
    expect(await userCode.getAdminCode()).toBe(ADMIN_PIN);
  });

  it('reads as stars on the lock that masks, and as zeros when it is gone', async () => {
    await put(MASKED, 3, '0042');
    const userCode = hub.node(MASKED).commandClasses['User Code'];
    expect(await userCode.get(3)).toMatchObject({
      userCode: '**********',
      userIdStatus: UserIDStatus.Enabled,
    });
    await access(MASKED).deleteUser(3);
    expect(await userCode.get(3)).toMatchObject({ userCode: '0000', userIdStatus: UserIDStatus.Available });
  });

  it('is in the checksum of the lock', async () => {
    const userCode = hub.node(UC_V2).commandClasses['User Code'];
    expect(await userCode.getUserCodeChecksum()).toBe(0);
    await put(UC_V2, 3, '0042');
    const whole = await userCode.getUserCodeChecksum();
    expect(whole).toBe(lockAt(UC_V2).codes.checksum());
    expect(whole).not.toBe(0);
    await access(UC_V2).deleteUser(3);
  });

  it('set over the air is echoed by the lock that does so', async () => {
    await put(UC_V2, 3, '0042');
    await eventually('echo of slot 3', () => heard(UC_V2, 14, 3));
    await access(UC_V2).deleteUser(3);
    await eventually('echo of the erasure', () => heard(UC_V2, 13, 3));
  });

  it.each(ALL)('programmed at node %i is told', async (address) => {
    lockAt(address).programPin(9, '7778');
    await eventually('code added at slot 9', () => heard(address, 14, 9));
    lockAt(address).unprogramPin(9);
    await eventually('code deleted at slot 9', () => heard(address, 13, 9));
    lockAt(address).unprogramPin(0);
    await eventually('all codes deleted', () => heard(address, 12));
  });

  it('programmed at a User Credential lock is reported whole, so that the hub knows it without asking', async () => {
    const known = () => access(U3C).getCredentialCached(UserCredentialType.PINCode, 9)?.data;
    lockAt(U3C).programPin(9, '7778');
    await eventually('the credential is known', () => known() === '7778');
    lockAt(U3C).unprogramPin(9);
    await eventually('the credential is gone', () => known() === undefined);
  });

  it('on a User Credential lock can belong to a user that exists without it', async () => {
    expect(await access(U3C).setUser(6, {})).toBe(0);
    expect(await access(U3C).getUser(6)).toMatchObject({ userId: 6, active: true });
    expect(await access(U3C).getCredential(UserCredentialType.PINCode, 6)).toMatchObject({ data: '' });
    await access(U3C).setCredential(6, UserCredentialType.PINCode, 6, '0042');
    await access(U3C).setUser(6, { active: false });
    expect(lockAt(U3C).typePin('0042').opened).toBe(false);
    expect(await access(U3C).getCredential(UserCredentialType.PINCode, 6)).toMatchObject({ data: '0042' });
    await access(U3C).deleteUser(6);
    expect(await access(U3C).getUsers()).toEqual([]);
  });
});

describe('a schedule', () => {
  const schedule = {
    startYear: 26,
    startMonth: 11,
    startDay: 22,
    startHour: 9,
    startMinute: 5,
    stopYear: 27,
    stopMonth: 1,
    stopDay: 2,
    stopHour: 23,
    stopMinute: 59,
  };

  it('is set, read and erased', async () => {
    const api = hub.node(UC_V2).commandClasses['Schedule Entry Lock'];
    expect(await api.setYearDaySchedule({ userId: 3, slotId: 1 }, schedule)).toMatchObject({ status: 255 });
    expect(await api.getYearDaySchedule({ userId: 3, slotId: 1 })).toEqual(schedule);
    expect(lockAt(UC_V2).codes.schedule(3)).toMatchObject({
      start: '2026-11-22T09:05',
      stop: '2027-01-02T23:59',
    });
    await api.setYearDaySchedule({ userId: 3, slotId: 1 });
    expect(await api.getYearDaySchedule({ userId: 3, slotId: 1 })).toBeUndefined();
  });

  it('with a year of four digits wraps, as on a real lock', async () => {
    const api = hub.node(UC_V2).commandClasses['Schedule Entry Lock'];
    const wide = { ...schedule, startYear: 2026, stopYear: 2027 };
    expect(await api.setYearDaySchedule({ userId: 3, slotId: 1 }, wide)).toMatchObject({ status: 255 });
    expect(await api.getYearDaySchedule({ userId: 3, slotId: 1 })).toMatchObject({ startYear: 2026 & 0xff });
    await api.setYearDaySchedule({ userId: 3, slotId: 1 });
  });

  it('goes by a clock that the hub can set and read', async () => {
    const { clock } = lockAt(UC_V2);
    clock.setOffsetMs(3_600_000);
    const at = new Date(Date.UTC(2026, 6, 1, 12, 0, 0));
    expect(await hub.node(UC_V2).setDateAndTime(at)).toBe(true);
    expect(new Date(clock.utc()).toISOString().slice(0, 16)).toBe('2026-07-01T12:00');
    const read = await hub.node(UC_V2).commandClasses['Time Parameters'].get();
    expect(read?.toISOString().slice(0, 16)).toBe('2026-07-01T12:00');
    await hub.node(UC_V2).commandClasses.Time.setTimezone({
      standardOffset: -300,
      dstOffset: -240,
      startDate: new Date(Date.UTC(2026, 2, 8, 7)),
      endDate: new Date(Date.UTC(2026, 10, 1, 6)),
    });
    expect(clock.local().slice(0, 16)).toBe('2026-07-01T08:00');
    await hub.node(UC_V2).setDateAndTime();
  });

  it('is nothing for a lock that has only a clock of hours and minutes', async () => {
    lockAt(U3C).clock.setOffsetMs(3 * 3_600_000);
    await hub.node(U3C).commandClasses.Clock.set(7, 30, 1);
    expect(lockAt(U3C).clock.local().slice(11, 16)).toBe('07:30');
    expect(await hub.node(U3C).commandClasses.Clock.get()).toMatchObject({ hour: 7, minute: 30 });
  });
});

describe('what happens at a lock', () => {
  it.each(ALL)('node %i tells jam, tamper, battery, bolt and wrong codes', async (address) => {
    const node = hub.node(address);
    const lock = lockAt(address);
    const value = (commandClass: number, property: string, propertyKey?: string): unknown =>
      node.getValue({ commandClass, property, ...(propertyKey === undefined ? {} : { propertyKey }) });
    lock.setJammed(true);
    await eventually('jammed', () => value(0x71, 'Access Control', 'Lock state') === 11);
    lock.setJammed(false);
    await eventually('jam cleared', () => value(0x71, 'Access Control', 'Lock state') === 0);
    lock.setTampered(true);
    await eventually('tampered', () => value(0x71, 'Home Security', 'Cover status') === 3);
    lock.setTampered(false);
    await eventually('tamper cleared', () => value(0x71, 'Home Security', 'Cover status') === 0);
    lock.setBatteryPercent(37);
    await eventually('battery', () => value(0x80, 'level') === 37);
    await node.commandClasses['Door Lock'].set(0xff);
    expect(lock.bolt).toBe('locked');
    await eventually('remote lock', () => heard(address, 3));
    lock.typePin('31415926');
    await eventually('wrong code', () => heard(address, 19));
  });
});

describe('a radio that fails', () => {
  it('does not acknowledge when it is unreachable, and is back afterwards', async () => {
    for (const address of [UC_V1, UC_V2]) {
      lockAt(address).fault = { kind: 'unreachable' };
      await expect(put(address, 5, '5556')).rejects.toThrow();
      expect(lockAt(address).codes.slotsInUse()).toEqual([]);
      lockAt(address).fault = { kind: 'none' };
      expect(await hub.node(address).ping()).toBe(true);
      expect(await put(address, 5, '5556')).toMatchObject({ credential: 0 });
      await access(address).deleteUser(5);
    }
  });

  it('executes although its answer is lost', async () => {
    for (const address of ALL) {
      lockAt(address).fault = { kind: 'no_answer' };
      const { credential, user } = await put(address, 5, '5556');
      expect([user, credential]).toContain(255);
      lockAt(address).fault = { kind: 'none' };
      if (address !== U3C) expect(lockAt(address).codes.read(5)?.pin.reveal()).toBe('5556');
      await access(address).deleteUser(5);
    }
  });

  it('is slow and right', async () => {
    lockAt(UC_V2).fault = { kind: 'slow', delayMs: 300 };
    const before = performance.now();
    expect(await put(UC_V2, 5, '5556')).toMatchObject({ credential: 0 });
    expect(performance.now() - before).toBeGreaterThan(300);
    await access(UC_V2).deleteUser(5);
  });

  it('loses frames in both directions, so that trying again gets there', async () => {
    lockAt(UC_V1).fault = { kind: 'drop', probability: 0.3 };
    let written = false;
    for (let attempt = 0; attempt < 10 && !written; attempt++) {
      const result = await put(UC_V1, 5, '5556').catch(() => undefined);
      written = result?.credential === SetCredentialResult.OK;
    }
    expect(written).toBe(true);
    expect(lockAt(UC_V1).codes.read(5)?.pin.reveal()).toBe('5556');
    lockAt(UC_V1).fault = { kind: 'none' };
    await access(UC_V1).deleteUser(5);
  });

  it('executes twice what is doubled on the way', async () => {
    const lock = lockAt(UC_V2);
    const before = lock.writes.get(8) ?? 0;
    lock.fault = { kind: 'duplicate', probability: 1 };
    await put(UC_V2, 8, '8889');
    expect((lock.writes.get(8) ?? 0) - before).toBe(2);
    lock.fault = { kind: 'none' };
    await access(UC_V2).deleteUser(8);
  });

  it('survives a command that the library cannot parse', async () => {
    const userCode = hub.node(UC_V2).commandClasses['User Code'];
    await userCode.get(300, true).catch(() => undefined);
    for (const address of ALL) expect(await hub.node(address).ping(), `node ${address}`).toBe(true);
  });
});

describe('a hub that comes and goes', () => {
  it('is heard at once by locks that still share a secret with the one before', async () => {
    await hub.stop();
    for (const address of ALL) lockAt(address).setBatteryPercent(100);
    await hub.start();
    hub.heard.length = 0;
    for (const address of ALL) lockAt(address).typePin('31415926');
    for (const address of ALL) await eventually(`wrong code at node ${address}`, () => heard(address, 19));
    for (const address of ALL) expect(await put(address, 3, '0042')).toMatchObject({ credential: 0 });
    for (const address of ALL) await access(address).deleteUser(3);
  });

  it('may send garbage and die in the middle of a frame, any number of times', async () => {
    await hub.stop();
    const port = Number(new URL(house.zwave).port);
    const before = lockAt(UC_V1).frames.received;
    for (let round = 0; round < 50; round++) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      // A command that node 3 answers when its hub is dead already, half a one, and CAN, which a host never sends.
      socket.write(usersNumberGet(UC_V1, round));
      socket.write(Buffer.from([0x18, 0xff, 0x06, 0x15]));
      socket.write(usersNumberGet(UC_V2, round).subarray(0, round % 11));
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    await eventually('a command of a dead hub arrives', () => lockAt(UC_V1).frames.received > before);
    await hub.start();
    for (const address of ALL) expect(await put(address, 3, '0042')).toMatchObject({ credential: 0 });
    for (const address of ALL) await access(address).deleteUser(3);
  });

  it('costs no write when it restarts', async () => {
    await hub.stop();
    for (const lock of house.locks) lock.writes.clear();
    await hub.start();
    for (const lock of house.locks) expect(lock.writes.size, lock.id).toBe(0);
  });
});
