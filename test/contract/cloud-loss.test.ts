import { afterEach, beforeEach, expect, test } from 'vitest';
import { BROKERS, rideOut } from './loss.ts';
import { Scene } from './cloud-rig.ts';

/** PUBLISH packets of both sides before they get time to agree; `scripts/bench loss` takes 100,000. */
const MESSAGES = 2000;
const SEED = 42;
/** NATS drains slowest: what it could not deliver waits for its `ack_wait`. */
const TIMEOUT_MS = 360_000;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

test.each(BROKERS)(
  'a storm in front of $name: what is wanted is reported, and each event counts once and in order',
  async (broker) => {
    const { toll, complaints } = await rideOut(scene, broker, MESSAGES, SEED);
    expect(complaints).toEqual([]);
    expect(toll.lost / toll.messages).toBeGreaterThan(0.25);
    expect(toll.doubled / (toll.messages - toll.lost)).toBeGreaterThan(0.25);
    expect(toll.cuts).toBeGreaterThan(toll.messages / 40);
    expect(toll.overtaken).toBeGreaterThan(toll.messages / 20);
  },
  TIMEOUT_MS,
);
