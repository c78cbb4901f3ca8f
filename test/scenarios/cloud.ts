import { z } from 'zod';
import { eventBatchSchema, helloSchema, reportedSchema, type Reported } from '../../src/cloud/messages/up.ts';
import type { Instant } from '../../src/core/time.ts';

/** An event as the cloud was told it: its fields at top level, as they came. */
export interface Told {
  readonly heardAt: Instant;
  readonly event: z.infer<typeof eventBatchSchema>['events'][number];
}

/** The fields of an entry, in the words of the create request. */
export type Entry = Readonly<Record<string, unknown>>;

/** What the create request of the access codes API has for a hub; anything else in a story is a slip of the pen. */
const REQUEST_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'code',
  'type',
  'preferred_code_length',
  'starts_at',
  'ends_at',
  'prefer_native_scheduling',
  'allow_external_modification',
  'is_external_modification_allowed',
  'use_backup_access_code_pool',
  'common_code_key',
  'attempt_for_offline_device',
  'is_offline_access_code',
  'use_offline_access_code',
  'is_one_time_use',
  'max_time_rounding',
  'strict_start',
  'weekly_windows',
  'max_uses',
]);

interface Document {
  generation: number;
  version: number;
  readonly entries: Map<string, Entry>;
  readonly tombstones: Set<string>;
}

/** A cloud as the contract wants it: it keeps documents, sends them after each hello, and acknowledges events at once. */
export class Cloud {
  /** Every payload that ever came up, to be searched for what must not be in it. */
  readonly payloads: string[] = [];
  readonly #documents = new Map<string, Document>();
  readonly #reports = new Map<string, Reported>();
  readonly #send: (topic: string, payload: string) => void;
  readonly #now: () => Instant;
  #told: Told[] = [];
  #epoch = '';
  #seq = 0;

  constructor(send: (topic: string, payload: string) => void, now: () => Instant) {
    this.#send = send;
    this.#now = now;
  }

  /** Notes an entry in the document of a lock; `null` takes it out. Throws for a field that no request has. */
  note(deviceId: string, accessCodeId: string, entry: Entry | null): void {
    const { entries } = this.#document(deviceId);
    for (const field of Object.keys(entry ?? {})) {
      if (!REQUEST_FIELDS.has(field)) throw new Error(`"${field}" is no field of the create request.`);
    }
    if (entry === null) {
      if (!entries.delete(accessCodeId)) throw new Error(`The cloud does not want ${accessCodeId}.`);
    } else entries.set(accessCodeId, entry);
  }

  /** What the cloud wants of a code. Throws when it wants none. */
  entry(deviceId: string, accessCodeId: string): Entry {
    const entry = this.#document(deviceId).entries.get(accessCodeId);
    if (entry === undefined) throw new Error(`The cloud does not want ${accessCodeId}.`);
    return entry;
  }

  /** Has something deleted that is in no document: a code that the hub found on the lock. */
  bury(deviceId: string, accessCodeId: string): void {
    this.#document(deviceId).tombstones.add(accessCodeId);
  }

  /** Sends the document of a lock as a new version. */
  sendNext(deviceId: string): void {
    this.#document(deviceId).version += 1;
    this.sendAgain(deviceId);
  }

  /** Sends the document of a lock as it was sent before, or as version `version` of it. */
  sendAgain(deviceId: string, version = this.#document(deviceId).version): void {
    const { generation, entries, tombstones } = this.#document(deviceId);
    const codes = [...entries].map(([access_code_id, entry]) => ({ access_code_id, ...entry }));
    const document = { v: 1, device_id: deviceId, generation, version, codes, tombstones: [...tombstones] };
    this.#send(`down/desired/${deviceId}`, JSON.stringify(document));
  }

  /** What the hub last reported of a lock; `undefined` before the first report. */
  report(deviceId: string): Reported | undefined {
    return this.#reports.get(deviceId);
  }

  /** What was told since the last call, in order. */
  takeTold(): readonly Told[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** A message of the hub. It has to keep to the contract. */
  receive(topic: string, payload: string): void {
    this.payloads.push(payload);
    const [, , , , name] = topic.split('/');
    const message: unknown = JSON.parse(payload);
    if (name === 'hello') {
      this.#meetEpoch(helloSchema.parse(message).outbox.epoch);
      for (const [deviceId, { version }] of this.#documents) if (version > 0) this.sendAgain(deviceId);
    }
    if (name === 'reported') this.#takeReport(reportedSchema.parse(message));
    if (name === 'event') this.#takeEvents(eventBatchSchema.parse(message));
  }

  #takeReport(report: Reported): void {
    if (report.parts !== undefined) throw new Error('A report of several parts is too large for a story.');
    this.#reports.set(report.device_id, report);
  }

  #takeEvents({ epoch, events }: z.infer<typeof eventBatchSchema>): void {
    this.#meetEpoch(epoch);
    for (const event of events) {
      if (event.seq <= this.#seq) continue;
      if (event.seq !== this.#seq + 1) throw new Error(`Event ${this.#seq + 1} is missing.`);
      this.#seq = event.seq;
      this.#told.push({ heardAt: this.#now(), event });
    }
    this.#send('down/ack', JSON.stringify({ v: 1, epoch, seq: this.#seq }));
  }

  #meetEpoch(epoch: string): void {
    if (this.#epoch !== '' && epoch !== this.#epoch) throw new Error('The hub has lost its database.');
    this.#epoch = epoch;
  }

  #document(deviceId: string): Document {
    const known = this.#documents.get(deviceId);
    if (known !== undefined) return known;
    const document = { generation: 1, version: 0, entries: new Map(), tombstones: new Set<string>() };
    this.#documents.set(deviceId, document);
    return document;
  }
}
