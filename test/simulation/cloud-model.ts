import type { Random } from '../../drivers/sim/random.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import { openDatabase } from '../../src/reference-cloud/database.ts';
import { Sink } from '../../src/reference-cloud/sink.ts';
import { readTopic } from '../../src/reference-cloud/up-message.ts';
import type { Allowances } from '../../src/reference-cloud/violation.ts';
import { troubleWith } from '../support/contract.ts';
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

/** The internet of the simulation may lose what the hub says, and does nothing else to it. */
const ALLOWED: Allowances = {
  loss: true,
  doubling: false,
  reordering: false,
  fullOutbox: false,
  lateStart: false,
};

/**
 * A cloud that keeps desired documents, sends them again after every hello, acknowledges events now and then, and
 * throws when the hub breaks the contract, as the reference cloud sees it.
 */
export class CloudModel {
  readonly documents = new Map<string, Document>();
  /** Every document that was ever sent, so that an old one can come late. */
  readonly #sent: { readonly deviceId: string; readonly document: Document }[] = [];
  readonly #wire: Wire;
  readonly #hubId: string;
  readonly #sink: Sink;

  constructor(hubId: string, wire: Wire) {
    this.#hubId = hubId;
    this.#wire = wire;
    this.#sink = new Sink(openDatabase(':memory:'), hubId, ALLOWED);
  }

  /** Highest seq below which nothing is missing. */
  get received(): number {
    return this.#sink.ledger.log()?.received() ?? 0;
  }

  /** The newest document that the hub said it had. */
  reported(deviceId: string): Pick<Document, 'generation' | 'version'> | undefined {
    const report = this.#sink.ledger.report(deviceId);
    return report && { generation: report.generation, version: report.version_received };
  }

  specs(deviceId: string): readonly Spec[] {
    return this.documents.get(deviceId)?.specs ?? [];
  }

  /** Codes that were found on a lock, as it was reported last. */
  unmanaged(deviceId: string): readonly string[] {
    const codes = this.#sink.ledger.report(deviceId)?.unmanaged_codes ?? [];
    return codes.map((code) => code.access_code_id);
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
    const log = this.#sink.ledger.log();
    if (log === undefined) return;
    this.#wire.send('down/ack', JSON.stringify({ v: 1, epoch: log.epoch, seq: log.received() }));
  }

  /** A message from the hub. Throws when it breaks the contract. */
  receive(topic: string, payload: string): void {
    const read = readTopic(topic);
    if (read?.hubId !== this.#hubId) throw new Error(`A message of another hub: ${topic}`);
    const { message, violations } = this.#sink.take(read.name, Buffer.from(payload));
    const [violation] = violations;
    if (violation !== undefined) throw new Error(`${violation.kind}: ${violation.message}`);
    const trouble = troubleWith(read.name, payload);
    if (trouble !== undefined) throw new Error(`Outside the contract: ${trouble}`);
    if (message?.kind !== 'hello') return;
    for (const [id, document] of this.documents) this.#send(id, document);
  }

  #send(deviceId: string, { generation, version, specs, tombstones }: Document): void {
    const codes = specs.map(entryOf);
    const document = { v: 1, device_id: deviceId, generation, version, codes, tombstones };
    this.#wire.send(`down/desired/${deviceId}`, JSON.stringify(document));
  }
}
