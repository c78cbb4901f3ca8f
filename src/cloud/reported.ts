import { createHash } from 'node:crypto';
import { isTimeBound, type AccessCode } from '../core/access-code.ts';
import type { Capabilities } from '../core/capability.ts';
import type { Lock, LockState, Policy } from '../core/lock.ts';
import type { Pin } from '../core/pin.ts';
import type { CodeError, CodeWarning } from '../core/problem.ts';
import type { Slot } from '../core/slot.ts';
import { strategyOf } from '../core/strategy.ts';
import { SECOND_MS } from '../core/time.ts';
import { instantText } from './instant-text.ts';
import { MAJOR_VERSION } from './messages/payload.ts';
import type { Reported, ReportedCode } from './messages/up.ts';

/** What a report needs beside the lock. */
export interface ReportContext {
  readonly policy: Policy;
  /** Keyed fingerprint of a PIN, safe to publish. */
  readonly fingerprint: (pin: Pin) => string;
}

/** What is true of one lock and its codes, without a PIN (rule 6 of the MQTT contract). */
export function reportedOf(state: LockState, context: ReportContext): Reported {
  const { lock } = state;
  const report = {
    v: MAJOR_VERSION,
    device_id: lock.deviceId,
    generation: lock.generation,
    version_received: lock.versionReceived,
    version_applied: lock.versionApplied,
    device: deviceOf(lock),
    codes: state.codes.map((code) => codeOf(code, state, context)),
  } as const;
  return { ...report, digest: digestOf(report) };
}

/** SHA-256 in hex over the report without its digest, as JSON with sorted keys and no spaces. */
export function digestOf(report: Omit<Reported, 'digest'>): string {
  return createHash('sha256').update(JSON.stringify(report, sortedKeys)).digest('hex');
}

/** A replacer for JSON.stringify. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Cuts a report into as few messages as stay below `bytesMax` (as long as a single code does); one message
 * without `part` where it fits, which is the rule.
 */
export function reportedParts(report: Reported, bytesMax: number): readonly string[] {
  const whole = JSON.stringify(report);
  if (Buffer.byteLength(whole) <= bytesMax) return [whole];
  const frameBytes = Buffer.byteLength(JSON.stringify({ ...report, codes: [], part: 1000, parts: 1000 }));
  const parts: ReportedCode[][] = [[]];
  let bytes = frameBytes;
  for (const code of report.codes) {
    const codeBytes = Buffer.byteLength(JSON.stringify(code)) + 1;
    if (bytes + codeBytes > bytesMax) {
      parts.push([]);
      bytes = frameBytes;
    }
    parts.at(-1)?.push(code);
    bytes += codeBytes;
  }
  return parts.map((codes, index) =>
    JSON.stringify({ ...report, codes, part: index + 1, parts: parts.length }),
  );
}

function deviceOf(lock: Lock): Reported['device'] {
  return {
    radio: lock.radio,
    address: lock.address,
    model: lock.model,
    online: lock.online,
    battery_level: lock.batteryLevel,
    locked: lock.locked,
    jammed: lock.jammed,
    tampered: lock.tampered,
    capabilities: lock.capabilities && capabilitiesOf(lock.capabilities),
    errors: lock.online ? [] : [{ error_code: 'device_offline', message: 'The lock does not answer.' }],
    warnings: lock.secure
      ? []
      : [{ warning_code: 'low_security', message: 'The lock joined without the security its class needs.' }],
  };
}

function capabilitiesOf(capabilities: Capabilities): NonNullable<Reported['device']['capabilities']> {
  const native = capabilities.nativeScheduling;
  return {
    first_slot: capabilities.firstSlot,
    last_slot: capabilities.lastSlot,
    admin_slots: [...capabilities.adminSlots],
    pin_length: { ...capabilities.pinLength },
    native_scheduling: native && { kind: native.kind, granule_seconds: native.granuleMs / SECOND_MS },
    checksum: capabilities.checksum,
  };
}

function codeOf(code: AccessCode, state: LockState, context: ReportContext): ReportedCode {
  const slot = state.slots.find((row) => row.slot === code.slot && row.owner === code.accessCodeId);
  return {
    access_code_id: code.accessCodeId,
    origin: code.origin,
    name: code.name,
    type: isTimeBound(code) ? 'time_bound' : 'ongoing',
    status: code.status,
    is_scheduled_on_device: code.isScheduledOnDevice,
    on_lock: onLock(code, slot, state.lock),
    slot: code.slot,
    strategy: strategyOf(code, state.lock, context.policy),
    proof: slot?.proof ?? null,
    pin_fingerprint: code.pin && context.fingerprint(code.pin),
    on_lock_pin_fingerprint: slot?.content.kind === 'pin' ? context.fingerprint(slot.content.pin) : null,
    starts_at: instantText(code.startsAt),
    ends_at: instantText(code.endsAt),
    errors: errorsOf(code),
    warnings: code.warnings.map(warningOf),
  };
}

/** `scheduled`: the lock holds it under its own schedule, and its window is not open. */
function onLock(code: AccessCode, slot: Slot | undefined, lock: Lock): ReportedCode['on_lock'] {
  if (slot === undefined) return 'none';
  if (slot.pending !== null) return 'unknown';
  const { content } = slot;
  switch (content.kind) {
    case 'empty':
      return 'none';
    case 'unknown':
      return 'unknown';
    case 'pin':
    case 'masked':
      if (!content.enabled) return 'disabled';
      if (!lock.capabilities?.nativeScheduling) return 'active';
      if (slot.schedule.kind === 'unknown') return 'unknown';
      return slot.schedule.window !== null && code.status !== 'set' ? 'scheduled' : 'active';
  }
}

/** A rejected request shows its reason among the errors, whether or not the planner raised it as one. */
function errorsOf(code: AccessCode): ReportedCode['errors'] {
  const errors = code.errors.map(errorOf);
  const { rejected } = code;
  if (rejected !== null && !code.errors.some((error) => error.code === rejected.code)) {
    errors.push(errorOf({ ...rejected, createdAt: code.createdAt }));
  }
  return errors;
}

function errorOf(error: CodeError): ReportedCode['errors'][number] {
  return { error_code: error.code, message: error.message, ...createdAt(error) };
}

function warningOf(warning: CodeWarning): ReportedCode['warnings'][number] {
  return { warning_code: warning.code, message: warning.message, ...createdAt(warning) };
}

function createdAt(problem: CodeError | CodeWarning): { created_at?: string } {
  const text = instantText(problem.createdAt);
  return text === null ? {} : { created_at: text };
}
