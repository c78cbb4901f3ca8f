import { Socket } from 'node:net';
import path from 'node:path';
import Database from 'better-sqlite3';
import mqtt from 'mqtt';
import { pino } from 'pino';
import { interviewed, openHubStore, Scene, startHub } from '../../contract/cloud-rig.ts';

// Who answers to a command, in a process of its own: a hub, or a bare client that commits one row and echoes.

const [kind = '', url = '', deviceId = ''] = process.argv.slice(2);
/** After the command was stored the hub's part is measured, and the lock's begins. */
const LOCK_TAKES_MS = 3;

/** A hub whose lock does what it is told a little later. */
function answerAsHub(scene: Scene): void {
  const store = openHubStore(scene.dir);
  store.commit(undefined, interviewed(deviceId), []);
  const obey = (): void => {
    for (const { commandId } of store.commands.open(deviceId, 1)) {
      store.transaction(() =>
        store.commands.settle(commandId, { state: 'succeeded', result: {} }, Date.now()),
      );
    }
  };
  const wake = (): void => void setTimeout(obey, LOCK_TAKES_MS);
  startHub(scene, { url, store, hubId: 'hub', wake, log: pino({ level: 'silent' }) });
}

/** The least that keeps a command: one row in a table, synced, before it is answered and acknowledged. */
async function answerBare(scene: Scene): Promise<void> {
  const database = new Database(path.join(scene.dir, 'bare.db'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE commands (command_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT');
  const insert = database.prepare('INSERT INTO commands VALUES (?, ?)');
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
  // As the hub does, or TCP would hold the echo back until the acknowledgement of the command has arrived.
  if (client.stream instanceof Socket) client.stream.setNoDelay();
  client.on('message', (_topic, payload) => {
    const text = payload.toString();
    insert.run(String(JSON.parse(text).command_id), text);
    client.publish('lockhub/v1/bare/up/result', text, { qos: 1 });
  });
  await client.subscribeAsync('lockhub/v1/bare/down/#', { qos: 1 });
  client.publish('lockhub/v1/bare/up/hello', '{}', { qos: 1 });
}

const scene = new Scene();
process.on('disconnect', () => void scene.end().finally(() => process.exit()));
if (kind === 'hub') answerAsHub(scene);
else await answerBare(scene);
