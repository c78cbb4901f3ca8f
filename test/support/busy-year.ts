import type { DomainEvent } from '../../src/core/event.ts';
import type { LockState } from '../../src/core/lock.ts';
import { DAY_MS, HOUR_MS, type Instant } from '../../src/core/time.ts';
import type { Store } from '../../src/store/store.ts';
import { codeWith, lockWith, slotWith } from './core-samples.ts';

/** What happens in a house in a day. */
export interface BusyDay {
  readonly locks: number;
  /** Of each lock. */
  readonly guests: number;
  readonly events: number;
  readonly operations: number;
}

const MEASUREMENTS_A_DAY = 4;

/** Lets days pass in a store: guests come and go, doors are opened, locks are measured, the cloud acknowledges all. */
export function livesOn(
  store: Store,
  start: Instant,
  days: number,
  busy: BusyDay,
  onNight: (day: number) => void,
): void {
  const states = new Map<string, LockState>();
  for (let day = 0; day < days; day += 1) {
    const at = start + day * DAY_MS;
    for (let lock = 0; lock < busy.locks; lock += 1) {
      const deviceId = `lock-${lock}`;
      store.transaction(() =>
        states.set(deviceId, dayOf(store, deviceId, states.get(deviceId), { day, at, busy })),
      );
    }
    store.outbox.ack(store.outbox.head());
    store.tidy(at + DAY_MS, false);
    onNight(day);
  }
}

function dayOf(
  store: Store,
  deviceId: string,
  before: LockState | undefined,
  { day, at, busy }: { readonly day: number; readonly at: Instant; readonly busy: BusyDay },
): LockState {
  const ids = Array.from(
    { length: busy.guests },
    (_, guest) => `00000000-0000-4000-8000-${String(day * 1000 + guest).padStart(12, '0')}`,
  );
  const codes = ids.map((id, guest) =>
    codeWith(id, { name: `Guest ${guest}`, endsAt: at + DAY_MS, slot: guest + 1, createdAt: at }),
  );
  const slots = ids.map((owner, guest) => slotWith(guest + 1, { owner, provenAt: at, writtenAt: at }));
  const after = { lock: { ...(before?.lock ?? lockWith()), deviceId }, codes, slots };
  const deleted = before?.codes ?? [];
  const gone = deleted.map(({ accessCodeId }): DomainEvent => ({
    event_type: 'access_code.deleted',
    occurredAt: at,
    device_id: deviceId,
    access_code_id: accessCodeId,
  }));
  const opened = Array.from({ length: busy.events }, (_, index): DomainEvent => ({
    event_type: 'lock.unlocked',
    occurredAt: at + index,
    device_id: deviceId,
    access_code_id: ids[index % ids.length] ?? '',
    details: { method: 'keycode', slot: 1, access_code_is_managed: true },
  }));
  store.commit(before, after, [...gone, ...opened]);
  for (let count = 0; count < busy.operations; count += 1) {
    const operationId = store.begin(deviceId, { kind: 'read_slot', slot: 1 }, null, at + count);
    store.settled(operationId, 'done', at + count);
  }
  for (let count = 0; count < MEASUREMENTS_A_DAY; count += 1) {
    store.history.measure(deviceId, {
      at: at + count * HOUR_MS,
      batteryLevel: 0.9,
      rssiDbm: -70,
      roundTripMs: 30,
    });
  }
  return after;
}
