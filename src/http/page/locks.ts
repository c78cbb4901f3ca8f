import { z } from 'zod';
import { DAY_MS, type Instant } from '../../core/time.ts';
import type { PastOperation } from '../../store/store.ts';
import { notedText } from '../../wire/instant-text.ts';
import { lockPropertiesOf } from '../../wire/lock-properties.ts';
import type { View } from '../../wire/view.ts';
import { ApiProblem, invalidInput, notFound } from '../problem.ts';
import type { ApiContext, Route } from '../route.ts';
import { explanationsOf, pageCodesOf, pageUnmanagedCodesOf } from './code-object.ts';
import { hasNativeSchedules } from './codes.ts';
import { doorOf } from './door-object.ts';
import { pageCommandOf } from './command-object.ts';
import { lockSummaryOf, lockView } from './lock-summary.ts';
import { idParam, pageRoute } from './page-route.ts';
import { linksOf } from './radio.ts';
import { pageSlotOf } from './slot-object.ts';
import { MARKS, MARKS_MAX, timelineOf } from './timeline.ts';
import type { LockDetail, PageOperation, Timeline } from './types.ts';

const OPERATIONS_MAX = 100;
const COMMANDS_MAX = 20;
const COMMANDS_LOOK_MAX = 200;
const TENURES_MAX = 1000;
const PAST_MS = 7 * DAY_MS;
const FUTURE_MS = 14 * DAY_MS;
/** Longest timeline: what is unrolled and drawn must stay bounded. */
const SPAN_MAX_MS = 100 * DAY_MS;

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** `/page/locks`: all of one lock. */
export const pageLocks: Route = pageRoute({
  path: '/page/locks',
  verbs: ['GET'],
  scope: 'read',
  params: z.object({ device_id: idParam, from: instant.optional(), to: instant.optional() }),
  act: (context, { device_id, from, to }): LockDetail | ApiProblem => {
    const view = lockView(context, device_id);
    if (view === undefined) return notFound('device');
    const span = spanOf(view, from, to);
    if (span instanceof ApiProblem) return span;
    return lockDetailOf(context, view, span);
  },
});

interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** From a week ago, or since the hub has the lock, to two weeks ahead. */
function spanOf({ state, now }: View, from: Instant | undefined, to: Instant | undefined): Span | ApiProblem {
  const since = Math.max(now.earliest - PAST_MS, state.lock.metAt ?? 0);
  const start = from ?? Math.min(since, to ?? since);
  const end = to ?? Math.max(now.earliest + FUTURE_MS, start);
  if (end < start) return invalidInput('to: must not be before from.', 'to');
  return end - start > SPAN_MAX_MS
    ? invalidInput('to: a timeline has at most 100 days.', 'to')
    : { from: start, to: end };
}

function lockDetailOf(context: ApiContext, view: View, span: Span): LockDetail {
  const { state } = view;
  const { lock } = state;
  const { store } = context;
  const { deviceId } = lock;
  const explanations = explanationsOf(view);
  const { supported_code_lengths, code_constraints, clock, audit } = lockPropertiesOf(view);
  return {
    ...lockSummaryOf(view, linksOf(context).get(deviceId)),
    door: doorOf(context, view),
    can_change_codes: lock.capabilities !== null,
    supported_code_lengths,
    code_constraints,
    has_native_schedules: hasNativeSchedules(view),
    clock,
    audited_at: audit.done_at,
    slot_table: state.slots.map((row) => pageSlotOf(row, explanations)),
    managed_codes: pageCodesOf(context, view, explanations),
    unmanaged_codes: pageUnmanagedCodesOf(view),
    timeline: lockTimeline(context, view, span),
    operations: store.history.operations(deviceId, OPERATIONS_MAX).map(operationOf),
    measurements: store.history.measurements(deviceId).map((measured) => ({
      at: notedText(measured.at),
      battery_level: measured.batteryLevel,
      rssi_dbm: measured.rssiDbm,
      round_trip_ms: measured.roundTripMs,
    })),
    // Some commands for a lock are not done by its own loop, so all of the newest are looked through.
    commands: store.commands
      .newest(null, null, COMMANDS_LOOK_MAX)
      .flatMap((command) => pageCommandOf(command) ?? [])
      .filter((command) => command.device_id === deviceId)
      .slice(0, COMMANDS_MAX),
  };
}

function lockTimeline({ store }: ApiContext, { state, policy, now }: View, { from, to }: Span): Timeline {
  const { deviceId } = state.lock;
  return timelineOf({
    state,
    policy,
    now,
    from,
    to,
    tenures: store.history.tenures(deviceId, from, to, TENURES_MAX),
    formerCode: (accessCodeId) => store.history.formerCode(deviceId, accessCodeId),
    events: store.events.newest(
      { deviceIds: [deviceId], since: from, before: to, eventTypes: Object.keys(MARKS) },
      MARKS_MAX,
    ),
  });
}

function operationOf(operation: PastOperation): PageOperation {
  const { operationId, kind, slot, accessCodeId, begunAt, outcome, settledAt } = operation;
  return {
    operation_id: operationId,
    kind,
    slot,
    access_code_id: accessCodeId,
    begun_at: notedText(begunAt),
    // The clock may have been set in between.
    took_ms: settledAt === null ? null : Math.max(0, Math.round(settledAt - begunAt)),
    outcome,
  };
}
