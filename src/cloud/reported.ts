import { createHash } from 'node:crypto';
import type { Lock, LockState, Policy } from '../core/lock.ts';
import type { Pin } from '../core/pin.ts';
import type { TimeReading } from '../core/time.ts';
import { viewOf } from '../wire/view.ts';
import { MAJOR_VERSION } from './messages/payload.ts';
import type { ReportContent, Reported, ReportedCode } from './messages/up.ts';
import { reportedCodesOf, reportedUnmanagedOf } from './reported-codes.ts';
import { deviceOf } from './reported-device.ts';

/** What a report needs beside the lock. */
export interface ReportContext {
  readonly policy: Policy;
  readonly now: () => TimeReading;
  /** The radio of this lock answers. */
  readonly isRadioUp: (lock: Lock) => boolean;
  /** Keyed fingerprint of a PIN, safe to publish. */
  readonly fingerprint: (pin: Pin) => string;
}

/** What is true of one lock and its codes, without a PIN (rule 6 of the MQTT contract). */
export function reportedOf(state: LockState, context: ReportContext): ReportContent {
  const { lock } = state;
  const { policy, fingerprint } = context;
  const view = viewOf(state, { policy, now: context.now(), isRadioUp: context.isRadioUp(lock) });
  const report = {
    v: MAJOR_VERSION,
    device_id: lock.deviceId,
    generation: lock.generation,
    version_received: lock.versionReceived,
    version_applied: lock.versionApplied,
    device: deviceOf(view),
    codes: reportedCodesOf(view, fingerprint),
    unmanaged_codes: reportedUnmanagedOf(view, fingerprint),
  } as const;
  return { ...report, digest: digestOf(report) };
}

/**
 * SHA-256 in hex over the report without its digest, as JSON with sorted keys and no spaces. Of an explanation only the
 * reason counts: its words and time change at every attempt to reach a lock, which is no news of the lock.
 */
export function digestOf(report: Omit<ReportContent, 'digest'>): string {
  return createHash('sha256').update(JSON.stringify(report, canonical)).digest('hex');
}

/** A replacer for JSON.stringify. */
function canonical(key: string, value: unknown): unknown {
  if (key === 'explanation') return (value as ReportedCode['explanation'])?.reason ?? null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a report has many of, so that it can be cut there. */
interface Lists {
  readonly codes: Reported['codes'];
  readonly unmanaged_codes: Reported['unmanaged_codes'];
}

/**
 * Cuts a report into as few messages as stay below `bytesMax` (as long as a single code does); one message without
 * `part` where it fits, which is the rule.
 */
export function reportedParts(report: Reported, bytesMax: number): readonly string[] {
  const whole = JSON.stringify(report);
  if (Buffer.byteLength(whole) <= bytesMax) return [whole];
  const empty = { ...report, codes: [], unmanaged_codes: [], part: 1000, parts: 1000 };
  const frameBytes = Buffer.byteLength(JSON.stringify(empty));
  const parts: Lists[] = [{ codes: [], unmanaged_codes: [] }];
  let bytes = frameBytes;
  const makeRoomFor = (code: unknown): Lists => {
    const codeBytes = Buffer.byteLength(JSON.stringify(code)) + 1;
    let last = parts.at(-1);
    if (last === undefined || bytes + codeBytes > bytesMax) {
      last = { codes: [], unmanaged_codes: [] };
      parts.push(last);
      bytes = frameBytes;
    }
    bytes += codeBytes;
    return last;
  };
  for (const code of report.codes) makeRoomFor(code).codes.push(code);
  for (const code of report.unmanaged_codes) makeRoomFor(code).unmanaged_codes.push(code);
  return parts.map((lists, index) =>
    JSON.stringify({ ...report, ...lists, part: index + 1, parts: parts.length }),
  );
}
