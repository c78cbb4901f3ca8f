import { randomInt } from 'node:crypto';
import { pino } from 'pino';
import { startCloud } from '../../src/cloud/cloud.ts';
import { SystemClock } from '../../src/clock.ts';
import { NO_MACHINE, openHubStore, POLICY } from './cloud-rig.ts';

/** A hub in a process of its own, so that it can be killed: `cloud-child.ts DIR URL run|die-after-commit`. */
const [dir, url, mode] = process.argv.slice(2);
if (dir === undefined || url === undefined) throw new Error('usage: cloud-child.ts DIR URL MODE');
const store = openHubStore(dir);
if (mode === 'die-after-commit') {
  store.onCommit(({ deviceIds }) => {
    if (deviceIds.length > 0) process.kill(process.pid, 'SIGKILL');
  });
}
startCloud({
  url,
  hubId: 'hub-1',
  bootId: 'child',
  version: '0.0.0-test',
  store,
  clock: new SystemClock(),
  policy: POLICY,
  plainCodes: true,
  wake: () => undefined,
  ...NO_MACHINE,
  log: pino({ level: 'silent' }),
  draw: (below) => randomInt(below),
  random: () => 0,
});
