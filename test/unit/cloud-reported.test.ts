import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reportedSchema } from '../../src/cloud/messages/up.ts';
import { digestOf, reportedOf, reportedParts, type ReportContext } from '../../src/cloud/reported.ts';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { NativeScheduling } from '../../src/core/capability.ts';
import { DEFAULT_POLICY, type LockState } from '../../src/core/lock.ts';
import type { Slot } from '../../src/core/slot.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { anyLockState } from './store-arbitraries.ts';
import { accessCode, lockState, NOON, pin, slotRow } from './store-rows.ts';

const CANARY = '918273645546';
const SCHEDULING = { kind: 'year_day', granuleMs: 60_000 } as const;
const context: ReportContext = {
  policy: { ...DEFAULT_POLICY, timezone: 'Europe/Berlin' },
  now: () => ({ earliest: NOON, latest: NOON }),
  isRadioUp: () => true,
  fingerprint: (one) => createHash('sha256').update(`test key ${one.reveal()}`).digest('base64url'),
};

/** Any lock, with the canary wherever there is a PIN, and slots that belong to its codes. */
const anyLock = anyLockState.map((state): LockState => {
  const canary = pin(CANARY);
  const { capabilities } = state.lock;
  const nativeScheduling = capabilities?.nativeScheduling ? SCHEDULING : null;
  return {
    lock: { ...state.lock, capabilities: capabilities && { ...capabilities, nativeScheduling } },
    codes: state.codes.map((code) => ({ ...code, pin: code.pin && canary })),
    slots: state.slots.map((slot) => ({
      ...slot,
      owner: state.codes.find((code) => code.slot === slot.slot)?.accessCodeId ?? slot.owner,
      content: slot.content.kind === 'pin' ? { ...slot.content, pin: canary } : slot.content,
      pending: slot.pending && { ...slot.pending, pin: canary },
    })),
  };
});

test('a report fits its schema and holds no PIN, whatever the lock', () => {
  fc.assert(
    fc.property(anyLock, (state) => {
      const report = { ...reportedOf(state, context), boot_id: 'boot', report_seq: 1 };
      const text = JSON.stringify(report);
      expect(reportedSchema.parse(JSON.parse(text))).toEqual(JSON.parse(text));
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain('[PIN]');
    }),
  );
});

test('the digest is that of the canonical document, and another document has another', () => {
  fc.assert(
    fc.property(anyLock, (state) => {
      const { digest, ...rest } = reportedOf(state, context);
      const shuffled = Object.fromEntries(Object.entries(rest).reverse()) as typeof rest;
      expect(digestOf(shuffled)).toBe(digest);
      expect(digestOf({ ...rest, version_applied: rest.version_applied + 1 })).not.toBe(digest);
      expect(digestOf({ ...rest, device: { ...rest.device, online: !rest.device.online } })).not.toBe(digest);
    }),
  );
  const codes = [{ explanation: { reason: 'on_lock', message: 'It is on the lock.', at: null } }];
  const reasons = JSON.stringify({ codes: [{ explanation: 'on_lock' }] });
  expect(digestOf({ codes } as never)).toBe(createHash('sha256').update(reasons).digest('hex'));
  const digest = digestOf({ v: 1 } as never);
  expect(digest).toBe(createHash('sha256').update('{"v":1}').digest('hex'));
});

test('a report that is too large for a message is cut, and nothing is lost', () => {
  fc.assert(
    fc.property(anyLock, fc.integer({ min: 8000, max: 12_000 }), (state, bytesMax) => {
      const report = { ...reportedOf(state, context), boot_id: 'boot', report_seq: 7 };
      const parts = reportedParts(report, bytesMax);
      for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(bytesMax);
      const read = parts.map((part) => reportedSchema.parse(JSON.parse(part)));
      expect(read.flatMap((part) => part.codes)).toEqual(report.codes);
      expect(read.flatMap((part) => part.unmanaged_codes)).toEqual(report.unmanaged_codes);
      expect(new Set(read.map((part) => part.digest))).toEqual(new Set([report.digest]));
      const numbers = parts.length === 1 ? [undefined] : parts.map((_, index) => index + 1);
      expect(read.map((part) => part.part)).toEqual(numbers);
    }),
  );
});

describe('what is on the lock', () => {
  const wanted = pin('4938');
  const code = accessCode('0f9d3a51-2b7c-4e86-8a1d-5c4b3e2f1a00', {
    pin: wanted,
    slot: 3,
    status: 'setting',
  });
  const row = slotRow(3, { owner: code.accessCodeId, content: { kind: 'pin', pin: wanted, enabled: true } });
  const window = { start: '2026-11-22T16:00', stop: '2026-11-22T18:00' };
  const preloaded: Slot = { ...row, schedule: { kind: 'known', window } };
  const AHEAD = { startsAt: NOON + 1, endsAt: NOON + HOUR_MS };
  const OPEN = { startsAt: NOON, endsAt: NOON + HOUR_MS };
  const ONGOING = { startsAt: null, endsAt: null };

  function told(
    slot: Slot,
    changes: Partial<AccessCode> = {},
    nativeScheduling: NativeScheduling | null = SCHEDULING,
  ) {
    const pinLength = { min: 4, max: 8 };
    const capabilities = {
      firstSlot: 1,
      lastSlot: 30,
      adminSlots: [],
      pinLength,
      constraints: [],
      nativeScheduling,
      weekDaySchedules: 0,
      disabledCodes: false,
      checksum: false,
      offline: null,
    };
    const { lock } = lockState('b5d27a4c-7a9e-4f31-9d0e-3a6f1c2b4d5e');
    const state = {
      lock: { ...lock, radio: 'zwave' as const, online: true, capabilities },
      codes: [{ ...code, ...changes }],
      slots: [slot],
    };
    return reportedOf(state, context).codes[0];
  }

  test.each<[string, Slot, Partial<AccessCode>]>([
    ['active', row, {}],
    ['active', { ...row, content: { kind: 'masked', enabled: true } }, {}],
    ['scheduled', preloaded, AHEAD],
    ['scheduled', preloaded, { ...AHEAD, removingSince: NOON, status: 'removing' }],
    ['active', preloaded, { ...OPEN, status: 'set' }],
    // A longer window is being written, or the code is on its way off the lock: it opens all the same.
    ['active', preloaded, OPEN],
    ['active', preloaded, { ...OPEN, removingSince: NOON, status: 'removing' }],
    ['active', preloaded, { ...AHEAD, edits: { timeFrame: { ...OPEN, since: NOON } } }],
    ['active', preloaded, { ...AHEAD, edits: { timeFrame: { ...ONGOING, since: NOON } } }],
    ['unknown', { ...row, schedule: { kind: 'unknown' } }, {}],
    ['disabled', { ...row, content: { kind: 'pin', pin: wanted, enabled: false } }, {}],
    ['none', { ...row, content: { kind: 'empty' } }, {}],
    ['unknown', { ...row, content: { kind: 'unknown' } }, {}],
    ['unknown', { ...row, pending: { pin: wanted, overEmpty: true } }, {}],
    ['none', { ...row, owner: null }, {}],
    ['none', row, { slot: null }],
  ])('is %s', (onLock, slot, changes) => {
    expect(told(slot, changes)?.on_lock).toBe(onLock);
  });

  test('is active on a lock that keeps no schedules', () => {
    expect(told({ ...row, schedule: { kind: 'unknown' } }, {}, null)?.on_lock).toBe('active');
  });

  test('is told by fingerprint, the wanted and the one in the slot', () => {
    const old = pin('1111');
    const report = told({ ...row, content: { kind: 'pin', pin: old, enabled: true } });
    expect(report?.pin_fingerprint).toBe(context.fingerprint(wanted));
    expect(report?.on_lock_pin_fingerprint).toBe(context.fingerprint(old));
    expect(told({ ...row, content: { kind: 'masked', enabled: true } })?.on_lock_pin_fingerprint).toBeNull();
  });

  test('shows why a request was not taken, once', () => {
    const rejected = { code: 'invalid_input', message: 'code: is missing.' } as const;
    expect(told(row, { rejected })?.errors).toMatchObject([
      { error_code: 'invalid_input', message: rejected.message },
    ]);
    const errors = [{ ...rejected, createdAt: 5 }];
    expect(told(row, { rejected, errors })?.errors).toEqual([
      {
        error_code: 'invalid_input',
        message: rejected.message,
        created_at: '1970-01-01T00:00:00.005Z',
        is_access_code_error: true,
      },
    ]);
  });
});
