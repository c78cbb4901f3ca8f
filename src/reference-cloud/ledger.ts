import { z } from 'zod';
import { resultSchema, type Result } from '../cloud/messages/command.ts';
import { healthSchema, type Health } from '../cloud/messages/health.ts';
import { helloSchema, reportedSchema, type Hello, type Reported } from '../cloud/messages/up.ts';
import type { CloudDatabase } from './database.ts';
import { EventLog } from './event-log.ts';

/** Boots of a hub that are remembered, so that a late last will of an old one is known as such. */
const BOOTS_MAX = 20;

/** Of a desired document. */
export interface Versions {
  readonly generation: number;
  readonly version: number;
}

const presenceSchema = z.object({
  state: z.enum(['online', 'offline']),
  bootId: z.string(),
  connectionSeq: z.int(),
  at: z.string(),
});

/** Of the newest connection of a hub that was heard of. */
export type Presence = z.infer<typeof presenceSchema>;

const hubRow = z.object({
  epoch: z.string().nullable(),
  hello: z.string().nullable(),
  health: z.string().nullable(),
  presence: z.string().nullable(),
  boots: z.string(),
});
const lockRow = z.object({ generation: z.int(), version: z.int(), report: z.string().nullable() });
const bootsSchema = z.array(z.string());

/** What a hub has said so far, as far as it matters. Call inside a transaction. */
export class Ledger {
  readonly hubId: string;
  readonly #database: CloudDatabase;
  readonly #logs = new Map<string, EventLog>();
  readonly #hub;
  readonly #lock;
  readonly #setLock;
  readonly #setReport;
  readonly #knowsLog;
  readonly #result;
  readonly #setResult;

  constructor(database: CloudDatabase, hubId: string) {
    this.hubId = hubId;
    this.#database = database;
    database.prepare('INSERT OR IGNORE INTO hubs (hub_id) VALUES (?)').run(hubId);
    this.#hub = database.prepare('SELECT * FROM hubs WHERE hub_id = ?');
    this.#lock = database.prepare('SELECT * FROM locks WHERE hub_id = ? AND device_id = ?');
    this.#setLock = database.prepare(`
      INSERT INTO locks (hub_id, device_id, generation, version) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET generation = excluded.generation, version = excluded.version`);
    this.#setReport = database.prepare('UPDATE locks SET report = ? WHERE hub_id = ? AND device_id = ?');
    this.#knowsLog = database.prepare('SELECT 1 FROM logs WHERE hub_id = ? AND epoch = ?').pluck();
    this.#result = database
      .prepare('SELECT result FROM commands WHERE hub_id = ? AND command_id = ?')
      .pluck();
    this.#setResult = database.prepare('UPDATE commands SET result = ? WHERE hub_id = ? AND command_id = ?');
  }

  /** The log that the hub writes now; `undefined` before it was heard of. */
  log(): EventLog | undefined {
    const { epoch } = this.#row();
    return epoch === null ? undefined : this.logOf(epoch);
  }

  knowsLog(epoch: string): boolean {
    return this.#knowsLog.get(this.hubId, epoch) !== undefined;
  }

  logOf(epoch: string): EventLog {
    const known = this.#logs.get(epoch);
    if (known !== undefined) return known;
    const log = new EventLog(this.#database, this.hubId, epoch);
    this.#logs.set(epoch, log);
    return log;
  }

  /** The hub writes this log from now on. */
  beginLog(epoch: string): EventLog {
    this.#set('epoch', epoch);
    const log = this.logOf(epoch);
    log.setReceived(log.received());
    return log;
  }

  presence(): Presence | undefined {
    return parsed(presenceSchema, this.#row().presence);
  }

  setPresence(presence: Presence): void {
    const boots = bootsSchema.parse(JSON.parse(this.#row().boots));
    const others = boots.filter((bootId) => bootId !== presence.bootId);
    this.#set('boots', JSON.stringify([...others, presence.bootId].slice(-BOOTS_MAX)));
    this.#set('presence', JSON.stringify(presence));
  }

  /** A run of the hub that was heard of. */
  knowsBoot(bootId: string): boolean {
    return bootsSchema.parse(JSON.parse(this.#row().boots)).includes(bootId);
  }

  hello(): Hello | undefined {
    return parsed(helloSchema, this.#row().hello);
  }

  setHello(hello: Hello): void {
    this.#set('hello', JSON.stringify(hello));
  }

  health(): Health | undefined {
    return parsed(healthSchema, this.#row().health);
  }

  setHealth(health: Health): void {
    this.#set('health', JSON.stringify(health));
  }

  /** The newest document that the hub said it had; zeros: none. `undefined`: it never spoke of this lock. */
  versionsOf(deviceId: string): Versions | undefined {
    const row = this.#lock.get(this.hubId, deviceId);
    return row === undefined ? undefined : lockRow.parse(row);
  }

  setVersions(deviceId: string, { generation, version }: Versions): void {
    this.#setLock.run(this.hubId, deviceId, generation, version);
  }

  report(deviceId: string): Reported | undefined {
    const row = this.#lock.get(this.hubId, deviceId);
    return row === undefined ? undefined : parsed(reportedSchema, lockRow.parse(row).report);
  }

  /** Call after `setVersions`. */
  setReport(report: Reported): void {
    this.#setReport.run(JSON.stringify(report), this.hubId, report.device_id);
  }

  /** Whatever the hub says of this lock later is news. */
  forget(deviceId: string): void {
    const own = 'hub_id = ? AND device_id = ?';
    this.#database.prepare(`DELETE FROM locks WHERE ${own}`).run(this.hubId, deviceId);
    const hello = this.hello();
    if (hello === undefined) return;
    this.setHello({ ...hello, devices: hello.devices.filter((device) => device.device_id !== deviceId) });
  }

  deviceIds(): readonly string[] {
    const ids = this.#database
      .prepare('SELECT device_id FROM locks WHERE hub_id = ? ORDER BY device_id')
      .pluck();
    return ids.all(this.hubId).map(String);
  }

  /** The last result of a command that this cloud sent; `null` before the first, `undefined` of one it never sent. */
  result(commandId: string): Result | null | undefined {
    const text = this.#result.get(this.hubId, commandId);
    return text === undefined ? undefined : (parsed(resultSchema, text as string | null) ?? null);
  }

  setResult(result: Result): void {
    this.#setResult.run(JSON.stringify(result), this.hubId, result.command_id);
  }

  #row(): z.infer<typeof hubRow> {
    return hubRow.parse(this.#hub.get(this.hubId));
  }

  #set(column: 'epoch' | 'hello' | 'health' | 'presence' | 'boots', value: string): void {
    this.#database.prepare(`UPDATE hubs SET ${column} = ? WHERE hub_id = ?`).run(value, this.hubId);
  }
}

/** What an older version of this program kept is as good as nothing: the hub says it again. */
function parsed<T>(schema: z.ZodType<T>, text: string | null): T | undefined {
  return text === null ? undefined : schema.safeParse(JSON.parse(text)).data;
}
