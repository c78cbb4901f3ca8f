import { Broker } from '../../src/reference-cloud/broker.ts';
import { ReferenceCloud } from '../../src/reference-cloud/cloud.ts';
import { openDatabase } from '../../src/reference-cloud/database.ts';
import { ANYTHING } from '../../src/reference-cloud/violation.ts';

/** Long enough for a PUBACK to leave, and for nothing else to be asked. */
const AFTER_PUBACK_MS = 100;

/** A reference cloud that dies when it has events: `reference-cloud-child.ts DB URL die-before-puback|die-after-puback`. */
const [db, url, mode] = process.argv.slice(2);
if (db === undefined || url === undefined) throw new Error('usage: reference-cloud-child.ts DB URL MODE');

const die = (): void => void process.kill(process.pid, 'SIGKILL');
let hasEvents = false;
const cloud = new ReferenceCloud({
  database: openDatabase(db),
  hubId: null,
  publish: (topic, payload) => {
    if (!topic.endsWith('/down/ack') || !hasEvents) return broker.publish(topic, payload);
    // The events are committed, and this was to tell the hub so.
    if (mode === 'die-before-puback') die();
    else setTimeout(die, AFTER_PUBACK_MS);
    return Promise.resolve(false);
  },
  tell: ({ kind }) => (hasEvents ||= kind === 'event'),
  now: Date.now,
  seal: false,
  allows: ANYTHING,
});
const broker = new Broker({
  url,
  login: {},
  clientId: 'cloud-cloud.db',
  filters: ['lockhub/v1/+/up/#'],
  receive: (message) => cloud.receive(message),
  connected: () => {
    process.stdout.write('connected\n');
    cloud.connected();
  },
  down: () => undefined,
});
