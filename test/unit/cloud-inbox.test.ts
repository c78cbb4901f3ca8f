import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { LOCKS_MAX, openInbox } from '../../src/cloud/inbox.ts';
import { helloSchema } from '../../src/cloud/messages/up.ts';
import { helloOf } from '../../src/cloud/presence.ts';
import { DEFAULT_POLICY } from '../../src/core/lock.ts';
import { openSealingKeys } from '../../src/cloud/sealing-keys.ts';
import { SystemClock } from '../../src/clock.ts';
import { receiveNow } from '../support/receive-now.ts';
import { hubPlace } from './store-fixture.ts';

test('a cloud can name so many locks and no more, and the hello about them all is one message', () => {
  const store = hubPlace().open();
  const clock = new SystemClock();
  const policy = { ...DEFAULT_POLICY, timezone: 'Europe/Berlin' };
  const woken: string[] = [];
  const sealingKeys = openSealingKeys({ secrets: store.secrets, clock });
  const inbox = openInbox({
    hubId: 'hub-1',
    sealingKeys,
    plainCodes: true,
    store,
    clock,
    policy,
    draw: () => 0,
    log: pino({ level: 'silent' }),
    wake: (deviceId) => woken.push(deviceId),
    reportAgain: () => undefined,
    acknowledged: () => undefined,
    takeCommand: () => () => undefined,
  });
  const highest = Number.MAX_SAFE_INTEGER;
  const document = (version: number) =>
    new TextEncoder().encode(JSON.stringify({ v: 1, generation: highest, version, codes: [] }));
  const send = (deviceId: string, version: number) => {
    const topic = `lockhub/v1/hub-1/down/desired/${deviceId}`;
    receiveNow(inbox, { topic, payload: document(version), retain: false });
  };
  const ids = Array.from({ length: LOCKS_MAX + 1 }, () => randomUUID());
  for (const id of ids) send(id, highest - 1);
  expect(store.deviceIds().toSorted()).toEqual(ids.slice(0, LOCKS_MAX).toSorted());
  expect(store.outbox.after(0, 10).map((row) => row.event['reason'])).toEqual(['too_many_devices']);
  send(ids[0] ?? '', highest);
  expect(woken).toEqual([...ids.slice(0, LOCKS_MAX), ids[0]]);

  const hub = { hubId: 'h'.repeat(64), bootId: randomUUID(), version: '1.0.0' };
  const reportContext = {
    policy,
    now: () => clock.now(),
    isRadioUp: () => true,
    fingerprint: () => 'fingerprint',
  };
  const hello = helloOf({ hub, store, clock, reportContext, sealingKeys }, 1, 1);
  expect(helloSchema.parse(JSON.parse(hello)).devices).toHaveLength(LOCKS_MAX);
  expect(Buffer.byteLength(hello)).toBeLessThan(100_000);
});
