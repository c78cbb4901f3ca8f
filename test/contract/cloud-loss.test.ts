import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scene, startAedes, startMosquitto } from './cloud-rig.ts';
import { rideOut } from './loss.ts';
import { startNats } from './nats.ts';

/** PUBLISH packets of both sides; `LOCKHUB_LOSS_MESSAGES=100000` is the whole measure. */
const MESSAGES = Number(process.env['LOCKHUB_LOSS_MESSAGES'] ?? 2000);
const MESSAGES_PER_SECOND_MIN = 20;
const SEED = 42;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

test.each([
  ['mosquitto', startMosquitto, 5],
  ['aedes', startAedes, 4],
  ['nats', startNats, 4],
] as const)(
  'a storm in front of %s: what is wanted is reported, and each event counts once and in order',
  async (name, startBroker, protocolVersion) => {
    const outcome = await rideOut(scene, await startBroker(scene), protocolVersion, MESSAGES, SEED);
    const { toll, events, made, violations, differences, seconds } = outcome;
    console.info(name, JSON.stringify({ ...toll, events: events.length, seconds: Math.round(seconds) }));
    expect(violations).toEqual([]);
    expect(differences).toEqual([]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    for (const [deviceId, count] of made) {
      const notes = events
        .filter((event) => event['device_id'] === deviceId && event.event_type === 'lock.unlocked')
        .map((event) => event['note']);
      expect(notes).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    }
    expect(toll.lost / toll.messages).toBeGreaterThan(0.25);
    expect(toll.doubled / (toll.messages - toll.lost)).toBeGreaterThan(0.25);
    expect(toll.cuts).toBeGreaterThan(toll.messages / 40);
    expect(toll.overtaken).toBeGreaterThan(toll.messages / 20);
  },
  400_000 + (MESSAGES / MESSAGES_PER_SECOND_MIN) * 1000,
);
