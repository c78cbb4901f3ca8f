import type { Fault } from '../../drivers/sim/lock/fault.ts';
import { LOCK, PIN, quiet, type Sentence } from './sentence.ts';
import { DURATION, durationMs } from './times.ts';

const FAULTS: Readonly<Record<string, Fault>> = {
  'is out of reach': { kind: 'unreachable' },
  'hears and never answers': { kind: 'no_answer' },
  'confirms and forgets what is written': { kind: 'drops_writes' },
  'puts back what was there before, after 2 seconds': { kind: 'fights_back', delayMs: 2000 },
  'enables what was to be disabled': { kind: 'refuses_disabled' },
  'is all right again': { kind: 'none' },
};

/** Three hours a second: a clock that is minutes ahead as soon as it has been set. */
const RUNAWAY_PPM = 10_800 * 1_000_000;

/** What can happen to a lock in a story, or be done to it. */
export const LOCK_DEEDS: readonly Sentence[] = [
  {
    form: `${LOCK} (${Object.keys(FAULTS).join('|')})`,
    happens: true,
    atLock: true,
    act: (house, lock, what) => {
      const fault = FAULTS[what];
      if (fault === undefined) throw new Error(`Nothing like "${what}" can be wrong with a lock.`);
      house.lock(lock).fault = fault;
      return [];
    },
  },
  {
    form: `somebody programs slot (\\d+) of ${LOCK} with ${PIN}`,
    happens: true,
    atLock: true,
    act: (house, slot, lock, pin) => {
      const refusal = house.lock(lock).programPin(Number(slot), pin);
      return refusal === undefined ? [] : [`the lock says no: ${refusal}`];
    },
  },
  {
    form: `somebody erases slot (\\d+) of ${LOCK}`,
    happens: true,
    atLock: true,
    act: (house, slot, lock) => {
      const refusal = house.lock(lock).unprogramPin(Number(slot));
      return refusal === undefined ? [] : [`the lock says no: ${refusal}`];
    },
  },
  {
    form: `somebody resets ${LOCK}`,
    happens: true,
    atLock: true,
    act: (house, lock) => quiet(house.lock(lock).reset()),
  },
  {
    form: `somebody types ${PIN} at ${LOCK}`,
    happens: true,
    atLock: true,
    act: (house, pin, lock) => {
      const { opened } = house.lock(lock).typePin(pin);
      return [opened ? 'the door opens' : 'the door stays shut'];
    },
  },
  {
    form: `what the locks tell is heard (${DURATION}) later`,
    act: (house, duration) => {
      house.reportDelayMs = durationMs(duration);
      return [];
    },
  },
  {
    form: 'what the locks tell is heard at once',
    act: (house) => {
      house.reportDelayMs = 0;
      return [];
    },
  },
  {
    form: `the clock of ${LOCK} runs away`,
    happens: true,
    act: (house, lock) => quiet(house.lock(lock).clock.setDriftPpm(RUNAWAY_PPM)),
  },
  {
    form: `the clock of ${LOCK} keeps time again`,
    happens: true,
    act: (house, lock) => quiet(house.lock(lock).clock.setDriftPpm(0)),
  },
  {
    form: `the clock of ${LOCK} is (${DURATION}) (fast|slow)`,
    happens: true,
    atLock: true,
    act: (house, lock, duration, way) =>
      quiet(
        house.lock(lock).clock.setOffsetMs(way === 'fast' ? durationMs(duration) : -durationMs(duration)),
      ),
  },
  {
    form: `the battery of ${LOCK} is at (\\d+) %`,
    happens: true,
    atLock: true,
    act: (house, lock, percent) => quiet(house.lock(lock).setBatteryPercent(Number(percent))),
  },
  {
    form: `${LOCK} jams`,
    happens: true,
    atLock: true,
    act: (house, lock) => quiet(house.lock(lock).setJammed(true)),
  },
  {
    form: `${LOCK} moves freely again`,
    happens: true,
    atLock: true,
    act: (house, lock) => quiet(house.lock(lock).setJammed(false)),
  },
  {
    form: `somebody opens the housing of ${LOCK}`,
    happens: true,
    atLock: true,
    act: (house, lock) => quiet(house.lock(lock).setTampered(true)),
  },
  {
    form: `the housing of ${LOCK} is closed`,
    happens: true,
    atLock: true,
    act: (house, lock) => quiet(house.lock(lock).setTampered(false)),
  },
];
