import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startHouse } from '../../drivers/sim/house.ts';
import { letIn, startZigbeeHouse, startZigbeeRig, zigbeeLock } from './zigbee-rig.ts';
import { eventually, everyLockFound, heldBy, lockOf, pinOf, startRig } from './zwave-rig.ts';

const TEST_MS = 60_000;

const write = { kind: 'set_pin', slot: 2, pin: pinOf('0246'), enabled: true } as const;

/** A serial device of the kernel's whose other end is a stick that is reached by TCP. */
async function serialTo(stick: string): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-serial-'));
  const device = path.join(folder, 'tty');
  const { host } = new URL(stick);
  const line = spawn('socat', [`PTY,link=${device},rawer,wait-slave`, `TCP:${host},nodelay`]);
  onTestFinished(async () => {
    await ended(line);
    rmSync(folder, { recursive: true, force: true });
  });
  await eventually(() => existsSync(device), 'the serial device is there');
  return device;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

it(
  'drives a Zigbee stick at a serial device',
  async () => {
    const house = await startZigbeeHouse(['dl-plain']);
    onTestFinished(() => house.stop());
    const rig = await startZigbeeRig({ ...house, zigbee: await serialTo(house.zigbee ?? '') });
    onTestFinished(() => rig.stop());
    const lock = zigbeeLock(rig, 'dl-plain');
    await letIn(rig, lock);
    expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done' });
    expect(heldBy(lock, 2)).toBe('0246');
  },
  TEST_MS,
);

it(
  'drives a Z-Wave stick at a serial device',
  async () => {
    const house = await startHouse();
    onTestFinished(() => house.stop());
    const rig = await startRig({ ...house, zwave: await serialTo(house.zwave) });
    onTestFinished(() => rig.stop());
    await everyLockFound(rig);
    const lock = lockOf(rig, 'uc-v2');
    expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done' });
    expect(heldBy(lock, 2)).toBe('0246');
  },
  TEST_MS,
);
