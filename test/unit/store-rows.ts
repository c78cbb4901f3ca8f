import type { AccessCode } from '../../src/core/access-code.ts';
import type { DomainEvent, EventType } from '../../src/core/event.ts';
import { unmetLock, type LockState } from '../../src/core/lock.ts';
import { Pin } from '../../src/core/pin.ts';
import type { Slot } from '../../src/core/slot.ts';

export const NOON = Date.UTC(2026, 10, 22, 12);

export function pin(digits: string): Pin {
  const parsed = Pin.parse(digits);
  if (parsed === undefined) throw new Error('not a PIN');
  return parsed;
}

export function accessCode(accessCodeId: string, change: Partial<AccessCode> = {}): AccessCode {
  return {
    accessCodeId,
    name: 'Guest',
    pin: pin('0042'),
    startsAt: null,
    endsAt: null,
    preferNativeScheduling: true,
    allowExternalModification: false,
    strictStart: false,
    preferredCodeLength: null,
    commonCodeKey: null,
    useBackupPool: false,
    weeklyWindows: null,
    maxUses: null,
    offline: null,
    issue: null,
    isPinDrawn: false,
    origin: 'cloud',
    createdAt: NOON,
    revision: 1,
    edits: {},
    isBackup: false,
    backupOf: null,
    pulledBackupId: null,
    uses: 0,
    removingSince: null,
    rejected: null,
    refused: null,
    slot: null,
    status: 'setting',
    statusSince: 1_700_000_000_000,
    isScheduledOnDevice: false,
    everOnDevice: false,
    externallyModified: false,
    failures: 0,
    retryAt: null,
    errors: [],
    warnings: [],
    ...change,
  };
}

export function slotRow(slot: number, change: Partial<Slot> = {}): Slot {
  return {
    slot,
    owner: null,
    content: { kind: 'empty' },
    recheck: 'no',
    pending: null,
    schedule: { kind: 'known', window: null },
    proof: 'read_back',
    provenAt: NOON,
    writtenAt: null,
    tried: [],
    unmanaged: null,
    ...change,
  };
}

export function lockState(deviceId: string, change: Partial<LockState> = {}): LockState {
  return { lock: unmetLock(deviceId), codes: [], slots: [], ...change };
}

export function event(event_type: EventType, change: Partial<DomainEvent> = {}): DomainEvent {
  return { event_type, occurredAt: NOON, ...change };
}
