import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { request } from '../support/core-world.ts';
import { DEVICE_DISCOVERY } from '../support/home-assistant-schema.ts';
import { Backend, Internet, Scene, startMosquitto, until, type Broker } from './cloud-rig.ts';
import { Home, HUB_ID, startHouse, type House } from './home-assistant-rig.ts';

let scene: Scene;
let broker: Broker;
let home: Home;
beforeEach(async () => {
  scene = new Scene();
  broker = await startMosquitto(scene);
  home = await Home.at(scene, broker);
});
afterEach(() => scene.end());

const PIN = '93817264';

function shown(house: House, fields: Record<string, unknown>): Promise<unknown> {
  const wanted = Object.entries(fields);
  return until(`${JSON.stringify(fields)} is shown`, () => {
    const state = home.state(house.deviceId);
    return wanted.every(([key, value]) => state[key] === value);
  });
}

/** All that was said but for the cloud's contract. */
function topicsForHome(heard: Home): readonly string[] {
  return [...heard.last.keys()].filter((topic) => !topic.startsWith('lockhub/v1/'));
}

describe('Home Assistant at the broker of the cloud', () => {
  let house: House;
  beforeEach(async () => {
    house = await startHouse(scene, { cloud: { url: broker.url, home_assistant: true } });
    await shown(house, { connectivity: 'ON' });
  });

  test('finds the lock with its state, retained for one that comes later', async () => {
    const discovery: unknown = JSON.parse(home.discovery(house.deviceId) ?? '');
    const ajv = new Ajv2020({ discriminator: true, formats: { uri: true } });
    expect(ajv.validate(DEVICE_DISCOVERY, discovery), ajv.errorsText()).toBe(true);
    expect(home.availability()).toBe('online');
    expect(home.state(house.deviceId)).toEqual({
      lock: 'LOCKED',
      battery: 100,
      connectivity: 'ON',
      codes_out_of_sync: 'OFF',
    });
    const late = await Home.at(scene, broker);
    // A broker sends what it retains in any order.
    await until('all is there', () => {
      const state = late.state(house.deviceId)['lock'];
      return (
        state !== undefined &&
        late.discovery(house.deviceId) !== undefined &&
        late.availability() !== undefined
      );
    });
    expect(late.discovery(house.deviceId)).toBe(home.discovery(house.deviceId));
    expect(late.availability()).toBe('online');
    expect(late.heard.every(({ retain }) => retain)).toBe(true);
  });

  test('sees what happens to the lock', async () => {
    house.lock.radioSetBolt('unlocked');
    await shown(house, { lock: 'UNLOCKED' });
    house.lock.setJammed(true);
    await shown(house, { lock: 'JAMMED' });
    house.lock.setBatteryPercent(42);
    await shown(house, { battery: 42 });
    house.tell(house.deviceId, { kind: 'offline' });
    await shown(house, { connectivity: 'OFF' });
  });

  test('sees whose code is used, and that one is refused, but no PIN', async () => {
    house.desire(request('a', PIN, { name: 'Anna' }), request('b', '55501234', { name: 'Bob 55501234' }));
    await shown(house, { codes_out_of_sync: 'ON' });
    await shown(house, { codes_out_of_sync: 'OFF' });
    house.lock.typePin(PIN);
    await until('the use is told', () => home.events(house.deviceId).length === 1);
    house.lock.typePin('55501234');
    await until('the other is told', () => home.events(house.deviceId).length === 2);
    house.lock.typePin('99999999');
    await until('the refusal is told', () => home.events(house.deviceId).length === 3);
    const occurred_at = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    expect(home.events(house.deviceId)).toEqual([
      { payload: { event_type: 'used', code_name: 'Anna', occurred_at }, retain: false },
      { payload: { event_type: 'used', occurred_at }, retain: false },
      { payload: { event_type: 'denied', occurred_at }, retain: false },
    ]);
    const ours = home.heard.filter(({ topic }) => !topic.startsWith('lockhub/v1/'));
    for (const digits of [PIN, '55501234', '99999999']) {
      expect(JSON.stringify(ours)).not.toContain(digits);
      expect(house.log.join('\n')).not.toContain(digits);
    }
  });

  test('moves the bolt', async () => {
    await home.command(house.deviceId, 'UNLOCK');
    await shown(house, { lock: 'UNLOCKED' });
    expect(house.lock.bolt).toBe('unlocked');
    await home.command(house.deviceId, 'LOCK');
    await shown(house, { lock: 'LOCKED' });
    expect(house.lock.bolt).toBe('locked');
    const states = home.heard.filter(({ topic }) => topic.endsWith('/state')).map(({ text }) => text);
    const bolts = states.map((text) => (JSON.parse(text) as Record<string, unknown>)['lock']);
    expect(bolts).toEqual(expect.arrayContaining(['UNLOCKING', 'LOCKING']));
  });

  test('moves no bolt by what it may not say', async () => {
    await home.command(house.deviceId, 'OPEN');
    await home.command('7a0f5f5e-0000-4000-8000-000000000000', 'UNLOCK');
    await until('both are told in the log', () => house.log.join('').split('was not taken').length === 3);
    await home.command(house.deviceId, 'UNLOCK', true);
    await home.publish('homeassistant/status', 'offline');
    await home.publish('homeassistant/status', 'online');
    const before = home.heard.length;
    await until('all before was taken', () =>
      home.heard.slice(before).some(({ topic }) => topic.endsWith('config')),
    );
    // The broker passed the retained one on as a fresh one, since somebody listened: that one counts.
    await shown(house, { lock: 'UNLOCKED' });
  });

  test('is told all again when it starts', async () => {
    const before = home.heard.length;
    await home.publish('homeassistant/status', 'online');
    const topics = [
      `homeassistant/device/lockhub_${house.deviceId}/config`,
      `lockhub/home-assistant/${HUB_ID}/${house.deviceId}/state`,
    ];
    for (const topic of topics) {
      await until(`${topic} is told`, () =>
        home.heard.slice(before).some((message) => message.topic === topic),
      );
    }
  });

  test('loses a lock that left, and finds it when it is back', async () => {
    house.tell(house.deviceId, { kind: 'removed' });
    await until('it is gone', () => home.discovery(house.deviceId) === '');
    const state = `lockhub/home-assistant/${HUB_ID}/${house.deviceId}/state`;
    await until('its state is gone', () => home.last.get(state) === '');
    const late = await Home.at(scene, broker);
    await until('something is there', () => late.availability());
    expect(late.discovery(house.deviceId)).toBeUndefined();
    const { lock } = house.store.lockState(house.deviceId) ?? {};
    if (!lock?.capabilities || lock.model === null) throw new Error('it was never met');
    const { capabilities, model, secure, batteryLevel } = lock;
    const back = {
      radio: 'zwave',
      address: 9,
      capabilities,
      model,
      secure,
      batteryLevel,
      locked: false,
    } as const;
    house.tell(house.deviceId, { kind: 'found', description: back, snapshot: [] });
    await shown(house, { lock: 'UNLOCKED', connectivity: 'ON' });
    expect(home.discovery(house.deviceId)).toContain('"uc-v2 9"');
  });

  test('sees the hub go', async () => {
    await house.hub.stop();
    await until('it is gone', () => home.availability() === 'offline');
  });
});

test('a command that waited while the hub was away moves no bolt', async () => {
  const internet = await Internet.to(scene, broker);
  const house = await startHouse(scene, { home_assistant: { url: internet.url } });
  await shown(house, { lock: 'LOCKED' });
  internet.cut();
  await until('the will is told', () => home.availability() === 'offline');
  await home.command(house.deviceId, 'UNLOCK', true);
  await home.command(house.deviceId, 'UNLOCK');
  house.lock.setBatteryPercent(17);
  internet.mend();
  await shown(house, { battery: 17 });
  expect(home.availability()).toBe('online');
  await home.publish('homeassistant/status', 'online');
  const before = home.heard.length;
  await until('what came before was taken', () =>
    home.heard.slice(before).some(({ text }) => text.includes('origin')),
  );
  expect(house.store.commands.openCount()).toBe(0);
  expect(house.lock.bolt).toBe('locked');
});

test('of what happened while its broker was away, it hears the newest and nothing old', async () => {
  const internet = await Internet.to(scene, broker);
  const house = await startHouse(scene, { home_assistant: { url: internet.url } });
  await shown(house, { lock: 'LOCKED' });
  internet.cut();
  await until('the will is told', () => home.availability() === 'offline');
  const start = Date.now();
  const denials = Array.from({ length: 150 }, (_, index) => ({
    event_type: 'lock.access_denied' as const,
    device_id: house.deviceId,
    occurredAt: index === 149 ? start - HOUR_MS : start + index,
  }));
  house.store.append(denials);
  internet.mend();
  await until('all is told', () => home.events(house.deviceId).length === 99);
  const times = home.events(house.deviceId).map(({ payload }) => Date.parse(String(payload['occurred_at'])));
  // A hundred are kept, and one of them is too old by now.
  expect(times).toEqual(denials.slice(50, 149).map(({ occurredAt }) => occurredAt));
});

test('a broker and a prefix of its own get all of it, and the cloud nothing', async () => {
  const cloud = await startMosquitto(scene);
  const atCloud = await Home.at(scene, cloud);
  const backend = await Backend.at(scene, cloud, HUB_ID);
  const house = await startHouse(scene, {
    cloud: { url: cloud.url },
    home_assistant: { url: broker.url, discovery_prefix: 'home/disco' },
  });
  await shown(house, { lock: 'LOCKED' });
  await until('the cloud has its report', () => backend.reports(house.deviceId)[0]);
  expect(home.discovery(house.deviceId, 'home/disco')).toContain(house.deviceId);
  expect(topicsForHome(atCloud)).toEqual([]);
  expect(topicsForHome(home)).not.toEqual([]);
  expect([...home.last.keys()].some((topic) => topic.startsWith('lockhub/v1/'))).toBe(false);
});

test('nothing is told to anybody where it is off', async () => {
  const backend = await Backend.at(scene, broker, HUB_ID);
  const house = await startHouse(scene, { cloud: { url: broker.url } });
  await until('the cloud has its report', () => backend.reports(house.deviceId)[0]);
  house.lock.radioSetBolt('unlocked');
  await until('the cloud knows', () => backend.reports(house.deviceId).at(-1)?.device.locked === false);
  expect(topicsForHome(home)).toEqual([]);
});

test('a broker that is away holds nothing up, and hears of what it can still use', async () => {
  const backend = await Backend.at(scene, broker, HUB_ID);
  const house = await startHouse(scene, {
    cloud: { url: broker.url },
    home_assistant: { url: 'mqtt://127.0.0.1:1' },
  });
  await until('the cloud has its report', () => backend.reports(house.deviceId)[0]);
  house.lock.radioSetBolt('unlocked');
  await until('the cloud knows', () => backend.reports(house.deviceId).at(-1)?.device.locked === false);
  await until('the log tells it', () => house.log.join('').includes('no connection to Home Assistant'));
});
