import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { SUBSYSTEM, TYPE, type LineFrame } from '../../drivers/sim/zigbee/unpi.ts';
import type { Operation } from '../../src/core/operation.ts';
import { sameSchedule } from '../../src/core/schedule.ts';
import { ZigbeeLine } from './zigbee-line.ts';
import { letIn, startZigbeeHouse, startZigbeeRig, zigbeeLock, type ZigbeeRig } from './zigbee-rig.ts';
import { eventually, heldBy, pinOf } from './zwave-rig.ts';

const START_MS = 60_000;
const TEST_MS = 120_000;
const AF_DATA_REQUEST = 0x01;
const AF_DATA_CONFIRM = 0x80;
const NO_ACK = 0xe9;
/** Place of the hub's end point and of the number of a frame in what it sends. */
const AT = { sourceEndpoint: 3, transaction: 6 } as const;
/** No operation takes as many frames; and a hub has a code right in fewer steps. */
const FRAMES_MAX = 24;
const STEPS_MAX = 8;

const WINDOW = { start: '2030-07-01T15:00', stop: '2030-07-03T11:00' };
const INSIDE = '2030-07-02T12:00:00';
const OUTSIDE = '2030-07-04T12:00:00';

let line: ZigbeeLine;
let port: string;
let rig: ZigbeeRig;
let lock: SimLock;

beforeAll(async () => {
  const house = await startZigbeeHouse(['dl-schedules']);
  line = new ZigbeeLine(house.zigbee ?? '');
  port = await line.plug();
  rig = await startZigbeeRig(house, {}, { port });
  lock = zigbeeLock(rig, 'dl-schedules');
  await letIn(rig, lock);
}, START_MS);

afterAll(async () => {
  await rig.stop();
  line.pull();
  await rig.house.stop();
});

/** The hub dies: with the frame still its own, or with the frame at the lock and no answer. */
type Death = 'before' | 'after';

const pinAt = (slot: number): string => String(600_000 + slot);
const otherPinAt = (slot: number): string => String(700_000 + slot);
const create = (slot: number): readonly Operation[] => [
  { kind: 'set_schedule', slot, window: WINDOW },
  { kind: 'set_pin', slot, pin: pinOf(pinAt(slot)), enabled: true },
];
const change = (slot: number): readonly Operation[] => [
  { kind: 'set_pin', slot, pin: pinOf(otherPinAt(slot)), enabled: true },
];
const erase = (slot: number): readonly Operation[] => [{ kind: 'clear_slot', slot }];
const nothing = (): readonly Operation[] => [];

it.each([
  { name: 'a code with a window that is new', first: nothing, then: create, deaths: ['before', 'after'] },
  { name: 'another PIN for it', first: create, then: change, deaths: ['before', 'after'] },
  { name: 'its end', first: create, then: erase, deaths: ['after'] },
] as const)(
  '$name: however far the hub came when it died, it never opens outside the window and ends up right',
  async ({ first, then, deaths }) => {
    const slots = await dieAtEachFrame(first, then, deaths);
    expect(slots.length).toBeGreaterThan(4);
    await restart();
    for (const slot of slots) await bringRight(slot, then(slot).at(-1));
    for (const slot of slots) {
      const wanted = then(slot).at(-1);
      expect(heldBy(lock, slot)).toBe(wanted?.kind === 'set_pin' ? wanted.pin.reveal() : undefined);
      expect(lock.codes.opensAt(slot, INSIDE)).toBe(wanted?.kind === 'set_pin');
      expect(lock.codes.opensAt(slot, OUTSIDE)).toBe(false);
      expect(await rig.execute(lock, { kind: 'clear_slot', slot })).toMatchObject({ kind: 'done' });
    }
  },
  TEST_MS,
);

/** Does something to one slot after the other, each time dying one frame later, until it is done. Answers the slots. */
async function dieAtEachFrame(
  first: (slot: number) => readonly Operation[],
  then: (slot: number) => readonly Operation[],
  deaths: readonly Death[],
): Promise<readonly number[]> {
  const slots: number[] = [];
  for (const death of deaths) {
    for (let frames = 1, isDone = false; !isDone && frames <= FRAMES_MAX; frames += 1) {
      const slot = slots.length + 1;
      slots.push(slot);
      for (const operation of first(slot))
        expect(await rig.execute(lock, operation)).toMatchObject({ kind: 'done' });
      const died = dieAt(frames, death, slot);
      for (const operation of then(slot)) isDone = (await rig.execute(lock, operation)).kind === 'done';
      await line.plug();
      expect(lock.codes.opensAt(slot, lock.clock.local())).toBe(false);
      expect(died.hasOpened).toBe(false);
      died.forgetWhatCameAfter();
    }
  }
  return slots;
}

/** From the numbered frame for the lock on, nothing goes through; what the hub remembers is what it had stored by then. */
function dieAt(frames: number, death: Death, slot: number) {
  const key = `${lock.ieee ?? ''}/${slot}`;
  let stored: string | undefined;
  let sent = 0;
  let hasOpened = false;
  const staged = () => rig.storage.files.get('zigbee.staged');
  line.pass = (frame, from) => {
    hasOpened ||= lock.codes.opensAt(slot, lock.clock.local());
    const isDead = sent >= frames;
    if (from === 'stick') return isDead && frame.subsystem === SUBSYSTEM.af ? [] : [frame];
    if (frame.subsystem !== SUBSYSTEM.af || frame.command !== AF_DATA_REQUEST) return [frame];
    sent += 1;
    if (sent < frames) return [frame];
    if (sent === frames) stored = staged()?.get(key);
    line.tellHost(taken, unacknowledged(frame));
    return sent === frames && death === 'after' ? [frame] : [];
  };
  return {
    get hasOpened() {
      return hasOpened;
    },
    forgetWhatCameAfter: () => {
      if (sent < frames) return;
      if (stored === undefined) staged()?.delete(key);
      else rig.storage.set('zigbee.staged', key, stored);
    },
  };
}

/** What a stick says to a hub that wants to send: it takes the frame, and it was not delivered. */
const taken: LineFrame = {
  type: TYPE.response,
  subsystem: SUBSYSTEM.af,
  command: AF_DATA_REQUEST,
  content: Uint8Array.of(0),
};

function unacknowledged({ content }: LineFrame): LineFrame {
  const [endpoint = 0, transaction = 0] = [content[AT.sourceEndpoint], content[AT.transaction]];
  return {
    type: TYPE.indication,
    subsystem: SUBSYSTEM.af,
    command: AF_DATA_CONFIRM,
    content: Uint8Array.of(NO_ACK, endpoint, transaction),
  };
}

async function restart(): Promise<void> {
  await rig.stop();
  rig = await startZigbeeRig(rig.house, rig, { port });
  await eventually(() => rig.told(lock, 'found').length > 0, 'the lock is met again');
}

/** What a hub does about a slot of which it knows nothing any more: it reads, and writes what is missing, as the plan has it. */
async function bringRight(slot: number, wanted: Operation | undefined): Promise<void> {
  for (let step = 1; step <= STEPS_MAX; step += 1) {
    const read = await rig.execute(lock, { kind: 'read_slot', slot });
    expect(lock.codes.opensAt(slot, lock.clock.local())).toBe(false);
    if (read.kind !== 'done' || read.reading === undefined) continue;
    const next = nextStep(slot, read.reading, wanted);
    if (next === undefined) return;
    await rig.execute(lock, next);
    expect(lock.codes.opensAt(slot, lock.clock.local())).toBe(false);
  }
  throw new Error(`slot ${slot} never became right`);
}

type Reading = NonNullable<Extract<Awaited<ReturnType<ZigbeeRig['execute']>>, { kind: 'done' }>['reading']>;

function nextStep(
  slot: number,
  { content, schedule = null }: Reading,
  wanted: Operation | undefined,
): Operation | undefined {
  if (wanted?.kind !== 'set_pin') return content.kind === 'empty' ? undefined : { kind: 'clear_slot', slot };
  if (!sameSchedule(schedule, WINDOW)) return { kind: 'set_schedule', slot, window: WINDOW };
  const isRight = content.kind === 'pin' && content.enabled && content.pin.equals(wanted.pin);
  return isRight ? undefined : wanted;
}
