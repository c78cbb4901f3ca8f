import type { Random } from '../../drivers/sim/random.ts';
import { Broker } from '../../src/reference-cloud/broker.ts';
import { ReferenceCloud, type KnownHub } from '../../src/reference-cloud/cloud.ts';
import { openDatabase, type CloudDatabase } from '../../src/reference-cloud/database.ts';
import type { Told } from '../../src/reference-cloud/told.ts';
import { readTopic, upFilter } from '../../src/reference-cloud/up-message.ts';
import type { Allowances } from '../../src/reference-cloud/violation.ts';

/** Says again what was not answered: rarely, or a slow broker would be made slower by it. */
const REMIND_EVERY_MS = 30_000;
/** NATS takes the messages of one connection one after the other, each when a majority of its nodes has it. */
const SENDERS = 10;
const PIN_DIGITS = 6;
/** Violations that are kept to be shown. */
const SHOWN_MAX = 20;

/** What this cloud knows of one hub. */
export interface Served {
  readonly hubId: string;
  /** Of its only lock; `undefined` until it is reported. */
  deviceId: string | undefined;
  /** PINs by the id of their code. */
  readonly wanted: Map<string, string>;
  /** Generation and version of the document that wants them. */
  document: string;
  applied: string;
  events: number;
  /** Events that say that the door was opened with a code. */
  opened: number;
}

/** Messages of one kind that went over the wire of this cloud. */
export interface Traffic {
  messages: number;
  bytes: number;
}

/**
 * The reference cloud for a whole fleet: hears all hubs over one connection and speaks over a few others. It wants two
 * codes of each lock and changes one of them.
 */
export class FleetCloud {
  readonly served = new Map<string, Served>();
  /** By topic without hub and device. */
  readonly traffic = new Map<string, Traffic>();
  readonly violations: string[] = [];
  readonly #cloud: ReferenceCloud;
  readonly #known = new Map<string, KnownHub>();
  readonly #broker: Broker;
  readonly #senders: readonly Broker[];
  readonly #senderOf = new Map<string, Broker>();
  readonly #database: CloudDatabase;
  readonly #reminder: NodeJS.Timeout;
  readonly #random: Random;

  constructor(options: {
    readonly file: string;
    readonly urls: readonly string[];
    readonly hubIds: readonly string[];
    readonly random: Random;
    readonly allows: Allowances;
  }) {
    this.#random = options.random;
    for (const hubId of options.hubIds) {
      const nothing = { deviceId: undefined, document: '', applied: '', events: 0, opened: 0 };
      this.served.set(hubId, { hubId, wanted: new Map(), ...nothing });
    }
    this.#database = openDatabase(options.file);
    this.#cloud = new ReferenceCloud({
      database: this.#database,
      hubId: null,
      publish: (topic, payload) => {
        this.#count(topic, payload.length);
        const sender = this.#senderOf.get(topic.split('/')[2] ?? '');
        return sender === undefined ? Promise.resolve(false) : sender.publish(topic, payload);
      },
      tell: (told) => this.#hear(told),
      now: Date.now,
      seal: false,
      allows: options.allows,
    });
    const connection = { url: options.urls, login: {}, down: () => undefined };
    this.#broker = new Broker({
      ...connection,
      clientId: 'fleet-cloud',
      filters: [upFilter(null)],
      receive: (message) => {
        this.#count(message.topic, message.payload.length);
        this.#cloud.receive(message);
      },
      connected: () => this.#cloud.connected(),
    });
    this.#senders = Array.from({ length: SENDERS }, (_, index) => {
      const clientId = `fleet-cloud-sender-${index + 1}`;
      // There is no hub of this name, so nothing is heard.
      const filter = upFilter(clientId);
      return new Broker({
        ...connection,
        clientId,
        filters: [filter],
        receive: () => undefined,
        connected: () => undefined,
      });
    });
    for (const [index, hubId] of options.hubIds.entries()) {
      const sender = this.#senders[index % SENDERS];
      if (sender !== undefined) this.#senderOf.set(hubId, sender);
    }
    this.#reminder = setInterval(() => this.#cloud.remind(), REMIND_EVERY_MS);
  }

  /** All of its connections are there. */
  isConnected(): boolean {
    return [this.#broker, ...this.#senders].every((broker) => broker.isConnected());
  }

  /** How many it has when all are there. */
  get connectionCount(): number {
    return 1 + SENDERS;
  }

  /** Every lock was reported. */
  knowsAll(): boolean {
    return [...this.served.values()].every(({ deviceId }) => deviceId !== undefined);
  }

  /** Hubs that have not applied what is wanted of them. */
  unsettled(): readonly Served[] {
    return [...this.served.values()].filter(({ document, applied }) => document !== applied);
  }

  /** Wants a code with a PIN that it draws; answers the PIN. */
  want(served: Served, codeId: string): string {
    const hub = this.#hubOf(served.hubId);
    if (hub === undefined || served.deviceId === undefined) throw new Error(`${served.hubId} is not known.`);
    const digits = Math.floor(this.#random() * 10 ** PIN_DIGITS);
    const pin = String(digits).padStart(PIN_DIGITS, '0');
    // Two codes of one lock can't have one PIN.
    if ([...served.wanted.values()].includes(pin)) return this.want(served, codeId);
    const changed = this.#cloud.set(hub, served.deviceId, codeId, { name: codeId, code: pin });
    if (!changed.ok) throw new Error(changed.message);
    served.wanted.set(codeId, pin);
    served.document = versionText(changed.document.generation, changed.document.version);
    return pin;
  }

  /** What the hub said last and what arrived of its log, from the database. */
  hub(hubId: string): KnownHub | undefined {
    return this.#hubOf(hubId);
  }

  async stop(): Promise<void> {
    clearInterval(this.#reminder);
    await Promise.all([this.#broker, ...this.#senders].map((broker) => broker.stop()));
    this.#database.close();
  }

  #hubOf(hubId: string): KnownHub | undefined {
    const known = this.#known.get(hubId) ?? this.#cloud.hubs().find((hub) => hub.hubId === hubId);
    if (known !== undefined) this.#known.set(hubId, known);
    return known;
  }

  #hear(told: Told): void {
    const served = this.served.get(told.hubId);
    if (served === undefined) return;
    if (told.kind === 'violation' && this.violations.length < SHOWN_MAX) {
      this.violations.push(`${told.hubId}: ${told.violation.kind}, ${told.violation.message}`);
    }
    if (told.kind === 'event') {
      served.events += 1;
      if (told.event.event_type === 'lock.unlocked') served.opened += 1;
    }
    if (told.kind === 'message' && told.message.kind === 'reported') {
      const { device_id, generation, version_applied } = told.message.report;
      served.deviceId = device_id;
      served.applied = served.document === '' ? '' : versionText(generation, version_applied);
    }
  }

  #count(topic: string, bytes: number): void {
    const name = readTopic(topic)?.name ?? topic.split('/').slice(3).join('/');
    const kind = name.split('/').slice(0, 2).join('/');
    const traffic = this.traffic.get(kind) ?? { messages: 0, bytes: 0 };
    traffic.messages += 1;
    traffic.bytes += bytes;
    this.traffic.set(kind, traffic);
  }
}

function versionText(generation: number, version: number): string {
  return `${generation}/${version}`;
}
