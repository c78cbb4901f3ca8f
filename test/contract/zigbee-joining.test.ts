import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { zigbeeLabelOf } from '../../drivers/sim/zigbee/label.ts';
import { SUBSYSTEM, type LineFrame } from '../../drivers/sim/zigbee/unpi.ts';
import { FastClock } from '../support/fast-clock.ts';
import { ZigbeeLine } from './zigbee-line.ts';
import {
  startZigbeeHouse,
  startZigbeeRig,
  zigbeeDeviceId,
  zigbeeLock,
  type ZigbeeRig,
} from './zigbee-rig.ts';
import { eventually } from './zwave-rig.ts';

const START_MS = 60_000;
const TEST_MS = 60_000;
const ZDO = { permitJoin: 0x36, simpleDescriptor: 0x84, joined: 0xca } as const;
const PAIRING = { durationMs: 60_000, qr: null, pin: null, asksForPin: false } as const;
const DOOR_LOCK = Buffer.from([0x01, 0x01]);
const ON_OFF = [0x06, 0x00];
const TUYA = [0x00, 0xef];
/** Place of the status in the description of an end point, and one that says that there is nothing. */
const STATUS_AT = 2;
const NOT_ACTIVE = 0x83;
/** Place of the seconds in a request to open the network. */
const SECONDS_AT = 3;

let line: ZigbeeLine;
let port: string;
let rig: ZigbeeRig;
let wanted: SimLock;
let other: SimLock;

beforeAll(async () => {
  const house = await startZigbeeHouse(['dl-plain', 'dl-base-0']);
  line = new ZigbeeLine(house.zigbee ?? '');
  port = await line.plug();
  rig = await startZigbeeRig(house, {}, { port });
  wanted = zigbeeLock(rig, 'dl-plain');
  other = zigbeeLock(rig, 'dl-base-0');
}, START_MS);

beforeEach(async () => {
  await line.plug();
});

afterAll(async () => {
  await rig.stop();
  line.pull();
  await rig.house.stop();
});

const isZdo = ({ subsystem, command }: LineFrame, which: number): boolean =>
  subsystem === SUBSYSTEM.zdo && command === which;

const isKnown = (lock: SimLock): boolean =>
  rig.driver.network()?.nodes.some(({ address }) => address === lock.ieee) === true;

/** Whoever describes itself has another cluster in the place of its door lock. */
function asDevice(cluster: readonly number[]): ZigbeeLine['pass'] {
  return (frame) => {
    const at = isZdo(frame, ZDO.simpleDescriptor) ? Buffer.from(frame.content).indexOf(DOOR_LOCK) : -1;
    if (at === -1) return [frame];
    const content = Uint8Array.from(frame.content);
    content.set(cluster, at);
    return [{ ...frame, content }];
  };
}

it(
  'who was not asked for is sent away again, and the network stays open for the one who was',
  async () => {
    let joins = 0;
    line.pass = (frame, from) => {
      if (from === 'stick' && isZdo(frame, ZDO.joined)) joins += 1;
      return [frame];
    };
    const { qr } = zigbeeLabelOf(wanted.serial, wanted.ieee ?? '');
    const pairing = rig.driver.pairing.start({ ...PAIRING, qr });
    await eventually(() => rig.driver.pairing.progress()?.stage === 'waiting_for_lock', 'it is open');
    other.membership.askToJoin();
    await eventually(() => joins === 1 && !other.membership.joined, 'the stranger is out');
    expect(isKnown(other)).toBe(false);
    expect(rig.told(other, 'found')).toEqual([]);
    wanted.membership.askToJoin();
    expect(await pairing).toEqual({ kind: 'done', deviceIds: [zigbeeDeviceId(wanted.ieee ?? '')] });
    expect(await rig.driver.pairing.remove(zigbeeDeviceId(wanted.ieee ?? ''))).toMatchObject({
      kind: 'done',
    });
  },
  TEST_MS,
);

it(
  'what turns out to be no lock is sent away again, and a lock that describes itself at the second attempt is let in',
  async () => {
    line.pass = asDevice(ON_OFF);
    const pairing = rig.driver.pairing.start(PAIRING);
    await eventually(() => rig.driver.pairing.progress()?.stage === 'waiting_for_lock', 'it is open');
    other.membership.askToJoin();
    await eventually(() => rig.logged().includes('is sent away'), 'it is recognised');
    await eventually(() => !other.membership.joined && !isKnown(other), 'it is out');
    expect(rig.told(other, 'found')).toEqual([]);
    let failures = 0;
    line.pass = (frame) => {
      if (!isZdo(frame, ZDO.simpleDescriptor) || failures > 0) return [frame];
      failures += 1;
      const content = Uint8Array.from(frame.content);
      content[STATUS_AT] = NOT_ACTIVE;
      return [{ ...frame, content }];
    };
    const backup = (): string | undefined => rig.storage.files.get('zigbee.files')?.get('backup.json');
    const before = backup();
    wanted.membership.askToJoin();
    expect(await pairing).toMatchObject({ kind: 'done' });
    expect(failures).toBe(1);
    expect(wanted.membership.joined).toBe(true);
    expect(rig.told(wanted, 'found').at(-1)?.description.model).toContain('dl-plain');
    // Without a backup that knows it, no other stick could take over.
    await eventually(() => backup() !== before, 'the stick is backed up anew');
  },
  TEST_MS,
);

it.each([
  [
    "has Tuya's own cluster",
    TUYA,
    "lockhub simulation dl-base-0 (%s) asked to join and was sent away: it speaks only Tuya's",
  ],
  [
    'is a lamp',
    ON_OFF,
    'lockhub simulation dl-base-0 (%s) asked to join and was sent away: it has no door lock',
  ],
])(
  'where nobody came but what %s, the end says what it was and why it was sent away',
  async (_what, cluster, words) => {
    line.pass = asDevice(cluster);
    const pairing = rig.driver.pairing.start({ ...PAIRING, durationMs: 3000 });
    await eventually(() => rig.driver.pairing.progress()?.stage === 'waiting_for_lock', 'it is open');
    other.membership.askToJoin();
    expect(await pairing).toEqual({
      kind: 'failed',
      reason: 'no_lock',
      message: expect.stringContaining(words.replace('%s', other.ieee ?? '')) as string,
    });
    await eventually(() => !other.membership.joined, 'it is out');
  },
  TEST_MS,
);

it(
  'who comes to take the place of a lock and is none leaves that lock what it is',
  async () => {
    line.pass = asDevice(ON_OFF);
    wanted.fault = { kind: 'unreachable' };
    const pairing = rig.driver.pairing.replace(zigbeeDeviceId(wanted.ieee ?? ''), {
      ...PAIRING,
      durationMs: 3000,
    });
    await eventually(() => rig.driver.pairing.progress()?.stage === 'waiting_for_lock', 'it is open');
    other.membership.askToJoin();
    expect(await pairing).toMatchObject({ kind: 'failed', reason: 'no_lock' });
    expect([rig.told(wanted, 'replaced'), isKnown(wanted)]).toEqual([[], true]);
    wanted.fault = { kind: 'none' };
    expect(await rig.execute(wanted, { kind: 'read_slot', slot: 3 })).toMatchObject({ kind: 'done' });
  },
  TEST_MS,
);

it(
  'the network is open for as long as it was asked, in pieces that a stick can count, and then closed',
  async () => {
    await rig.stop();
    rig = await startZigbeeRig(rig.house, rig, { port, clock: new FastClock(300) });
    const seconds: number[] = [];
    line.pass = (frame, from) => {
      if (from === 'host' && isZdo(frame, ZDO.permitJoin)) seconds.push(frame.content[SECONDS_AT] ?? 0);
      return [frame];
    };
    const end = await rig.driver.pairing.start({ ...PAIRING, durationMs: 300_000 });
    expect(end).toEqual({ kind: 'timed_out' });
    expect(seconds).toEqual([254, 46, 0]);
    other.membership.askToJoin();
    await eventually(() => rig.driver.pairing.progress() === null, 'it is over');
    expect(other.membership.joined).toBe(false);
  },
  TEST_MS,
);
