import type { AccessCode } from '../access-code.ts';
import type { DomainEvent, Step } from '../event.ts';
import { unmetLock, type LockState } from '../lock.ts';
import type { TimeReading } from '../time.ts';
import { withLock } from '../with.ts';
import { withoutForeign } from './recognise.ts';

/**
 * Another lock has taken the place of this one: nothing that was known of what the old one holds, can or refused is true
 * of it. It hangs at the same door, so it keeps name and notes; its codes are wanted as before, each to be written anew
 * to a slot that is found free. Nothing is planned until the new one was met.
 */
export function replaced(state: LockState, now: TimeReading): Step<LockState> {
  const events: DomainEvent[] = [];
  let next = state;
  for (const row of state.slots) {
    const gone = withoutForeign(next, row, now);
    next = gone.state;
    events.push(...gone.events);
  }
  const { deviceId, radio, address, metAt, poolEnabled, problems, spent, online } = state.lock;
  const { generation, versionReceived, versionApplied, nickname, customMetadata, door } = state.lock;
  const place = { nickname, customMetadata, door };
  const wanted = { radio, address, metAt, poolEnabled, problems, spent, online, ...place };
  const versions = { generation, versionReceived, versionApplied };
  const fresh = withLock(next, { ...unmetLock(deviceId), ...wanted, ...versions });
  return { state: { ...fresh, slots: [], codes: next.codes.map(notYetWritten) }, events };
}

function notYetWritten(code: AccessCode): AccessCode {
  return {
    ...code,
    slot: null,
    refused: null,
    isScheduledOnDevice: false,
    everOnDevice: false,
    externallyModified: false,
    failures: 0,
    retryAt: null,
  };
}
