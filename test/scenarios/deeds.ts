import { LOCK_MODELS, type LockModel } from '../../drivers/sim/lock/model.ts';
import type { Fault } from '../../drivers/sim/lock/fault.ts';
import { pullBackup } from '../../src/core/pool.ts';
import { handBack } from '../../src/core/unmanaged.ts';
import type { House } from './house.ts';
import { CODE, FIELDS, fieldsOf, LOCK, PIN, type Sentence } from './sentence.ts';
import { DURATION, durationMs, MOMENT, momentAt } from './times.ts';

const KINDS: Readonly<Record<string, LockModel>> = {
  'plain lock': LOCK_MODELS['uc-v1'],
  'lock that hides its PINs': LOCK_MODELS['uc-v1-masked'],
  'lock that keeps schedules': LOCK_MODELS['uc-v2'],
  'lock that holds disabled codes': LOCK_MODELS.u3c,
};

const FAULTS: Readonly<Record<string, Fault>> = {
  'is out of reach': { kind: 'unreachable' },
  'hears and never answers': { kind: 'no_answer' },
  'confirms and forgets what is written': { kind: 'drops_writes' },
  'puts back what was there before, after 2 seconds': { kind: 'fights_back', delayMs: 2000 },
  'enables what was to be disabled': { kind: 'refuses_disabled' },
  'is all right again': { kind: 'none' },
};

const HUB_SETTINGS: ReadonlySet<string> = new Set([
  'jitLeadMs',
  'nativePreloadMs',
  'strictStart',
  'backupPoolSize',
  'auditFramesPerDay',
  'repeatedWritesPerHour',
]);

/** Three hours a second: a clock that is minutes ahead as soon as it has been set. */
const RUNAWAY_PPM = 10_800 * 1_000_000;

/** What a story begins with. */
const beginnings: readonly Sentence[] = [
  {
    form: `${LOCK} is a (${Object.keys(KINDS).join('|')})(?: with (\\d+) slots)?`,
    act: (house, name, kind, slots) => {
      const model = KINDS[kind];
      if (model === undefined) throw new Error(`There are no locks of the kind "${kind}".`);
      house.addLock(name, slots === '' ? model : { ...model, slots: Number(slots) });
      return [];
    },
  },
  {
    form: `the hub is configured with ${FIELDS}`,
    act: (house, fields) => {
      const settings = fieldsOf(fields);
      for (const key of Object.keys(settings)) {
        if (!HUB_SETTINGS.has(key)) throw new Error(`"${key}" is no setting.`);
      }
      house.policy = { ...house.policy, ...settings };
      return [];
    },
  },
];

const cloudDeeds: readonly Sentence[] = [
  {
    form: `the cloud wants ${CODE} on ${LOCK}(?:: ${FIELDS})?`,
    happens: true,
    act: (house, code, lock, fields) => {
      const deviceId = house.deviceId(lock);
      house.cloud.note(deviceId, house.names.idOf(code), fieldsOf(fields));
      house.cloud.sendNext(deviceId);
      return [];
    },
  },
  {
    form: `the cloud notes ${CODE} for ${LOCK}(?:: ${FIELDS})?`,
    act: (house, code, lock, fields) => {
      house.cloud.note(house.deviceId(lock), house.names.idOf(code), fieldsOf(fields));
      return [];
    },
  },
  {
    form: `the cloud sends its document of ${LOCK}`,
    happens: true,
    act: (house, lock) => {
      house.cloud.sendNext(house.deviceId(lock));
      return [];
    },
  },
  {
    form: `the cloud changes ${CODE} on ${LOCK}: ${FIELDS}`,
    happens: true,
    act: (house, code, lock, fields) => {
      const deviceId = house.deviceId(lock);
      const id = house.names.idOf(code);
      house.cloud.note(deviceId, id, { ...house.cloud.entry(deviceId, id), ...fieldsOf(fields) });
      house.cloud.sendNext(deviceId);
      return [];
    },
  },
  {
    form: `the cloud deletes ${CODE} from ${LOCK}`,
    happens: true,
    act: (house, code, lock) => {
      const deviceId = house.deviceId(lock);
      house.cloud.note(deviceId, house.names.idOf(code), null);
      house.cloud.sendNext(deviceId);
      return [];
    },
  },
  {
    form: `the cloud has the unmanaged ${CODE} deleted from ${LOCK}`,
    happens: true,
    act: (house, code, lock) => {
      const deviceId = house.deviceId(lock);
      house.cloud.bury(deviceId, house.names.idOf(code));
      house.cloud.sendNext(deviceId);
      return [];
    },
  },
  {
    form: `the broker delivers the document of ${LOCK} once more`,
    happens: true,
    act: (house, lock) => {
      house.cloud.sendAgain(house.deviceId(lock));
      return [];
    },
  },
];

const hubDeeds: readonly Sentence[] = [
  { form: 'the hub starts', happens: true, act: (house) => quiet(house.boot()) },
  { form: 'the power goes', happens: true, act: (house) => quiet(house.kill()) },
  { form: 'the power comes back', happens: true, act: (house) => quiet(house.boot()) },
  { form: 'the internet goes', happens: true, act: (house) => quiet(house.setLink(false)) },
  { form: 'the internet comes back', happens: true, act: (house) => quiet(house.setLink(true)) },
  { form: 'the radio goes', happens: true, act: (house) => quiet(house.running().driver.setPlugged(false)) },
  {
    form: 'the radio comes back',
    happens: true,
    act: (house) => quiet(house.running().driver.setPlugged(true)),
  },
  {
    form: `the hub knows the time only to (${DURATION})`,
    happens: true,
    act: (house, duration) => quiet(house.setUncertainty(durationMs(duration))),
  },
  { form: 'the hub knows the time again', happens: true, act: (house) => quiet(house.setUncertainty(0)) },
  {
    form: 'the hub audits its locks',
    happens: true,
    act: (house) => quiet(house.running().reconciler.audit()),
  },
  {
    form: `the backup code of ${CODE} on ${LOCK} is pulled`,
    happens: true,
    act: (house, code, lock) => {
      const state = house.state(lock);
      const pull = pullBackup(state, house.names.idOf(code), house.now);
      if (pull.kind === 'refused') return [`refused: ${pull.reason}: ${pull.message}`];
      house.commit(lock, state, pull.step.state, pull.step.events);
      house.names.number(pull.backupAccessCodeId, 'backup');
      return [`pulled: ${house.names.in(pull.backupAccessCodeId)}`];
    },
  },
  {
    form: `${CODE} on ${LOCK} is no longer managed`,
    happens: true,
    act: (house, code, lock) => {
      const state = house.state(lock);
      const handed = handBack(state, house.names.idOf(code), house.now);
      if (handed.kind === 'refused') return [`refused: ${handed.reason}: ${handed.message}`];
      house.commit(lock, state, handed.step.state, handed.step.events);
      return [];
    },
  },
];

const lockDeeds: readonly Sentence[] = [
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

const timeDeeds: readonly Sentence[] = [
  {
    form: `(${DURATION}) pass(?:es)?`,
    happens: true,
    act: (house, duration) => passTo(house, house.time.now + durationMs(duration)),
  },
  { form: `it becomes (${MOMENT})`, happens: true, act: (house, moment) => passTo(house, momentAt(moment)) },
];

/** All that can happen in a story. */
export const DEEDS: readonly Sentence[] = [
  ...beginnings,
  ...cloudDeeds,
  ...hubDeeds,
  ...lockDeeds,
  ...timeDeeds,
];

async function passTo(house: House, at: number): Promise<readonly string[]> {
  await house.passTo(at);
  return [];
}

function quiet(_done: void): readonly string[] {
  return [];
}
