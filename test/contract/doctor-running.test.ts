import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import { SystemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { LogRing } from '../../src/http/page/log-ring.ts';
import { startHub } from '../../src/hub.ts';
import { holdDataDirectory } from '../../src/store/instance-lock.ts';
import { freePort, Scene, startMosquitto, until } from './cloud-rig.ts';
import { DoctorScene, namesOf } from './doctor-rig.ts';
import { startTerseBroker } from './terse-broker.ts';

/** DISCONNECT of MQTT 5: session taken over. */
const TAKEN_OVER = Buffer.from([0xe0, 2, 142, 0]);

let house: House;
const brokers = new Scene();
let brokerUrl: string;

beforeAll(async () => {
  house = await startHouse({ zwavePort: 0, controlPort: 0, zigbeePort: 0 });
  ({ url: brokerUrl } = await startMosquitto(brokers));
});
afterAll(async () => {
  await brokers.end();
  await house.stop();
});

async function scene(): Promise<DoctorScene> {
  const made = await DoctorScene.healthy(house, brokerUrl);
  onTestFinished(() => made.end());
  made.set('radios', []);
  return made;
}

/** A whole hub of this process on that data, without radios. */
function run(hub: DoctorScene): void {
  hub.writeConfig();
  const config = loadConfig(hub.configFile);
  if (!config.ok) throw new Error(config.mistakes.join());
  const release = holdDataDirectory(path.join(hub.data, 'hub.lock'));
  const running = startHub({
    config: config.value,
    drivers: [],
    store: openData(config.value, () => undefined),
    clock: new SystemClock(),
    log: pino({ level: 'silent' }),
    logRing: new LogRing(),
    version: '1.2.3',
  });
  hub.atEnd(async () => {
    await running.stop();
    release();
  });
}

test('a hub that runs well has nothing wrong', async () => {
  const hub = await scene();
  run(hub);
  expect(await hub.checkUp()).toMatchObject({ hub: 'running', findings: [], unchecked: [] });
});

test('a hub whose client id another one has says so', async () => {
  const hub = await scene();
  hub.set('cloud', { url: await startTerseBroker(hub, TAKEN_OVER) });
  run(hub);
  await until('it is found', async () => namesOf(await hub.checkUp()).join() === 'hub_id_shared');
});

test('a hub that does not reach its broker says so', async () => {
  const hub = await scene();
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  hub.set('cloud', { url });
  run(hub);
  await until('it is found', async () => namesOf(await hub.checkUp()).join() === 'broker_unreachable');
});

test('a hub whose page has no port says so', async () => {
  const hub = await scene();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  hub.atEnd(() => other.close());
  hub.set('http', { listen: `127.0.0.1:${(other.address() as AddressInfo).port}` });
  run(hub);
  await until('it is found', async () => namesOf(await hub.checkUp()).join() === 'page_port_taken');
});

test('a hub that has just begun to hold its data is running, and nobody knows yet how it is', async () => {
  const hub = await scene();
  hub.atEnd(holdDataDirectory(path.join(hub.data, 'hub.lock')));
  expect(await hub.checkUp()).toMatchObject({
    hub: 'running',
    findings: [],
    unchecked: [{ check: 'radios and cloud' }],
  });
});
