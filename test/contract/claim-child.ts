import { randomInt } from 'node:crypto';
import { pino } from 'pino';
import { startClaimedCloud } from '../../src/claim/claimed-cloud.ts';
import { SystemClock } from '../../src/clock.ts';
import { NO_MACHINE, openHubStore, POLICY } from './cloud-rig.ts';

/** A hub that dies when its certificate is on the disk, before the broker hears of it: `claim-child.ts DIR URL CA CERT KEY`. */
const [dir, url, caFile, certFile, keyFile] = process.argv.slice(2);
if (!dir || !url || !caFile || !certFile || !keyFile)
  throw new Error('usage: claim-child.ts DIR URL CA CERT KEY');
const store = openHubStore(dir);
store.onCommit(({ events }) => {
  if (events) process.kill(process.pid, 'SIGKILL');
});
startClaimedCloud({
  url,
  caFile,
  claim: { certFile, keyFile },
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
