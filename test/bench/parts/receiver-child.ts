import { writeFileSync } from 'node:fs';
import { Broker } from '../../../src/reference-cloud/broker.ts';
import { ReferenceCloud } from '../../../src/reference-cloud/cloud.ts';
import { openDatabase } from '../../../src/reference-cloud/database.ts';
import { readTopic } from '../../../src/reference-cloud/up-message.ts';
import type { FromReceiver, ToReceiver } from './receiver.ts';

// A cloud in a process of its own, so that its work is not counted as the publisher's.

const [url = ''] = process.argv.slice(2);
/** What came as batches of events, byte by byte, by hub. */
const batches = new Map<string, Buffer[]>();
const events = new Map<string, number>();
const wanted = new Map<string, number>();

function say(what: FromReceiver): void {
  process.send?.(what);
}

const cloud: ReferenceCloud = new ReferenceCloud({
  database: openDatabase(':memory:'),
  hubId: null,
  publish: (topic, payload) => broker.publish(topic, payload),
  tell: (told) => {
    if (told.kind === 'violation')
      say({ kind: 'violation', message: `${told.hubId}: ${told.violation.message}` });
    if (told.kind !== 'event') return;
    const count = (events.get(told.hubId) ?? 0) + 1;
    events.set(told.hubId, count);
    if (count === wanted.get(told.hubId)) say({ kind: 'all', hubId: told.hubId });
  },
  now: () => Date.now(),
  seal: false,
  // A broker that keeps order and loses nothing: then neither may the hub.
  allows: { loss: false, doubling: false, reordering: false, fullOutbox: false, lateStart: false },
});
const broker: Broker = new Broker({
  url,
  login: {},
  clientId: 'receiver',
  filters: ['lockhub/v1/+/up/#'],
  receive: (delivered) => {
    const { topic, payload } = delivered;
    const { hubId, name } = readTopic(topic) ?? {};
    if (hubId !== undefined && name === 'up/event') {
      const own = batches.get(hubId) ?? [];
      own.push(Buffer.from(payload));
      batches.set(hubId, own);
    }
    cloud.receive(delivered);
  },
  connected: () => {
    cloud.connected();
    say({ kind: 'connected' });
  },
  down: () => undefined,
});
process.on('disconnect', () => process.exit());
process.on('message', (what: ToReceiver) => {
  switch (what.kind) {
    case 'expect':
      wanted.set(what.hubId, what.events);
      return;
    case 'write':
      // JSON has no line breaks of its own.
      writeFileSync(what.file, (batches.get(what.hubId) ?? []).join('\n'));
      batches.clear();
      return say({ kind: 'written' });
    case 'stop':
      void broker.stop().then(() => process.disconnect());
  }
});
