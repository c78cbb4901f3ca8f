import { z } from 'zod';
import { SECOND_MS } from '../../src/core/time.ts';
import type { Refusal } from './lock/code-table.ts';
import { DEFAULT_DELAY_MS, type Fault } from './lock/fault.ts';
import type { SimKeypad } from './keypad.ts';
import { atKeypad, keypadView, type Keypads } from './keypad-calls.ts';
import { ControlError, parse } from './control-error.ts';
import type { SimLock } from './lock/lock.ts';
import { LOCK_MODELS, type ModelName } from './lock/model.ts';
import { zigbeeLabelOf } from './zigbee/label.ts';
import { ZIGBEE_MODEL_NAMES, zigbeeModelOf, type ZigbeeModelName } from './zigbee/model.ts';
import { userOf } from './zigbee/users.ts';

/** Longest delay of a slow lock. */
const DELAY_MAX_MS = 60_000;
const DRIFT_PPM_MAX = 10_000;
const OFFSET_MAX_SECONDS = 50 * 366 * 86_400;

const digits = z.string().regex(/^[0-9]{1,32}$/, 'expected digits');
const probability = z.number().min(0).max(1);
const typed = z.object({ pin: digits });
const programmed = z.object({ slot: z.int(), pin: digits });
const battery = z.object({ level: z.number().min(0).max(100) });
const delayAfterWrite = z.number().min(0).max(DELAY_MAX_MS).default(DEFAULT_DELAY_MS);
/** `offset_seconds` makes the clock wrong at once, `drift_ppm` from now on more and more. */
const clock = z.object({
  offset_seconds: z.number().min(-OFFSET_MAX_SECONDS).max(OFFSET_MAX_SECONDS).optional(),
  drift_ppm: z.number().min(-DRIFT_PPM_MAX).max(DRIFT_PPM_MAX).optional(),
});
/** `active: false` ends a jam or a tamper alarm. */
const alarm = z.object({ active: z.boolean().default(true) });
const bolt = z.object({ travel_ms: z.number().min(0).max(DELAY_MAX_MS) });
const radio = z.object({ radio: z.enum(['zwave', 'zigbee']) });
const zwaveLock = z.object({ model: z.enum(Object.keys(LOCK_MODELS) as [ModelName]) });
const zwaveKeypad = z.object({ radio: z.literal('zwave'), model: z.literal('keypad') });
const zigbeeLock = z.object({ model: z.enum(ZIGBEE_MODEL_NAMES) });
const fault = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('unreachable') }),
  z.object({ kind: z.literal('no_answer') }),
  z.object({ kind: z.literal('slow'), delay_ms: z.number().min(0).max(DELAY_MAX_MS).default(SECOND_MS) }),
  z.object({ kind: z.literal('drop'), probability: probability.default(0.5) }),
  z.object({ kind: z.literal('garbled'), probability: probability.default(0.5) }),
  z.object({ kind: z.literal('duplicate'), probability: probability.default(0.5) }),
  z.object({ kind: z.literal('stale_reads'), delay_ms: delayAfterWrite }),
  z.object({ kind: z.literal('drops_writes') }),
  z.object({ kind: z.literal('fights_back'), delay_ms: delayAfterWrite }),
  z.object({ kind: z.literal('refuses_disabled') }),
  z.object({ kind: z.literal('foreign_keys') }),
]);

/** The doors of a house. */
export interface Doors extends Keypads {
  readonly locks: readonly SimLock[];
  /** Hangs one more lock at a door, in no network yet. `undefined`: there is no room. */
  hang(model: ModelName): SimLock | undefined;
  /** The same for a Z-Wave keypad. */
  hangKeypad(): SimKeypad | undefined;
  /** The same for Zigbee locks; absent: the house has no Zigbee. */
  readonly hangZigbee?: (model: ZigbeeModelName) => SimLock | undefined;
  /** Another stick, fresh from the factory, takes the place of the one that is plugged in. */
  readonly replaceZwaveStick: () => void;
  /** The same; absent: the house has no Zigbee. */
  readonly replaceZigbeeStick?: () => void;
}

type Call = (lock: SimLock, body: unknown) => unknown;

const POST_CALLS: ReadonlyMap<string, Call> = new Map(
  Object.entries<Call>({
    keypad: (lock, body) => lock.typePin(parse(typed, body).pin),
    program: (lock, body) => {
      const { slot, pin } = parse(programmed, body);
      return taken(lock, lock.programPin(slot, pin));
    },
    fault: (lock, body) => {
      lock.fault = faultOf(parse(fault, body));
      return view(lock);
    },
    battery: (lock, body) => {
      lock.setBatteryPercent(parse(battery, body).level);
      return view(lock);
    },
    clock: (lock, body) => {
      const { offset_seconds: offset, drift_ppm: drift } = parse(clock, body);
      if (drift !== undefined) lock.clock.setDriftPpm(drift);
      if (offset !== undefined) lock.clock.setOffsetMs(offset * SECOND_MS);
      return view(lock);
    },
    jam: (lock, body) => {
      lock.setJammed(parse(alarm, body).active);
      return view(lock);
    },
    bolt: (lock, body) => {
      lock.boltTravelMs = parse(bolt, body).travel_ms;
      return view(lock);
    },
    lock: (lock) => {
      if (!lock.pressLock()) throw new ControlError(409, 'the bolt is stuck');
      return view(lock);
    },
    join: (lock) => {
      lock.membership.askToJoin();
      return view(lock);
    },
    leave: (lock) => {
      if (!lock.membership.joined) throw new ControlError(409, 'the lock is in no network');
      lock.membership.askToLeave();
      return view(lock);
    },
    rejoin: (lock) => {
      if (lock.ieee === null || !lock.membership.joined)
        throw new ControlError(409, 'the lock is in no Zigbee network');
      lock.membership.askToRejoin();
      return view(lock);
    },
    tamper: (lock, body) => {
      lock.setTampered(parse(alarm, body).active);
      return view(lock);
    },
    reset: (lock) => {
      lock.reset();
      return view(lock);
    },
  }),
);

/** Carries out one call of the control interface. Throws `ControlError` for what it cannot do. */
export function answer(doors: Doors, method: string, path: string, body: unknown): unknown {
  const { locks } = doors;
  const [root, id, call, detail, ...rest] = path.split('/').filter((part) => part !== '');
  if (method === 'POST' && root === 'join' && id === undefined) {
    return join(doors, body);
  }
  if (method === 'POST' && root === 'stick' && id === undefined) return replaceStick(doors, body);
  if (root === 'keypads' && detail === undefined) return atKeypad(doors, method, { path, id, call }, body);
  if (root !== 'locks' || rest.length > 0) throw new ControlError(404, `no such call: ${method} ${path}`);
  if (method === 'GET' && id === undefined) return locks.map(view);
  const lock = locks.find((candidate) => candidate.id === id);
  if (lock === undefined) throw new ControlError(404, `no such lock: ${id ?? ''}`);
  if (method === 'GET' && call === undefined) return view(lock);
  if (method === 'DELETE' && call === 'program' && detail !== undefined) {
    return taken(lock, lock.unprogramPin(Number(detail)));
  }
  const post = call === undefined || detail !== undefined ? undefined : POST_CALLS.get(call);
  if (method !== 'POST' || post === undefined) throw new ControlError(404, `no such call: ${method} ${path}`);
  return post(lock, body);
}

/** Somebody hangs a new lock and has it ask to join; it goes on asking until a network lets it in. */
function join(doors: Doors, body: unknown): unknown {
  if (zwaveKeypad.safeParse(body).success) return joinKeypad(doors);
  const lock = hang(doors, body);
  if (lock === undefined) throw new ControlError(409, 'the house has no room for another lock');
  lock.membership.askToJoin();
  return view(lock);
}

function joinKeypad(doors: Doors): unknown {
  const keypad = doors.hangKeypad();
  if (keypad === undefined) throw new ControlError(409, 'the house has no room for another keypad');
  keypad.membership.askToJoin();
  return keypadView(keypad);
}

function hang(doors: Doors, body: unknown): SimLock | undefined {
  const { hangZigbee } = doors;
  if (parse(radio, body).radio === 'zwave') return doors.hang(parse(zwaveLock, body).model);
  if (hangZigbee === undefined) throw new ControlError(501, 'this house has no Zigbee locks');
  return hangZigbee(parse(zigbeeLock, body).model);
}

function replaceStick(doors: Doors, body: unknown): unknown {
  const isZigbee = parse(radio, body).radio === 'zigbee';
  const replace = isZigbee ? doors.replaceZigbeeStick : doors.replaceZwaveStick;
  if (replace === undefined) throw new ControlError(501, 'this house has no Zigbee stick');
  replace();
  return {};
}

/** The truth about a lock, as the control interface shows it. PINs in clear: there is no other house to burgle. */
function view(lock: SimLock) {
  return {
    id: lock.id,
    radio: lock.ieee === null ? 'zwave' : 'zigbee',
    address: lock.ieee ?? lock.address,
    ...(lock.ieee === null ? {} : { short_address: lock.address }),
    model: lock.model.name,
    serial: lock.serial,
    bolt: lock.jammed ? 'jammed' : lock.bolt,
    battery: lock.batteryPercent,
    tampered: lock.tampered,
    clock: lock.clock.view(),
    admin: lock.codes.admin === null ? null : adminView(lock.codes.admin),
    slots: lock.codes.slotsInUse().map((slot) => slotView(lock, slot)),
    wrong_codes: lock.wrongCodes,
    frames: { ...lock.frames },
    writes: Object.fromEntries(lock.writes),
    schedule_writes: Object.fromEntries(lock.scheduleWrites),
    fault: lock.fault.kind,
    identified: lock.identified,
    joined: lock.membership.joined,
    asks: lock.membership.asks,
    label: labelView(lock),
  };
}

function adminView({ slot, pin }: NonNullable<SimLock['codes']['admin']>) {
  return { slot, pin: pin.reveal() };
}

/** What is printed on the lock; on one with Z-Wave and without S2 nothing is. */
function labelView({ membership: { label }, ieee, serial }: SimLock) {
  if (ieee !== null) {
    const { installCode, qr } = zigbeeLabelOf(serial, ieee);
    return { install_code: installCode, qr };
  }
  return label && { dsk: label.dsk, pin: label.pin, qr: label.qr };
}

function slotView(lock: SimLock, slot: number) {
  const held = lock.codes.read(slot);
  const schedule = lock.codes.schedule(slot);
  const zigbee = zigbeeModelOf(lock.model);
  return {
    slot,
    // Zigbee locks differ in where they begin to count on the air.
    ...(zigbee === undefined ? {} : { user: userOf(zigbee, slot) }),
    pin: held?.pin.reveal() ?? null,
    status: held?.status ?? 'available',
    ...(lock.model.userTypes ? { user_type: lock.codes.userType(slot) } : {}),
    schedules: [...(schedule === undefined ? [] : [{ ...schedule }]), ...lock.codes.weekDays(slot)],
  };
}

function taken(lock: SimLock, refusal: Refusal | undefined): unknown {
  if (refusal !== undefined) throw new ControlError(409, `the lock refuses: ${refusal}`);
  return view(lock);
}

function faultOf(asked: z.infer<typeof fault>): Fault {
  switch (asked.kind) {
    case 'none':
    case 'unreachable':
    case 'no_answer':
    case 'drops_writes':
    case 'refuses_disabled':
    case 'foreign_keys':
      return { kind: asked.kind };
    case 'slow':
    case 'stale_reads':
    case 'fights_back':
      return { kind: asked.kind, delayMs: asked.delay_ms };
    case 'drop':
    case 'garbled':
    case 'duplicate':
      return { kind: asked.kind, probability: asked.probability };
  }
}
