import { openSealingKeys } from '../../src/cloud/sealing-keys.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { loadOrCreateKey } from '../../src/store/key-file.ts';
import { openStore } from '../../src/store/open-store.ts';

// Changes the hub's key pair for ever and prints each new public key once it is kept; to be killed by its parent.
const [file = '', keyFile = ''] = process.argv.slice(2);
const store = openStore({ file, key: loadOrCreateKey({ keyFile, databaseExists: false }) });
let now = 0;
const keys = openSealingKeys({
  secrets: store.secrets,
  clock: { now: () => ({ earliest: now, latest: now }) },
});
for (;;) {
  process.stdout.write(`${JSON.stringify(keys.current())}\n`);
  now += 91 * DAY_MS;
  keys.rotateWhereDue();
}
