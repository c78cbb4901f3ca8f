import type { AccessCode } from '../../core/access-code.ts';
import type { Command } from '../../core/command.ts';
import { explain } from '../../core/plan/explain.ts';
import type { LinkView } from '../../core/radio-view.ts';
import type { LoggedEvent } from '../../store/store.ts';
import { instantText, notedText } from '../../wire/instant-text.ts';
import type { View } from '../../wire/view.ts';
import type { ApiParts } from '../route.ts';
import { hubHealthOf } from './hub-health.ts';
import { lockSummaryOf, lockViews } from './lock-summary.ts';
import { linksOf, pairingStateOf, radioViewOf } from './radio.ts';
import { pageSlotOf } from './slot-object.ts';
import type { LogLine } from './types.ts';

const EVENTS_MAX = 1000;
const OPERATIONS_PER_LOCK_MAX = 200;
const COMMANDS_MAX = 200;

type Fields = Readonly<Record<string, unknown>>;

/**
 * What helps to find out why a hub does what it does. No PIN, no name of a guest and no secret can be in it: every
 * object is put together field by field, of fields that never hold one.
 */
export function bundleOf(parts: ApiParts): Fields & { readonly log: readonly LogLine[] } {
  const { store, settings, logRing, clock, bootId } = parts;
  const links = linksOf(parts);
  return {
    made_at: notedText(clock.now().earliest),
    versions: {
      lockhub: parts.version,
      node: process.version,
      platform: process.platform,
      arch: process.arch,
    },
    boot_id: bootId,
    health: hubHealthOf(parts),
    queues: {
      events: { head: store.outbox.head(), acked: store.outbox.acked(), waiting: store.outbox.depth() },
      commands_open: store.commands.openCount(),
      operations_open: store.openOperations(),
      operation_counts: store.operationCounts(),
    },
    settings,
    radio: radioViewOf(parts),
    pairing: pairingStateOf(parts).current?.stage ?? null,
    locks: lockViews(parts).map((view) => lockOf(parts, view, links.get(view.state.lock.deviceId))),
    events: store.events.newest({}, EVENTS_MAX).map(eventOf),
    commands: store.commands.newest(null, null, COMMANDS_MAX).map(commandOf),
    log: logRing.lines('trace', 0),
  };
}

function lockOf({ store }: ApiParts, view: View, link: LinkView | undefined): Fields {
  const { state, policy, now } = view;
  const { lock } = state;
  const { errors, warnings, name: _name, pending: _pending, ...summary } = lockSummaryOf(view, link);
  const explanations = explain(state, policy, now);
  return {
    ...summary,
    errors: errors.map(({ error_code }) => error_code),
    warnings: warnings.map(({ warning_code }) => warning_code),
    capabilities: lock.capabilities,
    generation: lock.generation,
    version_received: lock.versionReceived,
    version_applied: lock.versionApplied,
    failures: lock.failures,
    failed_looks: lock.failedLooks,
    retry_at: instantText(lock.retryAt),
    audit: lock.audit,
    clock_set: lock.clockSet,
    clock_read: lock.clockRead,
    programming_ms: lock.programmingMs,
    slots: state.slots.map((row) => {
      // The sentence of a slot can have the name of a guest in it.
      const { why, ...shown } = pageSlotOf(row, explanations);
      return { ...shown, reason: why?.reason ?? null };
    }),
    codes: state.codes.map((code) => ({
      ...codeOf(code),
      reason: explanations.codes.get(code.accessCodeId)?.reason ?? null,
    })),
    operations: store.history.operations(lock.deviceId, OPERATIONS_PER_LOCK_MAX),
    measurements: store.history.measurements(lock.deviceId),
  };
}

/** Without its name, PIN and group. */
function codeOf(code: AccessCode): Fields {
  return {
    access_code_id: code.accessCodeId,
    origin: code.origin,
    status: code.status,
    status_since: notedText(code.statusSince),
    slot: code.slot,
    starts_at: instantText(code.startsAt),
    ends_at: instantText(code.endsAt),
    weekly_windows: code.weeklyWindows,
    max_uses: code.maxUses,
    uses: code.uses,
    has_code: code.pin !== null,

    is_backup: code.isBackup,
    backup_of: code.backupOf,
    pulled_backup_id: code.pulledBackupId,
    removing_since: instantText(code.removingSince),
    rejected: code.rejected?.code ?? null,
    refused: code.refused?.reason ?? null,
    failures: code.failures,
    retry_at: instantText(code.retryAt),
    revision: code.revision,
    errors: code.errors.map((error) => error.code),
    warnings: code.warnings.map((warning) => warning.code),
  };
}

/** Fields of events that are words, numbers or ids, and never what somebody typed. */
const EVENT_FIELDS = [
  'event_id',
  'event_type',
  'occurred_at',
  'device_id',
  'access_code_id',
  'backup_access_code_id',
  'webhook_id',
  'boot_id',
  'method',
  'slot',
  'access_code_is_managed',
  'change',
  'change_type',
  'error_code',
  'battery_level',
  'battery_status',
  'ahead_seconds',
  'reason',
  'count',
  'first_seq',
  'last_seq',
  'lost_seq',
  'version',
] as const;

function eventOf({ seq, createdAt, event }: LoggedEvent): Fields {
  const shown = EVENT_FIELDS.flatMap((name) => (name in event ? [[name, event[name]] as const] : []));
  return { seq, created_at: notedText(createdAt), ...Object.fromEntries(shown) };
}

/** Without its parameters and results, which have PINs, QR codes and digits of labels in them. */
function commandOf({ commandId, request, receivedAt, expiresAt, outcome, outcomeAt }: Command): Fields {
  return {
    command_id: commandId,
    type: request?.type ?? null,
    device_id: request !== null && 'deviceId' in request ? request.deviceId : null,
    received_at: notedText(receivedAt),
    expires_at: notedText(expiresAt),
    state: outcome.state,
    error: outcome.state === 'failed' ? outcome.error.code : null,
    outcome_at: notedText(outcomeAt),
  };
}
