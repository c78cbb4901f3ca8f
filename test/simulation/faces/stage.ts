import type { Setting } from '../setting.ts';
import { VirtualTime } from '../virtual-clock.ts';
import type { Face, FaceName } from './face.ts';
import { PacedTime } from './paced-time.ts';

/** Where a world takes place: its time, and the radios that its hub gets. */
export interface Stage {
  readonly time: VirtualTime;
  /** `null`: locks that are reached straight, which the world makes itself. */
  readonly face: Face | null;
  /** Lets time pass until something has ended. Rejects after `maxMs`. */
  readonly during: (work: Promise<void>, maxMs: number, each: () => void) => Promise<void>;
}

/**
 * With real libraries a process can have one such world only: its clock, its time zone and its timers are then the
 * world's, and zigbee-herdsman keeps its devices in globals.
 */
export async function openStage(name: FaceName, seed: number, setting: Setting): Promise<Stage> {
  const { start, policy, models } = setting;
  if (name === 'direct') {
    return { time: new VirtualTime(start), face: null, during: (work) => work };
  }
  process.env['TZ'] = policy.timezone;
  const time = new PacedTime(start);
  time.install();
  // Imported only now: libraries may keep the timers that they find.
  const { RadioFace } = await import('./radio-face.ts');
  const names = models.map((model) => model.name);
  const face = await time.during(RadioFace.open(names, seed, policy.timezone), OPEN_MS);
  return { time, face, during: (work, maxMs, each) => time.during(work, maxMs, each) };
}

/** Longest that a simulated house takes to start. */
const OPEN_MS = 60_000;
