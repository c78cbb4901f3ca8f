import type { Random } from '../../drivers/sim/random.ts';
import { SECOND_MS, type Instant } from '../../src/core/time.ts';

/** One code as the cloud wants it: plain data, the oracle that the hub is compared with. */
export interface Spec {
  readonly id: string;
  readonly pin: string;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly native: boolean;
}

interface Document {
  readonly version: number;
  readonly specs: readonly Spec[];
}

/** An event as it arrived. */
interface Told {
  readonly id: string;
  readonly text: string;
}

/** What the cloud model needs of the broker between it and the hub. */
export interface Wire {
  /** Hands a message to the hub, now or never, perhaps twice. */
  readonly send: (topic: string, payload: string) => void;
  readonly random: Random;
}

/**
 * A cloud that keeps desired documents, sends them again after every hello, acknowledges events now and then, and
 * complains about a gap, a changed event or a version that goes back.
 */
export class CloudModel {
  readonly documents = new Map<string, Document>();
  /** Every document that was ever sent, so that an old one can come late. */
  readonly #sent: { readonly deviceId: string; readonly document: Document }[] = [];
  readonly #told = new Map<number, Told>();
  readonly #reported = new Map<string, { readonly version: number }>();
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

  /** Versions that the hub said it had, by device. */
  reportedVersion(deviceId: string): number | undefined {
    return this.#reported.get(deviceId)?.version;
  }

  /** What some version of a document asked for. */
  specsOf(deviceId: string, version: number): readonly Spec[] {
    const sent = this.#sent.find((one) => one.deviceId === deviceId && one.document.version === version);
    return sent?.document.specs ?? [];
  }

  want(deviceId: string, specs: readonly Spec[]): void {
    const version = (this.documents.get(deviceId)?.version ?? 0) + 1;
    const document = { version, specs };
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
    const message: unknown = JSON.parse(payload);
    if (name === 'hello') {
      this.#epoch ||= (message as { readonly outbox: { readonly epoch: string } }).outbox.epoch;
      for (const [id, document] of this.documents) this.#send(id, document);
    }
    if (name === 'event') this.#takeEvents(message as EventBatch);
    if (name === 'reported') {
      const { version_received: version } = message as { version_received: number };
      const before = this.#reported.get(deviceId ?? '')?.version ?? 0;
      if (version < before) throw new Error(`The reported version goes back from ${before} to ${version}`);
      this.#reported.set(deviceId ?? '', { version });
    }
  }

  #takeEvents(batch: EventBatch): void {
    if (this.#epoch !== '' && batch.epoch !== this.#epoch) throw new Error('The epoch changed');
    this.#epoch = batch.epoch;
    for (const event of batch.events) {
      const text = JSON.stringify(event);
      const known = this.#told.get(event.seq);
      if (known === undefined) this.#told.set(event.seq, { id: event.event_id, text });
      else if (known.text !== text) throw new Error(`Event ${event.seq} came again, and different`);
      else if (batch.may_repeat !== true) throw new Error(`Event ${event.seq} came again, unmarked`);
    }
    while (this.#told.has(this.#received + 1)) this.#received += 1;
    if (new Set([...this.#told.values()].map((told) => told.id)).size !== this.#told.size) {
      throw new Error('Two events have one id');
    }
  }

  #send(deviceId: string, { version, specs }: Document): void {
    const codes = specs.map((spec) => ({
      access_code_id: spec.id,
      code: spec.pin,
      ...(spec.startsAt === null ? {} : { starts_at: new Date(spec.startsAt).toISOString() }),
      ...(spec.endsAt === null ? {} : { ends_at: new Date(spec.endsAt).toISOString() }),
      prefer_native_scheduling: spec.native,
    }));
    const document = { v: 1, device_id: deviceId, generation: 1, version, codes };
    this.#wire.send(`down/desired/${deviceId}`, JSON.stringify(document));
  }
}

interface EventBatch {
  readonly epoch: string;
  readonly may_repeat?: boolean;
  readonly events: readonly { readonly seq: number; readonly event_id: string }[];
}

/** Latency of the internet. */
export const LATENCY_MS = SECOND_MS / 40;
