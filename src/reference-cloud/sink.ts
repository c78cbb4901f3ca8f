import type { Result } from '../cloud/messages/command.ts';
import type { Hello, Reported, Status } from '../cloud/messages/up.ts';
import type { CloudDatabase } from './database.ts';
import { EventSink } from './event-sink.ts';
import { Ledger, type Presence, type Versions } from './ledger.ts';
import { ReportParts, type WholeReport } from './report-parts.ts';
import { readUp, type CloudEvent, type UpMessage } from './up-message.ts';
import type { Allowances, Violation, ViolationKind } from './violation.ts';

/** What became of one message. */
export interface Taken {
  /** `null`: it is no message of the contract, or of another time: late, or doubled, and to be ignored. */
  readonly message: UpMessage | null;
  /** Events whose turn has come: each once, in order of `seq`, none missing. */
  readonly events: readonly CloudEvent[];
  /** How the hub broke the contract; the message is taken all the same as far as that makes sense. */
  readonly violations: readonly Violation[];
}

/**
 * The receiving end of one hub: takes what the hub says and checks it against everything that it said before. All it
 * knows is in the database, so a cloud that died goes on with it where it was.
 */
export class Sink {
  readonly ledger: Ledger;
  readonly #database: CloudDatabase;
  readonly #allows: Allowances;
  readonly #events: EventSink;
  readonly #parts = new ReportParts();
  #violations: Violation[] = [];

  constructor(database: CloudDatabase, hubId: string, allows: Allowances) {
    this.#database = database;
    this.ledger = new Ledger(database, hubId);
    this.#allows = allows;
    this.#events = new EventSink(this.ledger, allows, (kind, message) => this.#violated(kind, message));
  }

  /** Takes one message from below the root of the hub, such as `up/hello`. When it returns, it is on the disk. */
  take(name: string, payload: Uint8Array): Taken {
    this.#violations = [];
    const read = readUp(name, payload);
    if (!read.ok) this.#violated('not_in_contract', read.reason);
    const taken = read.ok ? this.#database.transaction(() => this.#take(read.message))() : NOTHING;
    return { ...taken, violations: this.#violations };
  }

  /** Events that have arrived stand behind some that have not. */
  hasGap(): boolean {
    const log = this.ledger.log();
    return log !== undefined && log.highest() > log.received();
  }

  #take(message: UpMessage): Omit<Taken, 'violations'> {
    switch (message.kind) {
      case 'status':
        return this.#takeStatus(message.status) ? { message, events: [] } : NOTHING;
      case 'hello':
        return this.#takeHello(message);
      case 'reported': {
        const whole = this.#parts.add(message.report, message.raw);
        if (whole === undefined || !this.#takeReport(whole)) return NOTHING;
        return { message: { ...message, report: whole.report }, events: [] };
      }
      case 'event':
        return { message, events: this.#events.take(message.batch) };
      case 'result':
        return this.#takeResult(message);
      case 'health':
        this.ledger.setHealth(message.health);
        return { message, events: [] };
      case 'certificate_request':
        return { message, events: [] };
    }
  }

  /** An `offline` that is older than the newest hello is the last will of a connection that was followed by another. */
  #takeStatus(status: Status): boolean {
    const own = presenceOf(status, status.state);
    const newest = this.ledger.presence();
    if (newest !== undefined && this.#isOlder(own, newest)) return false;
    // What begins a connection can't follow its end.
    if (newest?.state === 'offline' && own.state === 'online' && isSame(own, newest)) return false;
    this.ledger.setPresence(own);
    return true;
  }

  #takeHello(message: UpMessage & { readonly kind: 'hello' }): Omit<Taken, 'violations'> {
    const { hello } = message;
    const own = presenceOf(hello, 'online');
    const newest = this.ledger.presence();
    if (newest !== undefined && this.#isOlder(own, newest)) return NOTHING;
    if (newest?.state === 'offline' && isSame(own, newest)) return NOTHING;
    const before = this.ledger.hello();
    const log = this.ledger.log();
    const isNewLog = log !== undefined && log.epoch !== hello.outbox.epoch;
    const events = this.#events.hello(hello.outbox);
    // A hub says hello again when it is asked to, and then the earlier one may come late.
    const mayBeLate =
      (this.#allows.doubling || this.#allows.reordering) &&
      before !== undefined &&
      isSame(own, presenceOf(before, 'online'));
    for (const device of hello.devices) {
      const versions = { generation: device.generation, version: device.version_received };
      this.#checkApplied(device, versions);
      if (mayBeLate && isBack(versions, this.ledger.versionsOf(device.device_id) ?? versions)) continue;
      const told = before?.devices.find((one) => one.device_id === device.device_id);
      // Two hellos have an order of their own; a report may have come before the hello that it followed.
      const known = this.#allows.reordering
        ? told && { generation: told.generation, version: told.version_received }
        : this.ledger.versionsOf(device.device_id);
      if (!isNewLog) this.#checkForward(device.device_id, versions, known);
      this.ledger.setVersions(device.device_id, versions);
    }
    this.ledger.setPresence(own);
    this.ledger.setHello(hello);
    return { message, events };
  }

  #takeReport({ report, digest }: WholeReport): boolean {
    const { device_id: deviceId } = report;
    const versions = { generation: report.generation, version: report.version_received };
    if (digest !== report.digest) {
      this.#violated('digest_wrong', `The digest of the report of ${deviceId} is another one.`);
    }
    this.#checkApplied(report, versions);
    const known = this.ledger.versionsOf(deviceId);
    if (known !== undefined && isBack(versions, known)) {
      if (this.#allows.reordering) return false;
      this.#checkForward(deviceId, versions, known);
    }
    if (this.#isVoid(report, this.ledger.report(deviceId))) return false;
    this.ledger.setVersions(deviceId, versions);
    this.ledger.setReport(report);
    return true;
  }

  /** An older report may come after a newer one of the same run, or of the run that followed. */
  #isVoid(report: Reported, newest: Reported | undefined): boolean {
    if (newest === undefined) return false;
    if (report.boot_id === newest.boot_id) return report.report_seq < newest.report_seq;
    return this.ledger.knowsBoot(report.boot_id) && this.ledger.presence()?.bootId !== report.boot_id;
  }

  #takeResult(message: UpMessage & { readonly kind: 'result' }): Omit<Taken, 'violations'> {
    const { result } = message;
    const events = result.type === 'resend_events' ? this.#events.resent(result) : [];
    const before = this.ledger.result(result.command_id);
    // Another cloud may have sent it.
    if (before === undefined) return { message, events };
    const isOld =
      before !== null && (isEnd(before) || (before.state === 'running' && result.state === 'accepted'));
    if (!isOld) {
      this.ledger.setResult(result);
      return { message, events };
    }
    if (isEnd(before) && isEnd(result) && outcomeOf(result) !== outcomeOf(before)) {
      this.#violated('result_changed', `${result.type} ended as ${before.state}, now as ${result.state}.`);
    }
    return { message: null, events };
  }

  #checkForward(deviceId: string, now: Versions, before: Versions | undefined): void {
    if (before === undefined || !isBack(now, before)) return;
    const [from, to] = [before, now].map(({ generation, version }) => `${generation}/${version}`);
    this.#violated('version_back', `The document of ${deviceId} goes back from ${from} to ${to}.`);
  }

  #checkApplied(
    { device_id, version_applied: applied }: Hello['devices'][number],
    { version }: Versions,
  ): void {
    if (applied <= version) return;
    this.#violated('applied_too_much', `${device_id} has applied ${applied} and received ${version}.`);
  }

  /** Runs of a hub have no numbers: one that was heard of before the newest is older, else its own time decides. */
  #isOlder(one: Presence, newest: Presence): boolean {
    if (one.bootId === newest.bootId) return one.connectionSeq < newest.connectionSeq;
    return this.ledger.knowsBoot(one.bootId) || one.at < newest.at;
  }

  #violated(kind: ViolationKind, message: string): void {
    this.#violations.push({ kind, message });
  }
}

const NOTHING: Omit<Taken, 'violations'> = { message: null, events: [] };

function presenceOf(of: Status | Hello, state: Presence['state']): Presence {
  return { state, bootId: of.boot_id, connectionSeq: of.connection_seq, at: of.at };
}

function isSame(one: Presence, other: Presence): boolean {
  return one.bootId === other.bootId && one.connectionSeq === other.connectionSeq;
}

export function isBack(now: Versions, before: Versions): boolean {
  return (now.generation - before.generation || now.version - before.version) < 0;
}

function isEnd({ state }: Result): boolean {
  return state !== 'accepted' && state !== 'running';
}

function outcomeOf({ state, result, error }: Result): string {
  return JSON.stringify([state, result, error]);
}
