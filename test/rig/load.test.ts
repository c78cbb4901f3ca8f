import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServiceHub } from './hub.ts';

const MINUTE_MS = 60_000;
/** Ten minutes are what the hub promises; the quick look only shows that the test works. */
const BUSY_MS = process.env['LOCKHUB_TEST_FULL'] ? 10 * MINUTE_MS : MINUTE_MS;
/** More than the machine has processors, each at the priority of the hub. */
const BURNERS = 8;
/** Doors are served slower on a machine that is so busy, and no slower than this. */
const SET_WITHIN_MS = 60_000;

let hub: ServiceHub;

beforeAll(async () => {
  hub = await ServiceHub.start();
});
afterAll(() => hub.end());

test(
  'a machine without a moment to spare has the hub restarted by nobody, and codes are still put on',
  async () => {
    const before = await hub.rig.show('lockhub', 'MainPID');
    const burners = hub.rig.start(
      `for burner in $(seq ${BURNERS}); do while :; do :; done & done; trap 'kill $(jobs -p)' TERM; wait`,
    );
    try {
      const sinceMs = performance.now();
      for (let round = 0; performance.now() - sinceMs < BUSY_MS; round += 1) {
        const pin = String(650_000 + round);
        expect(await hub.wish({ name: pin, code: pin })).toBe(200);
        await hub.takes(pin, true, SET_WITHIN_MS);
        await new Promise((resolve) => setTimeout(resolve, MINUTE_MS / 2));
      }
    } finally {
      burners.kill();
    }
    expect(await hub.rig.show('lockhub', 'NRestarts')).toBe('0');
    expect(await hub.rig.show('lockhub', 'MainPID')).toBe(before);
    expect(await hub.log()).not.toContain('the watchdog is not fed');
  },
  BUSY_MS + 5 * MINUTE_MS,
);
