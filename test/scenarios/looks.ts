import { isTimeBound, type AccessCode } from '../../src/core/access-code.ts';
import { explain } from '../../src/core/plan/explain.ts';
import { listedCodes, unmanagedCodes } from '../../src/core/request/unmanaged.ts';
import { accessCodeOf, unmanagedCodeOf, viewOf, type View } from '../../src/wire/view.ts';
import type { House } from './house.ts';
import { CODE, LOCK, PIN, type Sentence } from './sentence.ts';

/** Fields of the object, in the order in which the page about creating codes prints them. */
const PAGE_FIELDS = [
  'access_code_id',
  'device_id',
  'type',
  'code',
  'created_at',
  'errors',
  'warnings',
  'starts_at',
  'ends_at',
  'name',
  'status',
  'common_code_key',
  'is_managed',
  'is_waiting_for_code_assignment',
  'is_scheduled_on_device',
  'pulled_backup_access_code_id',
  'is_backup_access_code_available',
  'is_backup',
  'appearance',
  'is_external_modification_allowed',
  'is_offline_access_code',
  'is_one_time_use',
] as const;

/** All that can be looked at in a story. */
export const LOOKS: readonly Sentence[] = [
  { form: `show ${CODE} on ${LOCK}`, act: (house, code, lock) => shown(house, code, lock, PAGE_FIELDS) },
  {
    form: `show (\\w+(?:, \\w+)*) of ${CODE} on ${LOCK}`,
    act: (house, fields, code, lock) => shown(house, code, lock, fields.split(', ')),
  },
  {
    form: `look at ${CODE} on ${LOCK}`,
    act: (house, code, lock) => {
      const view = viewOn(house, lock);
      const found = view.state.codes.find(({ accessCodeId }) => accessCodeId === house.names.idOf(code));
      return found === undefined ? ['not found'] : [summary(found, view)];
    },
  },
  {
    form: `list the codes of ${LOCK}`,
    act: (house, lock) => {
      const view = viewOn(house, lock);
      const listed = listedCodes(view.state).map((code) => `${code.accessCodeId}: ${summary(code, view)}`);
      return orNothing(listed);
    },
  },
  {
    form: `list the unmanaged codes of ${LOCK}`,
    act: (house, lock) => {
      const view = viewOn(house, lock);
      const found = unmanagedCodes(view.state).map((code) => unmanagedCodeOf(code, view));
      for (const { access_code_id } of found) house.names.number(access_code_id, 'unmanaged');
      return orNothing(
        found.map((code) => {
          const cannot = code.cannot_be_managed === true ? ', can not be managed' : '';
          return `${code.access_code_id}: code ${code.code ?? 'unknown'}, status ${code.status}${cannot}`;
        }),
      );
    },
  },
  {
    form: `look at ${LOCK}`,
    act: (house, lock) => {
      const { state, errors, warnings, pool } = viewOn(house, lock);
      const { online, batteryLevel } = state.lock;
      return [
        `${online ? 'online' : 'offline'}, battery ${Math.round((batteryLevel ?? 0) * 100)} %`,
        ...(pool.enabled
          ? [`pool: ${pool.ready} of ${pool.size} ready, ${pool.activePulled} given out`]
          : []),
        ...errors.map(({ error_code, message }) => `error ${error_code}: ${message}`),
        ...warnings.map(({ warning_code, message }) => `warning ${warning_code}: ${message}`),
      ];
    },
  },
  { form: `${LOCK} holds`, act: (house, lock) => orNothing(held(house, lock)) },
  {
    form: `why is ${CODE} on ${LOCK} as it is\\?`,
    act: (house, code, lock) => {
      const { codes } = explain(house.state(lock), house.policy, house.now);
      const found = codes.get(house.names.idOf(code));
      return found === undefined ? ['not found'] : [`${found.reason}: ${found.message}`];
    },
  },
  {
    form: `the radio has done on ${LOCK}, since it was last asked`,
    act: (house, lock) => {
      const done = house.worked.get(house.deviceId(lock)) ?? [];
      house.worked.delete(house.deviceId(lock));
      return orNothing(counted(done));
    },
  },
  {
    form: `the cloud was told of ${LOCK}`,
    act: (house, lock) => {
      const report = house.cloud.report(house.deviceId(lock));
      if (report === undefined) return ['nothing'];
      const { version_received, version_applied, device, codes } = report;
      return [
        `version ${version_received} received, ${version_applied} applied, ${device.online ? 'online' : 'offline'}`,
        ...codes.map(
          ({ access_code_id, status, on_lock, slot, strategy, proof }) =>
            `${access_code_id}: ${status}, ${on_lock} in slot ${slot ?? 'none'}, ${strategy}, proof ${proof ?? 'none'}`,
        ),
      ];
    },
  },
  {
    form: `the cloud was told that ${LOCK} can`,
    act: (house, lock) => {
      const report = house.cloud.report(house.deviceId(lock));
      if (report === undefined) return ['nothing'];
      const { capabilities, properties } = report.device;
      return Object.entries({ ...capabilities, ...properties }).map(
        ([field, value]) => `${field}: ${JSON.stringify(value)}`,
      );
    },
  },
  {
    form: `${PIN} is looked for in all that the hub sent, logged and stored`,
    act: (house, pin) => {
      const places = [
        ...(house.cloud.payloads.some((payload) => payload.includes(pin)) ? ['in a message'] : []),
        ...(house.log.some((line) => line.includes(pin)) ? ['in the log'] : []),
        ...(house.files().some((bytes) => bytes.includes(pin)) ? ['in a file'] : []),
      ];
      return places.length === 0 ? ['it is nowhere'] : places;
    },
  },
];

function viewOn(house: House, lock: string): View {
  const isRadioUp = house.running().reconciler.isRadioUp('zwave');
  return viewOf(house.state(lock), { policy: house.policy, now: house.now, isRadioUp });
}

function shown(house: House, word: string, lock: string, fields: readonly string[]): readonly string[] {
  const view = viewOn(house, lock);
  const code = view.state.codes.find(({ accessCodeId }) => accessCodeId === house.names.idOf(word));
  if (code === undefined) return ['not found'];
  const object: Readonly<Record<string, unknown>> = { ...accessCodeOf(code, view) };
  return fields.flatMap((field) => {
    if (!(field in object)) throw new Error(`An access code has no field "${field}".`);
    return fieldLines(field, object[field]);
  });
}

/** A field on one line; a list of problems or mutations with a line for each. */
function fieldLines(field: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return [`${field}: ${JSON.stringify(value)}`];
  return [`${field}:`, ...value.map((item: unknown) => `  - ${JSON.stringify(item)}`)];
}

function summary(code: AccessCode, view: View): string {
  const object = accessCodeOf(code, view);
  const kind = isTimeBound(code) ? 'time-bound' : 'ongoing';
  const place = code.slot === null ? 'no slot' : `slot ${code.slot}`;
  const scheduled = object.is_scheduled_on_device === true ? ', scheduled on the lock' : '';
  return [
    `${kind}, ${object.status}, ${place}${scheduled}`,
    ...object.errors.map(({ error_code }) => `error ${error_code}`),
    ...object.warnings.map(({ warning_code }) => `warning ${warning_code}`),
  ].join('; ');
}

/** The truth at the lock itself. */
function held(house: House, name: string): readonly string[] {
  const { codes, model } = house.lock(name);
  return codes.slotsInUse().map((slot) => {
    const code = codes.read(slot);
    const pin = code === undefined ? 'no PIN' : code.pin.reveal();
    const disabled = code?.status === 'disabled' ? ', disabled' : '';
    if (!model.schedules) return `slot ${slot}: ${pin}${disabled}`;
    const days = codes.weekDays(slot).filter(({ enabled }) => enabled);
    const week = days.map(({ day, start, stop }) => `${day} ${start} to ${stop}`).join(', ');
    const window = codes.schedule(slot);
    const isTimed = window !== undefined && window.enabled;
    const times = isTimed ? `from ${window.start} to ${window.stop}` : week;
    const schedule = times === '' ? '' : `, ${times} by its own clock`;
    return `slot ${slot}: ${pin}${disabled}${schedule}`;
  });
}

/** The same thing done several times on end is one line. */
function counted(done: readonly string[]): readonly string[] {
  const lines: { what: string; times: number }[] = [];
  for (const what of done) {
    const last = lines.at(-1);
    if (last?.what === what) last.times += 1;
    else lines.push({ what, times: 1 });
  }
  return lines.map(({ what, times }) => (times === 1 ? what : `${what}, ${times} times`));
}

function orNothing(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ['nothing'] : lines;
}
