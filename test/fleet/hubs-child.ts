import path from 'node:path';
import { createLog } from '../../src/log.ts';
import { LightHub } from './light-hub.ts';
import type { Answer, Order } from './orders.ts';
import { ownUsage } from './usage.ts';

/** Many light hubs in one process; the parent says what is to happen (`orders.ts`). */

const hubs = new Map<string, LightHub>();

const log = createLog('info', {
  write: (line) => {
    if (line.includes('"connected to the cloud"')) {
      say({ kind: 'connected', hubId: (JSON.parse(line) as { hub: string }).hub, atMs: Date.now() });
    } else if (/"level":"(error|fatal)"/.test(line)) {
      say({ kind: 'error', line });
    }
  },
});

function say(answer: Answer): void {
  process.send?.(answer);
}

async function begin({ hubIds, folder, urls }: Order & { readonly kind: 'begin' }): Promise<void> {
  const empty = ownUsage();
  for (const hubId of hubIds) {
    const options = { hubId, folder: path.join(folder, hubId), urls, log: log.child({ hub: hubId }) };
    hubs.set(hubId, new LightHub(options));
    // The hubs that are there go on while the others start.
    await new Promise((resolve) => setImmediate(resolve));
  }
  say({ kind: 'begun', empty });
}

process.on('message', (order: Order) => {
  switch (order.kind) {
    case 'begin':
      return void begin(order);
    case 'type':
      return hubs.get(order.hubId)?.type(order.pin);
    case 'measure':
      return say({ kind: 'measured', usage: ownUsage() });
    case 'look':
      return say({ kind: 'looked', hubs: [...hubs.values()].map((hub) => hub.facts()) });
    case 'end':
      return void Promise.all([...hubs.values()].map((hub) => hub.stop())).then(() => process.exit(0));
  }
});
process.on('disconnect', () => process.exit(1));
