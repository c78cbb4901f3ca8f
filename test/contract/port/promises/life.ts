import { describe, expect, it } from 'vitest';
import { eventually } from '../../zwave-rig.ts';
import type { Standing } from '../standing.ts';
import { deviceIdOf } from '../rig.ts';

const STOP_MS = 3_000;
const MARGIN_MS = 200;
const RETURN_MS = 60_000;
const TEST_MS = 120_000;
const READ = { kind: 'read_slot', slot: 1 } as const;

/** The driver's own beginning and end, and a radio that comes and goes. */
export function promiseLife(rig: Standing): void {
  const firstLock = () => {
    const [lock] = rig().face.locks;
    if (lock === undefined) throw new Error('the house is empty');
    return lock;
  };
  const write = () => rig().setPin(firstLock(), 1, '1112');

  describe('the driver', () => {
    it('shows the network and the way to a lock', async () => {
      const deviceId = deviceIdOf(firstLock());
      const { address } = rig().told(firstLock(), 'found').at(-1)?.description ?? {};
      expect(rig().driver.network()?.nodes).toContainEqual(expect.objectContaining({ deviceId, address }));
      const good = await rig().driver.checkLink(deviceId);
      expect(good.kind === 'done' && good.check.rating).toBeGreaterThan(2);
      firstLock().fault = { kind: 'unreachable' };
      expect(await rig().driver.checkLink(deviceId)).toMatchObject({ kind: 'done', check: { rating: 0 } });
      firstLock().fault = { kind: 'none' };
      expect(await rig().driver.ping(deviceId)).toBe(true);
    });

    it('knows no lock that it has not met', async () => {
      const { driver } = rig();
      expect(await driver.execute('device-99', READ)).toMatchObject({ kind: 'radio_down' });
      expect(await driver.act('device-99', 'unlock')).toMatchObject({ kind: 'radio_down' });
      expect(await driver.checkLink('device-99')).toMatchObject({ kind: 'radio_down' });
      expect(await driver.ping('device-99')).toBe(false);
    });

    it(
      'says when the radio is gone, says nothing of the locks then, and takes up its work when it is back',
      async () => {
        const lock = firstLock();
        const offline = rig()
          .told(lock, 'offline')
          .filter(({ because }) => because === undefined).length;
        rig().face.unplug();
        await eventually(() => rig().states.at(-1) === 'down', 'the loss is told');
        expect(await rig().execute(lock, write())).toMatchObject({ kind: 'radio_down' });
        expect(await rig().act(lock, 'unlock')).toMatchObject({ kind: 'radio_down' });
        expect(await rig().driver.checkLink(deviceIdOf(lock))).toMatchObject({ kind: 'radio_down' });
        expect(await rig().driver.ping(deviceIdOf(lock))).toBe(false);
        expect(rig().driver.network()).toBeNull();
        const request = { durationMs: 1000, qr: null, pin: null, asksForPin: false };
        expect(await rig().driver.pairing.start(request)).toMatchObject({ reason: 'radio_down' });
        expect(rig().held(lock, 1)).toBeUndefined();
        expect(
          rig()
            .told(lock, 'offline')
            .filter(({ because }) => because === undefined),
        ).toHaveLength(offline);
        await rig().face.plug();
        await eventually(() => rig().states.at(-1) === 'ready', 'the return is told', RETURN_MS);
        const isServed = async (): Promise<boolean> => (await rig().insist(lock, write())).kind === 'done';
        await expect.poll(isServed, { timeout: RETURN_MS }).toBe(true);
        expect(rig().held(lock, 1)).toBe(rig().digitsFor(lock, '1112'));
        await rig().insist(lock, { kind: 'clear_slot', slot: 1 });
      },
      TEST_MS,
    );

    it(
      'stops in bounded time, with a radio and without, and finds the radio that appears later',
      async () => {
        let startedAt = performance.now();
        await rig().stop();
        expect(performance.now() - startedAt).toBeLessThan(STOP_MS + MARGIN_MS);
        expect(await rig().execute(firstLock(), READ)).toMatchObject({ kind: 'radio_down' });
        if (rig().face.takesDeadline) rig().face.unplug();
        const known = rig().identities.splice(0);
        const before = rig().heard.length;
        await rig().start();
        if (rig().face.takesDeadline) expect(rig().states.at(-1)).toBe('down');
        startedAt = performance.now();
        await rig().stop();
        expect(performance.now() - startedAt).toBeLessThan(STOP_MS + MARGIN_MS);
        await rig().start();
        await rig().face.plug();
        await eventually(
          () => rig().states.at(-1) === 'ready',
          'the radio is used when it appears',
          RETURN_MS,
        );
        await rig().met(before);
        for (const identity of rig().identities) expect(known).toContainEqual(identity);
      },
      TEST_MS,
    );
  });
}
