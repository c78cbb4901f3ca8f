import type { AccessCodeStatus } from '../../../src/core/access-code.ts';
import type { DomainEvent, EventType } from '../../../src/core/event.ts';
import type { LockState } from '../../../src/core/lock.ts';

/** What was told of one code so far. */
interface Told {
  /** It is there for the one who reads the events. */
  readonly exists: boolean;
  /** It was told to be on the lock. */
  readonly onDevice: boolean;
  /** `null`: it was not said yet. */
  readonly status: AccessCodeStatus | null;
}

/** A code that was found on the lock becomes one of ours, as it is. */
const CONVERTED = 'access_code.unmanaged.converted_to_managed';

/** A request that was refused from the start is told by its error alone. */
const REFUSALS: ReadonlySet<EventType> = new Set(['access_code.failed_to_set_on_device']);

/** Edits of a code that its lock holds from now on, each confirmed by `set_on_device` where the code is set. */
const APPLIED: ReadonlySet<EventType> = new Set([
  'access_code.code_changed',
  'access_code.time_frame_changed',
]);

const NOTHING: Told = { exists: false, onDevice: false, status: 'unset' };

/** Reads the events of all codes as a backend would, and complains about an order that makes no sense. */
export class Events {
  readonly #told = new Map<string, Told>();
  /** Codes that were found on locks. */
  readonly #unmanaged = new Set<string>();

  /** Follows one commit: each event fits what was told before, and what is told fits the state. */
  follow(before: LockState | undefined, after: LockState, events: readonly DomainEvent[]): void {
    const found = new Set(
      [...after.slots, ...(before?.slots ?? [])].map((row) => row.unmanaged?.accessCodeId),
    );
    const touched = new Set<string>();
    const idsOf = (isWanted: (type: EventType) => boolean): ReadonlySet<string | undefined> =>
      new Set(events.filter((event) => isWanted(event.event_type)).map((event) => event.access_code_id));
    const edited = idsOf((type) => APPLIED.has(type));
    const confirmed = idsOf((type) => type === 'access_code.set_on_device');
    for (const event of events) {
      const { access_code_id: id, event_type: type } = event;
      if (id === undefined || !type.startsWith('access_code.')) continue;
      if (type.startsWith('access_code.unmanaged.')) this.#found(type, id);
      if (type.startsWith('access_code.unmanaged.') && type !== CONVERTED) continue;
      // Of a code that was found on the lock, and is to go, only that is told.
      if (type !== CONVERTED && found.has(id) && this.#told.get(id)?.exists !== true) continue;
      touched.add(id);
      this.#told.set(id, next(this.#told.get(id) ?? NOTHING, event, id, edited.has(id)));
      if (type === 'access_code.backup_access_code_pulled') this.#pulled(before, event);
    }
    for (const { accessCodeId: id, status, isBackup, rejected } of after.codes) {
      const told = this.#told.get(id) ?? NOTHING;
      touched.delete(id);
      // Of a code that was found on the lock and is to go, nothing is told but that it is gone.
      if (isBackup || found.has(id) || (rejected !== null && !told.exists)) continue;
      if (edited.has(id) && status === 'set' && !confirmed.has(id))
        throw new Error(`${id} was edited, and nobody was told that it is set`);
      if (told.status === null) this.#told.set(id, { ...told, status });
      else if (told.status !== status)
        throw new Error(`${id} is ${status} and was told to be ${told.status}`);
    }
    for (const id of touched) {
      if (this.#told.get(id)?.exists === true) throw new Error(`${id} is gone and nobody was told`);
    }
  }

  /** Codes found on a lock come once, and go or are adopted once. */
  #found(type: EventType, id: string): void {
    if (type === 'access_code.unmanaged.failed_to_convert_to_managed') return;
    const isNew = type === 'access_code.unmanaged.created';
    if (isNew === this.#unmanaged.has(id))
      throw new Error(`${type} of ${id} ${isNew ? 'again' : 'that was never found'}`);
    if (!isNew) this.#unmanaged.delete(id);
    else {
      this.#unmanaged.add(id);
      // One of ours that was handed back is a code of others from now on.
      this.#told.delete(id);
    }
  }

  /** The backend gets to know a code of the pool, which is on the lock. */
  #pulled(before: LockState | undefined, { details }: DomainEvent): void {
    const id = String(details?.['backup_access_code_id']);
    const code = before?.codes.find(({ accessCodeId }) => accessCodeId === id);
    if (code === undefined) throw new Error(`${id} was pulled and was not in the pool`);
    this.#told.set(id, { exists: true, onDevice: code.everOnDevice, status: code.status });
  }
}

type Fail = (why: string) => never;

/** `isEdited`: an edit of it has become true on the lock at the same moment. */
function next(told: Told, event: DomainEvent, id: string, isEdited: boolean): Told {
  const fail = (why: string): never => {
    throw new Error(`${event.event_type} of ${id}, ${why}`);
  };
  const begins = event.event_type === 'access_code.created' || event.event_type === CONVERTED;
  if (!begins && !told.exists && !REFUSALS.has(event.event_type)) fail('which nobody was told of');
  const isSetAgain = event.event_type === 'access_code.set_on_device' && told.status === 'set';
  if (isSetAgain && !isEdited) fail('which was set already');
  return STEPS[event.event_type]?.(told, event, fail) ?? told;
}

/** What an event changes of what is known; the others change nothing. */
const STEPS: Readonly<Partial<Record<EventType, (told: Told, event: DomainEvent, fail: Fail) => Told>>> = {
  'access_code.created': (told, _event, fail) =>
    told.exists ? fail('which was there already') : { ...NOTHING, exists: true },
  [CONVERTED]: () => ({ exists: true, onDevice: true, status: null }),
  'access_code.set_on_device': (told) => ({ ...told, onDevice: true, status: 'set' }),
  'access_code.scheduled_on_device': (told, _event, fail) =>
    told.status === 'set' ? fail('which is set') : { ...told, onDevice: true },
  'access_code.removed_from_device': (told) => ({ ...told, onDevice: false }),
  'access_code.deleted': (told, _event, fail) =>
    told.onDevice ? fail('which was told to be on the lock') : NOTHING,
  'access_code.changed': changed,
};

function changed(told: Told, event: DomainEvent, fail: Fail): Told {
  const properties = event.details?.['changed_properties'] as readonly {
    readonly property: string;
    readonly from?: AccessCodeStatus;
    readonly to?: AccessCodeStatus;
  }[];
  const status = properties.find(({ property }) => property === 'status');
  if (status?.to === undefined) return told;
  if (told.status !== null && status.from !== told.status)
    fail(`from ${status.from} when it was ${told.status}`);
  if (status.to === 'set') fail('to set, which has an event of its own');
  return { ...told, status: status.to };
}
