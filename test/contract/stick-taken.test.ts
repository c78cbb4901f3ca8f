import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createZigbeeDriver } from '../../drivers/zigbee/driver.ts';
import { makeNetworkKeys } from '../../drivers/zigbee/keys.ts';
import { createZwaveDriver } from '../../drivers/zwave/driver.ts';
import { makeSecurityKeys } from '../../drivers/zwave/keys.ts';
import type { DriverHost, LockDriver } from '../../src/lock-driver.ts';
import { holdersOf } from '../../src/doctor/observe/programs.ts';
import { MACHINE } from '../../src/doctor/observe/places.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { eventually } from './zwave-rig.ts';

const TEST_MS = 60_000;

/** A serial device of the kernel's, with nobody at its other end. */
async function serialDevice(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-taken-'));
  const device = path.join(folder, 'tty');
  const line = spawn('socat', [`PTY,link=${device},rawer`, 'PIPE']);
  onTestFinished(async () => {
    await ended(line);
    rmSync(folder, { recursive: true, force: true });
  });
  await eventually(() => existsSync(device), 'the serial device is there');
  return device;
}

/** A program of somebody else's that has the stick, with the lock that such programs take. */
async function otherProgram(device: string): Promise<void> {
  const program = spawn('flock', ['--exclusive', device, 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => ended(program));
  await eventually(() => holders(device).length > 0, 'the other program has the stick');
}

function holders(device: string): readonly string[] {
  const target = realpathSync(device);
  return holdersOf(MACHINE, { path: target, inode: statSync(target).ino }, []);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.end();
  child.kill();
  await once(child, 'exit');
}

type Told = readonly [state: string, message: string, fault: string | undefined];

function open(driver: LockDriver): readonly Told[] {
  const told: Told[] = [];
  const host: DriverHost = {
    deviceIdOf: () => 'none',
    onEvent: () => undefined,
    onPairing: () => undefined,
    onRadioState: (state, message, fault) => told.push([state, message, fault]),
  };
  void driver.start(host);
  onTestFinished(() => driver.stop());
  return told;
}

const quiet = pino({ level: 'silent' });

const DRIVERS = {
  zwave: (port: string) =>
    createZwaveDriver({
      port,
      holders: () => holders(port),
      storage: new MemoryRadioStorage(),
      securityKeys: makeSecurityKeys(),
      log: quiet,
      testingHooks: { skipFirmwareIdentification: true },
    }),
  zigbee: (port: string) =>
    createZigbeeDriver({
      port,
      adapter: 'zstack',
      holders: () => holders(port),
      storage: new MemoryRadioStorage(),
      keys: makeNetworkKeys(),
      zone: 'Europe/Berlin',
      log: quiet,
    }),
} as const;

it.concurrent.each(['zwave', 'zigbee'] as const)(
  'a %s stick that another program has is told with its name, and a stick that is gone as that',
  async (radio) => {
    const device = await serialDevice();
    await otherProgram(device);
    const told = open(DRIVERS[radio](device));
    await eventually(() => told.some(([, , fault]) => fault === 'port_taken'), 'the fault is told', 40_000);
    const message = told.find(([, , fault]) => fault === 'port_taken')?.[1] ?? '';
    expect(message).toContain(`the stick at ${device} is in use by`);
    expect(message).toMatch(/(flock|cat)/);
    // Gone before it is free, for a free one would be opened and waited for.
    rmSync(device);
    await eventually(() => told.some(([, , fault]) => fault === 'port_missing'), 'the loss is told', 40_000);
  },
  TEST_MS,
);
