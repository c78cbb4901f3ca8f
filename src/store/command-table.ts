import { z } from 'zod';

import { attemptEvents } from '../core/attempt-event.ts';
import {
  isSettled,
  lockOf,
  type Command,
  type CommandError,
  type CommandOutcome,
  type CommandRequest,
} from '../core/command.ts';
import type { DomainEvent } from '../core/event.ts';
import type { Instant } from '../core/time.ts';
import type { Connection, Statement } from './connection.ts';
import { flagOf, json, jsonOf, parseRow, words } from './rows.ts';
import type { CommandLog } from './store.ts';

const TABLE = 'commands';
/** Commands that are forgotten at one time: more than come at one time. */
const FORGET_MAX = 8;

const lockRequest = z.object({
  type: z.enum(['lock_door', 'identify', 'reinterview', 'self_test', 'check_link', 'remove_device']),
  deviceId: z.string(),
});
const unlockRequest = z.object({
  type: z.literal('unlock_door'),
  deviceId: z.string(),
  entry: z
    .object({
      keypadId: z.string(),
      accessCodeId: z.string().nullable(),
      startsAt: z.number(),
      endsAt: z.number(),
    })
    .exactOptional(),
});
const sealed = z.object({ key_id: z.string(), enc: z.string(), ciphertext: z.string() });
const maybeLockRequest = z.object({ type: z.enum(['ping', 'audit']), deviceId: z.string().nullable() });
const codeRequest = z.object({
  type: z.enum(['pull_backup_access_code', 'reveal_code']),
  deviceId: z.string(),
  accessCodeId: z.string(),
  replyKey: z.string().nullable(),
});
const generateRequest = z.object({
  type: z.literal('generate_code'),
  deviceId: z.string(),
  preferredCodeLength: z.int().nullable(),
  replyKey: z.string(),
});
const radio = z.enum(['zwave', 'zigbee']);
const letIn = z.object({
  durationMs: z.number(),
  qr: z.string().nullable(),
  pin: z.string().nullable(),
  // Absent in what an earlier version stored, which could ask nobody.
  asksForPin: z.boolean().default(false),
});
const startPairing = letIn.extend({ type: z.literal('start_pairing'), radio });
const replaceDevice = letIn.extend({ type: z.literal('replace_device'), deviceId: z.string() });

const request: z.ZodType<CommandRequest> = z.discriminatedUnion('type', [
  lockRequest,
  unlockRequest,
  maybeLockRequest,
  codeRequest,
  generateRequest,
  startPairing,
  replaceDevice,
  z.object({ type: z.literal('enter_pairing_pin'), pin: z.string().nullable() }),
  z.object({ type: z.literal('set_keypad'), deviceId: z.string(), keypadId: z.string().nullable() }),
  z.object({ type: z.literal('set_offline_secret'), secretId: z.string(), sealedSecret: sealed }),
  z.object({ type: z.literal('diagnostics') }),
  z.object({ type: z.literal('make_backup'), uploadUrl: z.string().nullable() }),
  z.object({ type: z.literal('rotate_key') }),
  z.object({
    type: z.literal('update'),
    url: z.string(),
    signature: z.string(),
    allowDowngrade: z.boolean(),
  }),
  z.object({ type: z.literal('resend_events'), afterSeq: z.int() }),
  z.object({ type: z.literal('stop_pairing'), radio: radio.nullable() }),
  z.object({
    type: z.literal('wipe'),
    hubId: z.string(),
    epoch: z.string(),
    codes: z.enum(['keep', 'remove']),
    reason: z.string(),
    signature: z.string().nullable(),
  }),
]);

const errorCode = words<CommandError>({
  invalid_input: true,
  unknown_device: true,
  unsupported: true,
  clock_uncertain: true,
  device_offline: true,
  device_online: true,
  radio_down: true,
  no_answer: true,
  refused_by_lock: true,
  jammed: true,
  access_code_not_found: true,
  access_code_not_time_bound: true,
  backup_access_code_not_found: true,
  no_code_possible: true,
  backup_failed: true,
  upload_failed: true,
  busy: true,
  interrupted: true,
  timed_out: true,
  update_refused: true,
  update_failed: true,
  hub_fault: true,
});

const outcome: z.ZodType<CommandOutcome> = z.discriminatedUnion('state', [
  z.object({ state: z.enum(['accepted', 'running', 'expired']) }),
  z.object({ state: z.literal('succeeded'), result: z.record(z.string(), z.unknown()) }),
  z.object({ state: z.literal('failed'), error: z.object({ code: errorCode, message: z.string() }) }),
]);

const commandRow = z.object({
  command_id: z.string(),
  type: z.string(),
  request: json(request.nullable()),
  received_at: z.number(),
  expires_at: z.number(),
  outcome: json(outcome),
  outcome_at: z.number(),
});

const countRow = z.object({ open: z.int() });

/**
 * One-shot wishes by their id. A command that is settled stays for its id to be known, until it is old or there are
 * too many; an open one is never dropped.
 */
export class CommandTable implements CommandLog {
  readonly #connection: Connection;
  readonly #rowsMax: number;
  readonly #onChange: (events: readonly DomainEvent[]) => void;
  readonly #get: Statement;
  readonly #insert: Statement;
  readonly #settle: Statement;
  readonly #open: Statement;
  readonly #openCount: Statement;
  readonly #newest: Statement;
  readonly #untold: Statement;
  readonly #told: Statement;
  readonly #tellAgain: Statement;
  readonly #forget: Statement;
  readonly #prune: Statement;

  /** `onChange` is called at each change that is to be told, with the events that it causes. */
  constructor(connection: Connection, rowsMax: number, onChange: (events: readonly DomainEvent[]) => void) {
    this.#connection = connection;
    this.#rowsMax = rowsMax;
    this.#onChange = onChange;
    const select = `SELECT command_id, type, request, received_at, expires_at, outcome, outcome_at FROM ${TABLE}`;
    this.#get = connection.prepare(`${select} WHERE command_id = ?`);
    this.#insert = connection.prepare(`
      INSERT INTO ${TABLE}
        (command_id, type, request, device_id, received_at, expires_at, outcome, outcome_at, is_open, is_told)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`);
    this.#settle = connection.prepare(
      `UPDATE ${TABLE} SET outcome = ?, outcome_at = ?, is_open = ?, is_told = 0 WHERE command_id = ? AND is_open = 1`,
    );
    this.#open = connection.prepare(
      `${select} WHERE is_open = 1 AND device_id IS ? ORDER BY command_number LIMIT ?`,
    );
    this.#openCount = connection.prepare(`SELECT count(*) AS open FROM ${TABLE} WHERE is_open = 1`);
    this.#newest = connection.prepare(`
      ${select} WHERE (@device IS NULL OR device_id = @device) AND (@before IS NULL OR
        command_number < (SELECT command_number FROM ${TABLE} WHERE command_id = @before))
      ORDER BY command_number DESC LIMIT @limit`);
    this.#untold = connection.prepare(`${select} WHERE is_told = 0 ORDER BY outcome_at LIMIT ?`);
    this.#told = connection.prepare(`UPDATE ${TABLE} SET is_told = 1 WHERE command_id = ? AND outcome = ?`);
    this.#tellAgain = connection.prepare(`UPDATE ${TABLE} SET is_told = 0 WHERE command_id = ?`);
    // All that ever came would be too much to look through at each command.
    this.#forget = connection.prepare(`
      DELETE FROM ${TABLE} WHERE received_at < ? AND command_number IN (
        SELECT command_number FROM ${TABLE} WHERE is_open = 0 ORDER BY command_number LIMIT ${FORGET_MAX})`);
    this.#prune = connection.prepare(`DELETE FROM ${TABLE} WHERE is_open = 0 AND command_number <= ?`);
  }

  get(commandId: string): Command | undefined {
    const row = this.#get.get(commandId);
    return row === undefined ? undefined : commandOf(row);
  }

  add({ commandId, type, request: wish, receivedAt, expiresAt, outcome: first, outcomeAt }: Command): void {
    const { rowId } = this.#insert.run(
      commandId,
      type,
      jsonOf(wish),
      wish === null ? null : lockOf(wish),
      receivedAt,
      expiresAt,
      jsonOf(first),
      outcomeAt,
      flagOf(!isSettled(first)),
    );
    this.#prune.run(rowId - this.#rowsMax);
    this.#onChange(attemptEvents({ commandId, request: wish }, first, outcomeAt));
  }

  settle(commandId: string, to: CommandOutcome, at: Instant): void {
    const { changes } = this.#settle.run(jsonOf(to), at, flagOf(!isSettled(to)), commandId);
    const command = changes === 0 ? undefined : this.get(commandId);
    this.#onChange(command === undefined ? [] : attemptEvents(command, to, at));
  }

  open(deviceId: string | null, limit: number): readonly Command[] {
    return this.#open.all(deviceId, limit).map(commandOf);
  }

  openCount(): number {
    return parseRow(countRow, this.#openCount.get(), TABLE, []).open;
  }

  newest(deviceId: string | null, beforeId: string | null, limit: number): readonly Command[] {
    return this.#newest.all({ device: deviceId, before: beforeId, limit }).map(commandOf);
  }

  untold(limit: number): readonly Command[] {
    return this.#untold.all(limit).map(commandOf);
  }

  told({ commandId, outcome: what }: Command): void {
    this.#connection.unsynced(() => this.#told.run(commandId, jsonOf(what)));
  }

  tellAgain(commandId: string): void {
    this.#tellAgain.run(commandId);
    this.#onChange([]);
  }

  forgetBefore(at: Instant): void {
    this.#forget.run(at);
  }
}

function commandOf(row: unknown): Command {
  const parsed = parseRow(commandRow, row, TABLE, ['command_id']);
  return {
    commandId: parsed.command_id,
    type: parsed.type,
    request: parsed.request,
    receivedAt: parsed.received_at,
    expiresAt: parsed.expires_at,
    outcome: parsed.outcome,
    outcomeAt: parsed.outcome_at,
  };
}
