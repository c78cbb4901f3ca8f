import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { LOCKS_MAX, openInbox } from '../../src/cloud/inbox.ts';
import { helloSchema } from '../../src/cloud/messages/up.ts';
import { helloOf } from '../../src/cloud/presence.ts';
import { DEFAULT_POLICY } from '../../src/core/lock.ts';
import { openSealingKeys } from '../../src/cloud/sealing-keys.ts';
import { SystemClock } from '../../src/clock.ts';
import { StoreError } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { receiveNow } from '../support/receive-now.ts';
import { hubPlace } from './store-fixture.ts';

function inboxOver(store: Store, isDiskFull: () => boolean, woken: string[]) {
  const clock = new SystemClock();
  return openInbox({
    hubId: 'hub-1',
    sealingKeys: openSealingKeys({ secrets: store.secrets, clock }),
    plainCodes: true,
    store,
    clock,
    policy: { ...DEFAULT_POLICY, timezone: 'Europe/Berlin' },
    draw: () => 0,
    log: pino({ level: 'silent' }),
    isDiskFull,
    wake: (deviceId) => woken.push(deviceId),
    reportAgain: () => undefined,
    acknowledged: () => undefined,
    takeCommand: () => () => undefined,
  });
}

test('while the disk takes nothing no message is given up, however often it comes, and then it is taken', () => {
  const place = hubPlace();
  const store = place.open({ bounds: { fileBytesMax: 500_000 } });
  const woken: string[] = [];
  let isFull = true;
  const codes = Array.from({ length: 700 }, (_, index) => ({
    access_code_id: randomUUID(),
    code: `${4000 + index}`,
  }));
  const payload = new TextEncoder().encode(JSON.stringify({ v: 1, generation: 1, version: 1, codes }));
  const deviceId = randomUUID();
  const message = { topic: `lockhub/v1/hub-1/down/desired/${deviceId}`, payload, retain: false };
  const inbox = inboxOver(store, () => isFull, woken);
  for (let count = 0; count < 7; count += 1) expect(() => receiveNow(inbox, message)).toThrow(StoreError);
  expect(inbox.rejected()).toEqual({});
  isFull = false;
  // A message that this hub can't store although its disk has room is another matter: it is given up.
  for (let count = 0; count < 4; count += 1) expect(() => receiveNow(inbox, message)).toThrow(StoreError);
  receiveNow(inbox, message);
  expect(inbox.rejected()).toEqual({ hub_fault: 1 });
  store.close();
  receiveNow(
    inboxOver(place.open(), () => false, woken),
    message,
  );
  expect(woken).toEqual([deviceId]);
});

test('a cloud can name so many locks and no more, and the hello about them all is one message', () => {
  const store = hubPlace().open();
  const clock = new SystemClock();
  const policy = { ...DEFAULT_POLICY, timezone: 'Europe/Berlin' };
  const woken: string[] = [];
  const sealingKeys = openSealingKeys({ secrets: store.secrets, clock });
  const inbox = inboxOver(store, () => false, woken);
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
