import { BROKERS, rideOut } from '../contract/loss.ts';
import { Scene } from '../contract/cloud-rig.ts';

/**
 * The storm of the loss test at its full length: `scripts/bench loss [MESSAGES] [BROKER]`. It takes some minutes for
 * each broker, and ends with 1 unless hub and cloud agree in the end and each event counted once and in order.
 */
const MESSAGES = 100_000;
const SEED = 42;
const COMPLAINTS_MAX = 20;

const [messages = String(MESSAGES), only] = process.argv.slice(2);
for (const broker of BROKERS.filter(({ name }) => only === undefined || name === only)) {
  const scene = new Scene();
  const { toll, complaints, ...rest } = await rideOut(scene, broker, Number(messages), SEED);
  await scene.end();
  const numbers = { ...toll, ...rest, seconds: Math.round(rest.seconds) };
  console.log(`${broker.name}: ${JSON.stringify(numbers)}`);
  for (const complaint of complaints.slice(0, COMPLAINTS_MAX)) console.log(`  ${complaint}`);
  if (complaints.length > 0) process.exitCode = 1;
}
