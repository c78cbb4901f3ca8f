import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { commandParams } from '../cloud/messages/command-params.ts';
import { MAJOR_VERSION } from '../cloud/messages/payload.ts';
import type { CloudDatabase } from './database.ts';

/** Settled and expired commands are forgotten after as long as the hub remembers them. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** A command as it was sent. */
export interface SentCommand {
  readonly commandId: string;
  readonly type: string;
  readonly payload: string;
}

export type Made =
  | { readonly ok: true; readonly command: SentCommand }
  /** One sentence for the person who asked. */
  | { readonly ok: false; readonly message: string };

/** Parameters that depend on the command itself, such as a signature of it. */
export type Sign = (commandId: string, expiresAt: number) => Readonly<Record<string, unknown>>;

const row = z.object({ command_id: z.string(), type: z.string(), payload: z.string() });

/** The commands that were sent to one hub. */
export class Commands {
  readonly #database: CloudDatabase;
  readonly #hubId: string;

  constructor(database: CloudDatabase, hubId: string) {
    this.#database = database;
    this.#hubId = hubId;
  }

  /** Keeps a command; it is sent, under the same id, until the hub has told its end. */
  add(
    type: string,
    params: Readonly<Record<string, unknown>>,
    now: number,
    lifetimeMs: number,
    sign: Sign = () => ({}),
  ): Made {
    if (!isType(type)) {
      return refused(`No such command. There are: ${Object.keys(commandParams).join(', ')}.`);
    }
    const read = commandParams[type].strict().safeParse(params);
    if (!read.success) {
      const [issue] = read.error.issues;
      return refused(`${type}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.replace('  ', ' '));
    }
    const commandId = randomUUID();
    const expiresAt = now + lifetimeMs;
    const payload = JSON.stringify({
      v: MAJOR_VERSION,
      command_id: commandId,
      type,
      expires_at: new Date(expiresAt).toISOString(),
      params: { ...params, ...sign(commandId, expiresAt) },
    });
    this.#database
      .prepare('DELETE FROM commands WHERE hub_id = ? AND expires_at < ?')
      .run(this.#hubId, now - KEPT_MS);
    this.#database
      .prepare('INSERT INTO commands VALUES (?, ?, ?, ?, ?, NULL)')
      .run(commandId, this.#hubId, type, payload, expiresAt);
    return { ok: true, command: { commandId, type, payload } };
  }

  /**
   * Commands whose end was not heard yet and that expired at most `graceMs` ago. Sent again, the hub tells the end of
   * one that it knows, and that it came too late of one that it does not.
   */
  open(now: number, graceMs: number): readonly SentCommand[] {
    const found = this.#database.prepare(`
      SELECT command_id, type, payload FROM commands WHERE hub_id = ? AND expires_at > ?
      AND coalesce(result ->> 'state', 'accepted') IN ('accepted', 'running') ORDER BY rowid`);
    return found.all(this.#hubId, now - graceMs).map((one) => {
      const { command_id: commandId, type, payload } = row.parse(one);
      return { commandId, type, payload };
    });
  }
}

/** Its result may hold a PIN, sealed to a `reply_key`. */
export function takesReplyKey(type: string): boolean {
  return isType(type) && 'reply_key' in commandParams[type].shape;
}

function isType(type: string): type is keyof typeof commandParams {
  return Object.hasOwn(commandParams, type);
}

function refused(message: string): Made {
  return { ok: false, message };
}
