import { expect, it, onTestFinished } from 'vitest';
import { startHouse } from '../../drivers/sim/house.ts';
import { createZwaveDriver } from '../../drivers/zwave/driver.ts';
import { pino } from 'pino';
import { SystemClock } from '../../src/clock.ts';
import { isSettled } from '../../src/core/command.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import { Reconciler } from '../../src/reconcile/reconciler.ts';
import { POLICY } from '../support/core-world.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { hubPlace } from '../unit/store-fixture.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { eventually, keysOf } from './zwave-rig.ts';

const STEPS = ['reach', 'find_slot', 'write', 'read_back', 'remove', 'prove_empty'];
const TIMEOUT_MS = 60_000;

it(
  'locks of every family pass a self-test over the real library, and hold what they held before',
  async () => {
    const house = await startHouse();
    onTestFinished(() => house.stop());
    const store = hubPlace().open();
    const log = pino({ level: 'silent' });
    const driver = createZwaveDriver({
      port: house.zwave,
      storage: new MemoryRadioStorage(),
      securityKeys: keysOf(house),
      log,
      testingHooks: { skipFirmwareIdentification: true },
    });
    const parts = { store, drivers: [driver], clock: new SystemClock(), policy: POLICY, log };
    const told = { onRadioState: () => undefined, onPairing: () => undefined };
    const reconciler = new Reconciler({ ...parts, ...told, draw: seededDraw(1) });
    reconciler.start();
    onTestFinished(() => reconciler.stop());
    await eventually(() => store.deviceIds().length === house.locks.length, 'all locks are met');
    const held = () => house.locks.map((lock) => lock.codes.slotsInUse());
    const before = held();
    for (const deviceId of store.deviceIds()) {
      const request = { type: 'self_test', deviceId } as const;
      const at = Date.now();
      const times = { receivedAt: at, outcomeAt: at, expiresAt: at + MINUTE_MS };
      const outcome = { state: 'accepted' } as const;
      const command = { commandId: deviceId, type: request.type, request, outcome, ...times };
      store.transaction(() => store.commands.add(command));
      reconciler.wake(deviceId);
      const ended = () => store.commands.get(deviceId)?.outcome ?? outcome;
      await eventually(() => isSettled(ended()), `the test of ${deviceId} ends`, TIMEOUT_MS / 2);
      const steps = STEPS.map((step) => expect.objectContaining({ step, ok: true }));
      expect(ended()).toMatchObject({ state: 'succeeded', result: { steps } });
    }
    expect(held()).toEqual(before);
  },
  TIMEOUT_MS,
);
