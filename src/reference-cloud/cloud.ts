import type { KeyObject } from 'node:crypto';
import type { Hello, Status } from '../cloud/messages/up.ts';
import { MAJOR_VERSION } from '../cloud/messages/payload.ts';
import type { Delivered } from './broker.ts';
import { Claims } from './claims.ts';
import { Commands, takesReplyKey, type Made, type SentCommand } from './commands.ts';
import type { CloudDatabase } from './database.ts';
import { Documents, payloadOf, type Changed, type Document } from './documents.ts';
import type { Issuer } from './issuer.ts';
import { offlineCode, type OfflineAccess } from './offline-code.ts';
import { newSecret, secretOf } from './offline-secret.ts';
import { openedResult, replyKeyOf, sealedDocument, sealedSecret, type ReplyKey } from './sealing.ts';
import { Sink } from './sink.ts';
import type { Told } from './told.ts';
import { downTopic, readTopic, type UpMessage } from './up-message.ts';
import type { Allowances } from './violation.ts';
import { wipeCommand, type WipeOrder } from './wipe.ts';

/** Hubs that one reference cloud serves; a broker with more needs a cloud of another kind. */
const HUBS_MAX = 10_000;
/** Events are asked for again at most this often. */
const RESEND_ASK_EVERY_MS = 10_000;
const RESEND_LIFETIME_MS = 60_000;
/** A hub that comes back is asked for the end of commands that expired at most so long ago. */
const FOLLOW_MS = 24 * 3_600_000;

export interface ReferenceCloudOptions {
  readonly database: CloudDatabase;
  /** Serves only this hub; `null`: every hub that speaks. */
  readonly hubId: string | null;
  /** Sends with QoS 1; true at the PUBACK, false when there is no connection. Never rejects. */
  readonly publish: (topic: string, payload: string) => Promise<boolean>;
  readonly tell: (told: Told) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** PINs travel sealed to the hub's key. */
  readonly seal: boolean;
  readonly allows: Allowances;
  /** Issues certificates to hubs that are claimed; without it none can be. */
  readonly issuer?: Issuer | undefined;
  /** Ed25519, private: signs orders to wipe; without it the broker has to vouch for them. */
  readonly wipeKey?: KeyObject | undefined;
}

/** What this cloud has of one hub. */
export interface KnownHub {
  readonly hubId: string;
  readonly sink: Sink;
  readonly documents: Documents;
  readonly commands: Commands;
}

/**
 * The smallest cloud that keeps every rule of the contract: it holds what is wanted of each lock and what each hub said,
 * and whatever a broker loses, doubles or delays, it goes on from its database.
 */
export class ReferenceCloud {
  /** `null`: this cloud claims none. */
  readonly claims: Claims | null;
  readonly #options: ReferenceCloudOptions;
  readonly #hubs = new Map<string, KnownHub>();
  readonly #replyKey: ReplyKey;
  readonly #askedAt = new Map<string, number>();

  constructor(options: ReferenceCloudOptions) {
    this.#options = options;
    this.claims = options.issuer === undefined ? null : new Claims({ ...options, issuer: options.issuer });
    this.#replyKey = replyKeyOf(options.database);
    const ids = options.database.prepare('SELECT hub_id FROM hubs ORDER BY hub_id').pluck().all();
    for (const id of ids) if (options.hubId === null || id === options.hubId) this.#add(String(id));
    if (options.hubId !== null) this.#add(options.hubId);
  }

  hubs(): readonly KnownHub[] {
    return [...this.#hubs.values()];
  }

  /**
   * Takes what a broker delivered. When it returns, all is on the disk and the message is to be acknowledged; what has
   * to be answered is on its way. It throws when the database does; then the message is to be delivered again.
   */
  receive(delivered: Delivered): void {
    if (this.claims?.receive(delivered)) return;
    const { topic, payload, retain } = delivered;
    const read = readTopic(topic);
    const hub = read && this.#hubOf(read.hubId);
    if (read === undefined || hub === undefined) return;
    const { hubId } = hub;
    const { tell } = this.#options;
    const [, deviceId] = /^up\/reported\/(.+)$/.exec(read.name) ?? [];
    const before = deviceId === undefined ? undefined : hub.sink.ledger.report(deviceId);
    const { message, events, violations } = hub.sink.take(read.name, payload);
    for (const violation of violations) tell({ kind: 'violation', hubId, violation });
    if (message !== null) tell({ kind: 'message', hubId, message, before });
    for (const event of events) tell({ kind: 'event', hubId, event });
    if (message === null) return;
    this.#answer(hub, message);
    if (message.kind === 'status' && retain) this.#getToKnow(hub, message.status);
  }

  /** A connection begins: every hub is told what it may not have heard. */
  connected(): void {
    for (const hub of this.#hubs.values()) {
      this.#acknowledge(hub);
      this.#sendDocuments(hub);
      this.#sendCommands(hub, FOLLOW_MS);
    }
  }

  /** To be called now and then: says again what was not answered. */
  remind(): void {
    for (const hub of this.#hubs.values()) {
      if (hub.sink.ledger.presence()?.state !== 'online') continue;
      this.#sendDocuments(hub);
      this.#sendCommands(hub, 0);
      this.#askForMissing(hub);
    }
  }

  /** Wants a code on a lock, or other fields of it; fields that are `null` go. */
  set(hub: KnownHub, deviceId: string, id: string, fields: Readonly<Record<string, unknown>>): Changed {
    return this.#change(hub, deviceId, () =>
      hub.documents.set(deviceId, id, fields, hub.sink.ledger.versionsOf(deviceId)),
    );
  }

  /** Wants a code gone, also one that was found on the lock. */
  delete(hub: KnownHub, deviceId: string, id: string): Changed {
    return this.#change(hub, deviceId, () =>
      hub.documents.delete(deviceId, id, hub.sink.ledger.versionsOf(deviceId)),
    );
  }

  /** Has a lock forgotten that left its network, by the hub and here. Only while the hub is there to hear it. */
  forget(hub: KnownHub, deviceId: string): boolean {
    if (hub.sink.ledger.presence()?.state !== 'online') return false;
    this.#options.database.transaction(() => {
      hub.documents.drop(deviceId);
      hub.sink.ledger.forget(deviceId);
    })();
    const devices = [{ device_id: deviceId, verdict: 'forget' }];
    void this.#publish(hub, 'down/sync', JSON.stringify({ v: MAJOR_VERSION, devices }));
    return true;
  }

  /** Sends a command; a `reply_key` is added where one can be. */
  send(hub: KnownHub, type: string, params: Readonly<Record<string, unknown>>, lifetimeMs: number): Made {
    const key = takesReplyKey(type) ? { reply_key: this.#replyKey.x } : {};
    const made = hub.commands.add(type, { ...params, ...key }, this.#options.now(), lifetimeMs);
    if (made.ok) this.#sendCommand(hub, made.command);
    return made;
  }

  /** Has a hub wipe itself; signed, where this cloud has a key for that. */
  wipe(hub: KnownHub, order: WipeOrder, lifetimeMs: number): Made {
    const { now, wipeKey } = this.#options;
    const made = wipeCommand(hub, order, wipeKey, now(), lifetimeMs);
    if (made.ok) this.#sendCommand(hub, made.command);
    return made;
  }

  /** Makes a new secret of offline codes for a hub and sends it, sealed. */
  async giveSecret(hub: KnownHub, lifetimeMs: number): Promise<Made> {
    const key = hub.sink.ledger.hello()?.sealing_key;
    if (key === undefined) return { ok: false, message: `${hub.hubId} has not told its key yet.` };
    const secret = newSecret(this.#options.database, hub.hubId);
    const sealed = await sealedSecret(secret, hub.hubId, key);
    const params = { secret_id: secret.secretId, sealed_secret: sealed };
    return this.send(hub, 'set_offline_secret', params, lifetimeMs);
  }

  /** An offline code of a door, made without asking its hub. `undefined`: that hub has no secret. */
  offlineCode({ hubId }: KnownHub, access: OfflineAccess): string | undefined {
    const shared = secretOf(this.#options.database, hubId);
    return shared && offlineCode(Buffer.from(shared.secret, 'base64url'), access);
  }

  #change(hub: KnownHub, deviceId: string, change: () => Changed): Changed {
    const changed = this.#options.database.transaction(change)();
    if (changed.ok) void this.#sendDocument(hub, deviceId, changed.document);
    return changed;
  }

  #hubOf(hubId: string): KnownHub | undefined {
    const known = this.#hubs.get(hubId);
    if (known !== undefined) return known;
    const isServed = this.#options.hubId === null && this.#hubs.size < HUBS_MAX;
    return isServed ? this.#add(hubId) : undefined;
  }

  #add(hubId: string): KnownHub {
    const { database, allows } = this.#options;
    const hub = {
      hubId,
      sink: new Sink(database, hubId, allows),
      documents: new Documents(database, hubId),
      commands: new Commands(database, hubId),
    };
    this.#hubs.set(hubId, hub);
    return hub;
  }

  #answer(hub: KnownHub, message: UpMessage): void {
    switch (message.kind) {
      case 'hello':
        this.#synchronise(hub, message.hello);
        this.#acknowledge(hub);
        this.#sendDocuments(hub);
        return this.#sendCommands(hub, FOLLOW_MS);
      case 'event':
        this.#acknowledge(hub);
        return this.#askForMissing(hub);
      case 'result':
        return void this.#showPin(hub, message.result.command_id);
      case 'certificate_request':
        return void this.#renew(hub, message.csr);
      case 'status':
      case 'reported':
      case 'health':
        return;
    }
  }

  async #renew(hub: KnownHub, csr: string): Promise<void> {
    const certificates = await this.claims?.renewed(hub.hubId, csr);
    if (certificates !== undefined) {
      await this.#publish(hub, 'down/certificate', JSON.stringify({ v: MAJOR_VERSION, certificates }));
      return;
    }
    const text = 'gets no next certificate: it was not claimed here with this key';
    this.#options.tell({ kind: 'note', hubId: hub.hubId, text });
  }

  /** For each lock that the hub named and this cloud wants something of: the same, or a document follows. */
  #synchronise(hub: KnownHub, { devices, boot_id, hello_seq }: Hello): void {
    const { database, now } = this.#options;
    const verdicts = database.transaction(() =>
      devices.flatMap(({ device_id, generation, version_received: version }) => {
        const verdict = hub.documents.verdict(device_id, { generation, version });
        return verdict === undefined ? [] : [{ device_id, verdict }];
      }),
    )();
    const cloud_time = new Date(now()).toISOString();
    const answers = hello_seq === undefined ? {} : { answers: { boot_id, hello_seq } };
    const sync = { v: MAJOR_VERSION, cloud_time, ...answers, devices: verdicts };
    void this.#publish(hub, 'down/sync', JSON.stringify(sync));
  }

  #acknowledge(hub: KnownHub): void {
    const log = hub.sink.ledger.log();
    if (log === undefined) return;
    const ack = { v: MAJOR_VERSION, epoch: log.epoch, seq: log.received() };
    void this.#publish(hub, 'down/ack', JSON.stringify(ack));
  }

  /** Documents that the hub is not known to have. */
  #sendDocuments(hub: KnownHub): void {
    const { documents, sink } = hub;
    for (const deviceId of documents.deviceIds()) {
      if (documents.verdict(deviceId, sink.ledger.versionsOf(deviceId)) === 'same') continue;
      const document = documents.get(deviceId);
      if (document !== undefined) void this.#sendDocument(hub, deviceId, document);
    }
  }

  async #sendDocument(hub: KnownHub, deviceId: string, document: Document): Promise<void> {
    const sealed = this.#options.seal ? await this.#sealed(hub, deviceId, document) : document;
    if (sealed === undefined) return;
    await this.#publish(hub, `down/desired/${deviceId}`, payloadOf(deviceId, sealed));
  }

  async #sealed(hub: KnownHub, deviceId: string, document: Document): Promise<Document | undefined> {
    const { hubId } = hub;
    const key = hub.sink.ledger.hello()?.sealing_key;
    if (key !== undefined) return sealedDocument(document, { hubId, deviceId, ...document }, key);
    const text = `the document of ${deviceId} waits for the key in the hub's next hello`;
    this.#options.tell({ kind: 'note', hubId, text });
    return undefined;
  }

  #sendCommands(hub: KnownHub, graceMs: number): void {
    for (const command of hub.commands.open(this.#options.now(), graceMs)) this.#sendCommand(hub, command);
  }

  #sendCommand(hub: KnownHub, { payload }: SentCommand): void {
    void this.#publish(hub, 'down/command', payload);
  }

  /** Of a hub that was there before this cloud, the retained status is all that comes: it is asked for the rest. */
  #getToKnow(hub: KnownHub, { state }: Status): void {
    if (state !== 'online' || hub.sink.ledger.hello() !== undefined) return;
    this.send(hub, 'resend_events', { after_seq: 0 }, RESEND_LIFETIME_MS);
  }

  /** Asks for events that did not come. What the hub never had an acknowledgement for, it still has. */
  #askForMissing(hub: KnownHub): void {
    const { now } = this.#options;
    if (!hub.sink.hasGap()) return;
    const askedAt = this.#askedAt.get(hub.hubId);
    if (askedAt !== undefined && now() - askedAt < RESEND_ASK_EVERY_MS) return;
    this.#askedAt.set(hub.hubId, now());
    const afterSeq = hub.sink.ledger.log()?.received() ?? 0;
    const text = `events after ${afterSeq} are missing; asked for them again`;
    this.#options.tell({ kind: 'note', hubId: hub.hubId, text });
    this.send(hub, 'resend_events', { after_seq: afterSeq }, RESEND_LIFETIME_MS);
  }

  async #showPin({ hubId, sink }: KnownHub, commandId: string): Promise<void> {
    const code = await openedResult(sink.ledger.result(commandId), hubId, this.#replyKey);
    if (code !== undefined) this.#options.tell({ kind: 'pin', hubId, commandId, code });
  }

  #publish(hub: KnownHub, topic: string, payload: string): Promise<boolean> {
    return this.#options.publish(downTopic(hub.hubId, topic), payload);
  }
}
