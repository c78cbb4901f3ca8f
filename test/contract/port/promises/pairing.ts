import { describe, expect, it } from 'vitest';
import type { SimLock } from '../../../../drivers/sim/lock/lock.ts';
import type { PairingRequest } from '../../../../src/lock-driver.ts';
import { eventually } from '../../zwave-rig.ts';
import { comeIn, requestFor } from '../join.ts';
import type { Standing } from '../standing.ts';
import { deviceIdOf } from '../rig.ts';

const SHORT_MS = 1_000;
const LONG_MS = 120_000;
const TEST_MS = 120_000;

const request = (durationMs = LONG_MS): PairingRequest => ({
  durationMs,
  qr: null,
  pin: null,
  asksForPin: false,
});

/** Locks that get into the network and out of it. */
export function promisePairing(rig: Standing): void {
  const lockAt = (index: number): SimLock => {
    const lock = rig().keepers().at(index);
    if (lock === undefined) throw new Error('the house has too few locks');
    return lock;
  };
  const expectInUse = async (lock: SimLock, deviceId = deviceIdOf(lock)): Promise<void> => {
    const slot = 3;
    const read = { kind: 'read_slot', slot } as const;
    await expect.poll(async () => (await rig().driver.execute(deviceId, read)).kind).toBe('done');
    expect(await rig().driver.execute(deviceId, rig().setPin(lock, slot, '3141'))).toMatchObject({
      kind: 'done',
    });
    expect(rig().held(lock, slot)).toBe(rig().digitsFor(lock, '3141'));
    await rig().driver.execute(deviceId, { kind: 'clear_slot', slot });
  };

  describe('pairing', () => {
    it('ends in its time, is for one at a time, and ends when it is stopped', async () => {
      const { pairing } = rig().driver;
      pairing.stop();
      expect([pairing.progress(), pairing.enterPin('12345')]).toEqual([null, false]);
      expect(await pairing.start(request(SHORT_MS))).toEqual({ kind: 'timed_out' });
      const first = pairing.start(request());
      await eventually(() => pairing.progress()?.stage === 'waiting_for_lock', 'the network is open');
      expect(await pairing.start(request())).toMatchObject({ kind: 'failed', reason: 'busy' });
      expect(await pairing.remove(deviceIdOf(lockAt(0)))).toMatchObject({ kind: 'failed', reason: 'busy' });
      expect(await pairing.replace(deviceIdOf(lockAt(0)), request())).toMatchObject({ reason: 'busy' });
      pairing.stop();
      expect(await first).toEqual({ kind: 'stopped', deviceIds: [] });
      expect(pairing.progress()).toBeNull();
      expect(rig().progress.at(-1)).toBeNull();
      expect(await pairing.start({ ...request(), qr: 'hello' })).toMatchObject({ reason: 'invalid_qr' });
    });

    it(
      'takes out a lock that is told to leave, and lets it in again',
      async () => {
        const lock = lockAt(-1);
        const deviceId = deviceIdOf(lock);
        lock.membership.askToLeave();
        const removal = await rig().driver.pairing.remove(deviceId);
        expect(removal).toEqual({ kind: 'done', deviceIds: [deviceId] });
        expect(rig().told(lock, 'removed')).toHaveLength(1);
        expect(lock.membership.joined).toBe(false);
        expect(await rig().driver.act(deviceId, 'unlock')).toMatchObject({ kind: 'radio_down' });
        const end = await comeIn(rig().driver, lock);
        expect(end).toEqual({ kind: 'done', deviceIds: [deviceIdOf(lock)] });
        expect(lock.membership.joined).toBe(true);
        await expectInUse(lock);
      },
      TEST_MS,
    );

    it(
      'forgets a lock that no longer answers at once, and lets nobody in who was not asked',
      async () => {
        const lock = lockAt(-1);
        lock.fault = { kind: 'unreachable' };
        expect(await rig().driver.pairing.remove(deviceIdOf(lock))).toMatchObject({ kind: 'done' });
        expect(
          rig()
            .driver.network()
            ?.nodes.map(({ deviceId }) => deviceId),
        ).not.toContain(deviceIdOf(lock));
        lock.fault = { kind: 'none' };
        lock.membership.askToJoin();
        // Some traffic of others, in which a lock that is not asked would have come in.
        await expectInUse(lockAt(0));
        expect(lock.membership.joined).toBe(false);
        await comeIn(rig().driver, lock);
        expect(lock.membership.joined).toBe(true);
      },
      TEST_MS,
    );

    it(
      'replaces a lock that is gone by another, which is the same device; and none that is there',
      async () => {
        const [old, lock] = [lockAt(0), lockAt(-1)];
        const deviceId = deviceIdOf(old);
        const { pairing } = rig().driver;
        expect(await pairing.replace(deviceId, request())).toMatchObject({ reason: 'still_there' });
        lock.membership.askToLeave();
        await pairing.remove(deviceIdOf(lock));
        old.fault = { kind: 'unreachable' };
        const since = rig().heard.length;
        const replacing = pairing.replace(deviceId, requestFor(lock));
        await eventually(() => pairing.progress()?.stage === 'waiting_for_lock', 'the network is open');
        lock.membership.askToJoin();
        expect(await replacing).toEqual({ kind: 'done', deviceIds: [deviceId] });
        const told = rig()
          .heard.slice(since)
          .filter((one) => one.deviceId === deviceId);
        const kinds = told.map(({ body }) => body.kind);
        expect(kinds).not.toContain('removed');
        expect(kinds.slice(kinds.indexOf('replaced'))).toContain('found');
        expect(rig().identities.at(-1)).toMatchObject({ inPlaceOf: deviceId });
        await expectInUse(lock, deviceId);
      },
      TEST_MS,
    );

    it('ends as stopped with the driver', async () => {
      const pairing = rig().driver.pairing.start(request());
      await rig().stop();
      expect(await pairing).toMatchObject({ kind: 'stopped' });
    });
  });
}
