import { LOCK_MODELS, type LockModel } from '../../drivers/sim/lock/model.ts';
import { handBack } from '../../src/core/request/unmanaged.ts';
import { CLOUD_DEEDS } from './cloud-deeds.ts';
import type { House } from './house.ts';
import { ISSUER_DEEDS } from './issuer-deeds.ts';
import { LOCK_DEEDS } from './lock-deeds.ts';
import { CODE, FIELDS, fieldsOf, LOCK, quiet, type Sentence } from './sentence.ts';
import { DURATION, durationMs, MOMENT, momentAt } from './times.ts';

const KINDS: Readonly<Record<string, LockModel>> = {
  'plain lock': LOCK_MODELS['uc-v1'],
  'lock that hides its PINs': LOCK_MODELS['uc-v1-masked'],
  'lock that keeps schedules': LOCK_MODELS['uc-v2'],
  'lock that holds disabled codes': LOCK_MODELS.u3c,
};

const HUB_SETTINGS: ReadonlySet<string> = new Set([
  'jitLeadMs',
  'nativePreloadMs',
  'strictStart',
  'backupPoolSize',
  'auditFramesPerDay',
  'repeatedWritesPerHour',
  'safeMode',
]);

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

const hubDeeds: readonly Sentence[] = [
  { form: 'the hub starts', happens: true, act: (house) => quiet(house.boot()) },
  { form: 'the power goes', happens: true, act: (house) => quiet(house.kill()) },
  { form: 'the power comes back', happens: true, act: (house) => quiet(house.boot()) },
  { form: 'the internet goes', happens: true, act: (house) => quiet(house.setLink(false)) },
  { form: 'the internet comes back', happens: true, act: (house) => quiet(house.setLink(true)) },
  { form: 'the radio goes', happens: true, act: (house) => quiet(house.plugRadio(false)) },
  {
    form: 'the radio comes back',
    happens: true,
    act: (house) => quiet(house.plugRadio(true)),
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
      const pull = house.running().pull(house.deviceId(lock), house.names.idOf(code));
      if (pull === undefined) throw new Error(`The hub knows nothing of ${lock}.`);
      if (pull.kind === 'refused') return [`refused: ${pull.reason}: ${pull.message}`];
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
  ...CLOUD_DEEDS,
  ...hubDeeds,
  ...LOCK_DEEDS,
  ...ISSUER_DEEDS,
  ...timeDeeds,
];

async function passTo(house: House, at: number): Promise<readonly string[]> {
  await house.passTo(at);
  return [];
}
