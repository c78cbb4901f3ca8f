import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { zigbeeLabelOf } from '../../drivers/sim/zigbee/label.ts';
import type { ZigbeeModelName } from '../../drivers/sim/zigbee/model.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { heldBy, eventually, pinOf } from './zwave-rig.ts';
import {
  letIn,
  startRigWith,
  startZigbeeHouse,
  startZigbeeRig,
  zigbeeDeviceId,
  zigbeeLock,
  type ZigbeeRig,
} from './zigbee-rig.ts';

const TEST_MS = 40_000;

const write = { kind: 'set_pin', slot: 2, pin: pinOf('2468'), enabled: true } as const;

async function rigOf(...models: readonly ZigbeeModelName[]): Promise<ZigbeeRig> {
  const rig = await startRigWith(...models);
  onTestFinished(() => rig.house.stop());
  return rig;
}

it(
  'knows its locks again after a restart, without a frame, by the same identity',
  async () => {
    const rig = await rigOf('dl-plain');
    const lock = zigbeeLock(rig, 'dl-plain');
    await rig.stop();
    const again = await startZigbeeRig(rig.house, rig);
    await eventually(() => again.told(lock, 'found').length > 0, 'the lock is found');
    expect(again.identities.at(-1)).toEqual(rig.identities.at(-1));
    expect(await again.execute(lock, write)).toMatchObject({ kind: 'done' });
    await again.stop();
  },
  TEST_MS,
);

it(
  'a lock that comes back with another short address is the same one',
  async () => {
    const rig = await rigOf('dl-plain');
    const lock = zigbeeLock(rig, 'dl-plain');
    await rejoined(rig, lock);
    expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done' });
    expect(heldBy(lock, 2)).toBe('2468');
    await rig.stop();
  },
  TEST_MS,
);

it(
  'moves to a new stick without pairing again, which takes its locks back by their keys',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-house-memory-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const zigbeeMemory = path.join(folder, 'memory.json');
    const house = await startZigbeeHouse(['dl-plain', 'dl-install-code'], { zigbeeMemory });
    onTestFinished(() => house.stop());
    const rig = await startZigbeeRig(house);
    const [lock, labelled] = [zigbeeLock(rig, 'dl-plain'), zigbeeLock(rig, 'dl-install-code')];
    await letIn(rig, lock);
    await letIn(rig, labelled, zigbeeLabelOf(labelled.serial, labelled.ieee ?? '').qr);
    await eventually(() => backedUp(rig).length === 2, 'the backup lists both');
    const replaced = await fetch(`${house.control}/stick`, {
      method: 'POST',
      body: JSON.stringify({ radio: 'zigbee' }),
    });
    expect(replaced.ok).toBe(true);
    await eventually(() => rig.states.includes('down'), 'the loss is seen');
    await eventually(() => rig.states.at(-1) === 'ready', 'the radio is back', 60_000);
    const isKept = ({ ieee }: SimLock): boolean => keptKeys(zigbeeMemory).includes(ieee ?? '');
    await eventually(() => isKept(lock) && isKept(labelled), 'the new stick has their keys');
    for (const moved of [lock, labelled]) {
      await eventually(() => rig.told(moved, 'found').length > 1, 'the lock is found');
      expect(await rig.execute(moved, write)).toMatchObject({ kind: 'done' });
      await rejoined(rig, moved);
      expect(await rig.execute(moved, { ...write, slot: 3, pin: pinOf('8642') })).toMatchObject({
        kind: 'done',
      });
    }
    await rig.stop();
  },
  TEST_MS,
);

it(
  'a stick that is told to forgets the key of its network',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-house-memory-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const zigbeeMemory = path.join(folder, 'memory.json');
    const house = await startZigbeeHouse(['dl-plain'], { zigbeeMemory });
    onTestFinished(() => house.stop());
    const rig = await startZigbeeRig(house);
    await letIn(rig, zigbeeLock(rig, 'dl-plain'));
    const stick = (): string => stickIn(zigbeeMemory);
    await eventually(() => stick().includes(rig.keys.networkKey), 'the stick keeps the key');
    expect(await rig.driver.resetStick?.()).toBe(true);
    await eventually(() => !stick().includes(rig.keys.networkKey), 'the stick has forgotten it');
    await rig.stop();
  },
  TEST_MS,
);

/** A lock that has lost its parent gets back in at another address, and the hub hears of it. */
async function rejoined(rig: ZigbeeRig, lock: SimLock): Promise<void> {
  const before = lock.address;
  lock.membership.askToRejoin();
  await eventually(() => lock.address !== before, 'it is taken back at another address');
  const database = (): string => rig.storage.files.get('zigbee.files')?.get('database.db') ?? '';
  await eventually(() => database().includes(`"nwkAddr":${lock.address}`), 'the hub has heard of it');
}

/** IEEE addresses of the devices whose link keys are in the library's backup. */
function backedUp({ storage }: ZigbeeRig): readonly string[] {
  const file = storage.files.get('zigbee.files')?.get('backup.json');
  const backup = JSON.parse(file ?? '{}') as {
    devices?: readonly { ieee_address: string; link_key?: object }[];
  };
  return (backup.devices ?? [])
    .filter((device) => device.link_key)
    .map((device) => `0x${device.ieee_address}`);
}

/** IEEE addresses in the link keys (table 4) that a stick keeps. */
function keptKeys(file: string): readonly string[] {
  const { stick } = JSON.parse(readFileSync(file, 'utf8')) as { stick: { items: Record<string, string> } };
  return Object.entries(stick.items)
    .filter(([name]) => name.startsWith('1/4/'))
    .map(([, hex]) => `0x${Buffer.from(hex.slice(16, 32), 'hex').reverse().toString('hex')}`);
}

it(
  'lets nobody in who was not asked, and lets a lock out',
  async () => {
    const rig = await rigOf('dl-plain');
    const lock = zigbeeLock(rig, 'dl-plain');
    const removed = await rig.driver.pairing.remove(zigbeeDeviceId(lock.ieee ?? ''));
    expect(removed.kind).toBe('done');
    expect(rig.told(lock, 'removed')).toHaveLength(1);
    expect(lock.membership.joined).toBe(false);
    const end = await rig.driver.pairing.start({ durationMs: 1000, qr: null, pin: null, asksForPin: false });
    expect(end).toEqual({ kind: 'timed_out' });
    expect(rig.driver.pairing.progress()).toBeNull();
    await letIn(rig, lock);
    expect(rig.told(lock, 'found').length).toBeGreaterThan(1);
    expect(rig.progress.map((progress) => progress?.stage)).toContain('interviewing');
    await rig.stop();
  },
  TEST_MS,
);

it(
  'keeps what the library knows in the encrypted storage',
  async () => {
    const rig = await rigOf('dl-plain');
    const lock = zigbeeLock(rig, 'dl-plain');
    await rig.execute(lock, write);
    await rig.stop();
    expect([...(rig.storage.files.get('zigbee.files')?.keys() ?? [])].sort()).toEqual([
      'backup.json',
      'database.db',
    ]);
  },
  TEST_MS,
);

it(
  'lets a lock in by the code on its label, and takes no other text for one',
  async () => {
    const house = await startZigbeeHouse(['dl-install-code']);
    onTestFinished(() => house.stop());
    const rig = await startZigbeeRig(house);
    const lock = house.locks[0];
    if (lock?.ieee == null) throw new Error('the house has a lock');
    const wrong = { durationMs: 1000, qr: '90013278200312345', pin: null, asksForPin: false };
    expect(await rig.driver.pairing.start(wrong)).toMatchObject({ kind: 'failed', reason: 'invalid_qr' });
    await letIn(rig, lock, zigbeeLabelOf(lock.serial, lock.ieee).qr);
    expect(rig.told(lock, 'found')).toHaveLength(1);
    await rig.stop();
  },
  TEST_MS,
);

it.each([
  ['all that the library knew', []],
  ['only its list of devices', ['zigbee.profiles', 'zigbee.written']],
])(
  'finds the locks of the hub again when %s is lost',
  async (_what, kept) => {
    const rig = await rigOf('dl-schedules', 'dl-write-only');
    const [schedules, blind] = [zigbeeLock(rig, 'dl-schedules'), zigbeeLock(rig, 'dl-write-only')];
    for (const lock of [schedules, blind]) await rig.execute(lock, write);
    await rig.stop();
    // One of them moves to another place on the network while the hub is down.
    const before = schedules.address;
    schedules.membership.askToRejoin();
    await eventually(() => schedules.address !== before, 'it has another address');
    const storage = new MemoryRadioStorage();
    for (const file of kept)
      for (const [key, value] of rig.storage.entries(file)) storage.set(file, key, value);
    const again = await startZigbeeRig(
      rig.house,
      { keys: rig.keys, storage },
      { known: () => [schedules.ieee ?? '', blind.ieee ?? '', '0x000d6ffffe0000ff'] },
    );
    for (const lock of [schedules, blind]) {
      await eventually(() => again.told(lock, 'found').length > 0, `${lock.id} is found`, 20_000);
      expect(heldBy(lock, 2)).toBe('2468');
      expect(await again.execute(lock, { ...write, slot: 3, pin: pinOf('8642') })).toMatchObject({
        kind: 'done',
      });
    }
    await again.stop();
  },
  TEST_MS,
);

it(
  'ends what waits for an answer when it stops',
  async () => {
    const before = await rigOf('dl-plain');
    await before.stop();
    const patient = { questionMs: 20_000, writeMs: 20_000 };
    const rig = await startZigbeeRig(before.house, before, { answerTimes: patient });
    const lock = zigbeeLock(rig, 'dl-plain');
    lock.fault = { kind: 'slow', delayMs: 20_000 };
    const { received } = lock.frames;
    const waiting = rig.execute(lock, write);
    await eventually(() => lock.frames.received > received, 'the lock was asked');
    const startedMs = performance.now();
    await rig.stop();
    expect(await waiting).toMatchObject({ kind: 'unknown' });
    expect(performance.now() - startedMs).toBeLessThan(3000);
  },
  TEST_MS,
);

/** What the stick keeps, as hex. */
function stickIn(file: string): string {
  const { stick } = JSON.parse(readFileSync(file, 'utf8')) as { stick: { items: Record<string, string> } };
  return Object.values(stick.items).join(' ');
}
