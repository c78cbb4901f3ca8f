import { pino } from 'pino';
import { startWebhooks } from '../../src/http/webhooks/webhooks.ts';
import { openHubStore } from './cloud-rig.ts';
import { HastyClock, tell } from './webhook-rig.ts';

// Sends what happens to the webhooks of a hub, and makes something happen again and again; to be killed by its parent.
const [dir = '', first = '1'] = process.argv.slice(2);
const store = openHubStore(dir);
startWebhooks({ store, clock: new HastyClock(), log: pino({ level: 'silent' }), hubId: 'hub-1' });
let count = Number(first);
setInterval(() => {
  tell(store, [count, count + 1]);
  process.stdout.write(`${count + 1}\n`);
  count += 2;
}, 5);
