import type { Random } from '../../drivers/sim/random.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import { entryOf, type Spec } from './spec.ts';

/** All codes of one lock, as they were wanted at some time. */
export interface Document {
  readonly generation: number;
  readonly version: number;
  readonly specs: readonly Spec[];
  /** Ids of codes that are to go, also of codes that were found on the lock. */
  readonly tombstones: readonly string[];
}

/** What the cloud model needs of the broker between it and the hub. */
export interface Wire {
  /** Hands a message to the hub, now or never, perhaps twice. */
  readonly send: (topic: string, payload: string) => void;
  readonly random: Random;
  /** Tells what is wanted from now on. */
  readonly note: (line: string) => void;
}

const NO_DOCUMENT: Document = { generation: 1, version: 0, specs: [], tombstones: [] };

/** Newest tombstones that a document has. */
const TOMBSTONES_MAX = 20;

/** Latency of the internet. */
export const LATENCY_MS = SECOND_MS / 40;

/**
 * A cloud that keeps desired documents, sends them again after every hello, acknowledges events now and then, and
 * complains about a gap, a changed event or a version that goes back.
 */
export class CloudModel {
  readonly documents = new Map<string, Document>();
  /** Every document that was ever sent, so that an old one can come late. */
  readonly #sent: { readonly deviceId: string; readonly document: Document }[] = [];
  /** Text of the events that arrived, by `seq`. */
  readonly #told = new Map<number, string>();
  readonly #eventIds = new Set<string>();
  readonly #reported = new Map<string, { readonly generation: number; readonly version: number }>();
  readonly #unmanaged = new Map<string, readonly string[]>();
  readonly #wire: Wire;
  readonly #hubId: string;
  #epoch = '';
  #received = 0;

  constructor(hubId: string, wire: Wire) {
    this.#hubId = hubId;
    this.#wire = wire;
  }

  /** Highest seq below which nothing is missing. */
  get received(): number {
    return this.#received;
  }

  /** The newest document that the hub said it had. */
  reported(deviceId: string): Pick<Document, 'generation' | 'version'> | undefined {
    return this.#reported.get(deviceId);
  }

  specs(deviceId: string): readonly Spec[] {
    return this.documents.get(deviceId)?.specs ?? [];
  }

  /** Codes that were found on a lock, as it was reported last. */
  unmanaged(deviceId: string): readonly string[] {
    return this.#unmanaged.get(deviceId) ?? [];
  }

  /** The cloud wants this code to go. */
  isBuried(deviceId: string, id: string): boolean {
    return this.documents.get(deviceId)?.tombstones.includes(id) ?? false;
  }

  /** A document that was sent at some time. */
  sent(deviceId: string, generation: number, version: number): Document | undefined {
    return this.#sent.findLast(
      (one) =>
        one.deviceId === deviceId &&
        one.document.generation === generation &&
        one.document.version === version,
    )?.document;
  }

  /** Wants something else from now on. A new generation is what a cloud begins that lost its own versions. */
  want(deviceId: string, specs: readonly Spec[], newGeneration: boolean, buried?: string): void {
    const { generation, version, tombstones: old } = this.documents.get(deviceId) ?? NO_DOCUMENT;
    const ids = new Set(specs.map(({ id }) => id));
    const dead = buried === undefined ? old : [...old, buried];
    const tombstones = dead.filter((id) => !ids.has(id)).slice(-TOMBSTONES_MAX);
    const document = newGeneration
      ? { generation: generation + 1, version: 1, specs, tombstones }
      : { generation, version: version + 1, specs, tombstones };
    const known = new Set(this.specs(deviceId));
    const news = specs.filter((spec) => !known.has(spec)).map((spec) => JSON.stringify(entryOf(spec)));
    this.#wire.note(
      `${deviceId.slice(0, 4)} document ${document.generation}/${document.version} ${news.join()}`,
    );
    this.documents.set(deviceId, document);
    this.#sent.push({ deviceId, document });
    this.#send(deviceId, document);
  }

  /** A broker delivers something old again. */
  repeatSomething(): void {
    const old = this.#sent[Math.floor(this.#wire.random() * this.#sent.length)];
    if (old !== undefined) this.#send(old.deviceId, old.document);
  }

  acknowledge(): void {
    if (this.#epoch === '') return;
    this.#wire.send('down/ack', JSON.stringify({ v: 1, epoch: this.#epoch, seq: this.#received }));
  }

  /** A message from the hub. */
  receive(topic: string, payload: string): void {
    const [, , hubId, , name, deviceId] = topic.split('/');
    if (hubId !== this.#hubId) throw new Error(`A message of another hub: ${topic}`);
    if (name === 'hello') {
      this.#epoch ||= (JSON.parse(payload) as { readonly outbox: { readonly epoch: string } }).outbox.epoch;
      for (const [id, document] of this.documents) this.#send(id, document);
    }
    if (name === 'event') this.#takeEvents(JSON.parse(payload) as EventBatch);
    if (name === 'reported') this.#takeReport(deviceId ?? '', payload);
  }

  #takeReport(deviceId: string, payload: string): void {
    const report = JSON.parse(payload) as Report;
    const { generation, version_received: version } = report;
    const before = this.#reported.get(deviceId) ?? { generation: 0, version: 0 };
    if ((generation - before.generation || version - before.version) < 0) {
      throw new Error(
        `The report goes back from ${before.generation}/${before.version} to ${generation}/${version}`,
      );
    }
    this.#reported.set(deviceId, { generation, version });
    this.#unmanaged.set(
      deviceId,
      report.unmanaged_codes.map((code) => code.access_code_id),
    );
  }

  #takeEvents(batch: EventBatch): void {
    if (this.#epoch !== '' && batch.epoch !== this.#epoch) throw new Error('The epoch changed');
    this.#epoch = batch.epoch;
    for (const event of batch.events) {
      const text = JSON.stringify(event);
      const known = this.#told.get(event.seq);
      if (known === undefined) {
        this.#told.set(event.seq, text);
        if (this.#eventIds.has(event.event_id)) throw new Error('Two events have one id');
        this.#eventIds.add(event.event_id);
      } else if (known !== text) throw new Error(`Event ${event.seq} came again, and different`);
      else if (batch.may_repeat !== true) throw new Error(`Event ${event.seq} came again, unmarked`);
    }
    while (this.#told.has(this.#received + 1)) this.#received += 1;
  }

  #send(deviceId: string, { generation, version, specs, tombstones }: Document): void {
    const codes = specs.map(entryOf);
    const document = { v: 1, device_id: deviceId, generation, version, codes, tombstones };
    this.#wire.send(`down/desired/${deviceId}`, JSON.stringify(document));
  }
}

interface Report {
  readonly generation: number;
  readonly version_received: number;
  readonly unmanaged_codes: readonly { readonly access_code_id: string }[];
}

interface EventBatch {
  readonly epoch: string;
  readonly may_repeat?: boolean;
  readonly events: readonly { readonly seq: number; readonly event_id: string }[];
}
