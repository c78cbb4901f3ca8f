import { afterAll, afterEach, beforeAll, describe, vi } from 'vitest';
import type { Face } from './face.ts';
import { promiseClock } from './promises/clocks.ts';
import { promiseCodes } from './promises/codes.ts';
import { promiseDisabledCodes } from './promises/disabled-codes.ts';
import { promiseDoor, promiseRoughDoor } from './promises/doors.ts';
import { promiseEvents } from './promises/events.ts';
import { promiseHonesty } from './promises/honesty.ts';
import { promiseLife } from './promises/life.ts';
import { promisePairing } from './promises/pairing.ts';
import { promiseSchedules } from './promises/schedules.ts';
import { PortRig } from './rig.ts';
import type { Standing } from './standing.ts';

const START_MS = 120_000;
/** Locks are tried beside each other, for most of the time they sleep; but what one lock is asked has its order. */
const IN_ORDER = { concurrent: false } as const;
const LOCKS_MAX = 16;

/** The models of a face, by name. */
interface Models {
  readonly all: readonly string[];
  /** Those that keep codes; absent: all. */
  readonly coded?: readonly string[];
}

/*
 * Together this is everything that the port promises (`lock-driver.ts`), for the locks of one face. What a lock told that
 * it can do, and what the simulated house knows of it, decide what is asserted; never the face.
 */

/** What each lock of a face promises while nothing is wrong with it. */
export function lockContract({ all, coded = all }: Models, rig: Standing): void {
  vi.setConfig({ maxConcurrency: LOCKS_MAX });
  describe.concurrent.each(all)('%s', (model) => {
    afterEach(() => rig().calm(rig().lock(model)));
    const isCoded = coded.includes(model);
    if (isCoded) {
      describe('its codes', IN_ORDER, () => promiseCodes(model, rig));
      describe('a disabled code', IN_ORDER, () => promiseDisabledCodes(model, rig));
      describe('a window', IN_ORDER, () => promiseSchedules(model, rig));
    }
    describe('its clock', IN_ORDER, () => promiseClock(model, rig));
    describe('its door', IN_ORDER, () => promiseDoor(model, rig));
    if (isCoded) describe('by itself it tells', IN_ORDER, () => promiseEvents(model, rig));
  });
}

/**
 * What is promised of a radio that fails, comes and goes, and of locks that do.
 *
 * @param rough models whose radio is made to fail, which takes its time: one of each way to write; the last one fails in
 *   every way
 */
export function radioContract(rough: readonly string[], rig: Standing): void {
  const roughest = rough.at(-1) ?? '';
  describe('rough', () => {
    afterEach(() => rig().calm());
    describe(`the door of ${roughest}`, () => promiseRoughDoor(roughest, rig));
    promiseHonesty(rough, roughest, rig);
    promiseLife(rig);
    promisePairing(rig);
  });
}

/** A face that stands for all tests of a file. */
export function standing(faceOf: () => Promise<Face>): Standing {
  let rig: PortRig | undefined;
  beforeAll(async () => {
    rig = new PortRig(await faceOf());
    await rig.startAndMeet();
  }, START_MS);
  afterAll(async () => {
    await rig?.stop();
    await rig?.face.stop();
  });
  return () => {
    if (rig === undefined) throw new Error('the face is not there yet');
    return rig;
  };
}
