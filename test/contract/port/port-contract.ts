import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Face } from './face.ts';
import { promiseClocks } from './promises/clocks.ts';
import { promiseCodes } from './promises/codes.ts';
import { promiseDisabledCodes } from './promises/disabled-codes.ts';
import { promiseDoors } from './promises/doors.ts';
import { promiseEvents } from './promises/events.ts';
import { promiseHonesty } from './promises/honesty.ts';
import { promiseLife } from './promises/life.ts';
import { promisePairing } from './promises/pairing.ts';
import { promiseSchedules } from './promises/schedules.ts';
import { PortRig } from './rig.ts';

const START_MS = 120_000;

/** The models of a face, by name. */
interface Models {
  readonly all: readonly string[];
  /** Those that keep codes; absent: all. */
  readonly coded?: readonly string[];
  /** Those whose radio is made to fail, which takes its time: one of each way to write; the last one fails in every way. */
  readonly rough: readonly string[];
}

/** The rig of a face, which stands when the first test begins. */
export type Standing = () => PortRig;

/**
 * Everything that the port promises (`lock-driver.ts`), for the locks of one face. What a lock told that it can do, and
 * what the simulated house knows of it, decide what is asserted; never the face.
 */
export function portContract({ all, coded = all, rough }: Models, faceOf: () => Promise<Face>): void {
  let standing: PortRig | undefined;
  const rig: Standing = () => {
    if (standing === undefined) throw new Error('the face is not there yet');
    return standing;
  };
  beforeAll(async () => {
    standing = new PortRig(await faceOf());
    await standing.startAndMeet();
  }, START_MS);
  afterEach(() => {
    for (const lock of rig().face.locks) {
      lock.fault = { kind: 'none' };
      lock.boltTravelMs = 0;
      lock.jammed = false;
    }
  });
  afterAll(async () => {
    await standing?.stop();
    await standing?.face.stop();
  });
  promiseCodes(coded, rig);
  promiseDisabledCodes(coded, rig);
  promiseSchedules(coded, rig);
  promiseClocks(all, rig);
  const roughest = rough.at(-1) ?? '';
  promiseDoors(all, roughest, rig);
  promiseEvents(coded, rig);
  promiseHonesty(rough, roughest, rig);
  promiseLife(rig);
  promisePairing(rig);
}
