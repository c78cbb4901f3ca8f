import type { z } from 'zod';
import { randomUUID } from 'node:crypto';
import { resultSchema } from '../cloud/messages/command.ts';
import {
  eventBatchSchema,
  type Hello,
  helloSchema,
  type Reported,
  reportedSchema,
} from '../cloud/messages/up.ts';

/** Events kept for the tour; older ones were shown when they came. */
const EVENTS_MAX = 10_000;
/** A command that a hub has not begun by then is not begun any more. */
const COMMAND_EXPIRES_MS = 60_000;

export type CommandResult = z.infer<typeof resultSchema>;
export type CloudEvent = z.infer<typeof eventBatchSchema>['events'][number];

/** An entry of a desired document, in the fields of the wire. */
export interface DesiredCode {
  readonly access_code_id: string;
  readonly name: string;
  readonly code: string;
  readonly starts_at?: string;
  readonly ends_at?: string;
  readonly prefer_native_scheduling?: boolean;
  readonly strict_start?: boolean;
}

export interface BackendOptions {
  readonly hubId: string;
  readonly publish: (topic: string, payload: string) => Promise<void>;
  readonly onEvent: (event: CloudEvent) => void;
  readonly onReported: (reported: Reported) => void;
  /** The hub did not keep to the contract. */
  readonly onTrouble: (trouble: string) => void;
}

/**
 * The smallest cloud that keeps to the contract: it holds one desired document per lock and sends it again when a
 * hello says that the hub lacks it, takes each event once by its `seq`, and acknowledges.
 */
export class Backend {
  /** What each lock last reported, by `device_id`. */
  readonly reported = new Map<string, Reported>();
  /** In the order of their `seq`, each once. */
  readonly events: CloudEvent[] = [];
  /** Gaps, and messages outside the contract. */
  readonly troubles: string[] = [];
  /** Events that came again in a batch without `may_repeat`. A broker that loses its power does so, too. */
  readonly repeats: number[] = [];
  /** What the hub said of itself last; `undefined`: nothing yet. */
  hello: Hello | undefined;
  /** How far each command is, by the hub's last word, by `command_id`. */
  readonly results = new Map<string, CommandResult>();
  readonly #options: BackendOptions;
  readonly #root: string;
  readonly #desired = new Map<string, { readonly version: number; readonly payload: string }>();
  #epoch: string | undefined;
  #lastSeq: number | undefined;

  constructor(options: BackendOptions) {
    this.#options = options;
    this.#root = `lockhub/v1/${options.hubId}`;
  }

  /** The hub has said which locks it has, and told of each; so it hears what is sent, too. */
  get isIntroduced(): boolean {
    return this.hello?.devices.every(({ device_id: deviceId }) => this.reported.has(deviceId)) ?? false;
  }

  /** Sends the whole document of a lock: codes that are not in it go away. */
  async desire(deviceId: string, codes: readonly DesiredCode[]): Promise<void> {
    const known = this.reported.get(deviceId);
    const generation = Math.max(known?.generation ?? 0, 1);
    const version = Math.max(known?.version_received ?? 0, this.#desired.get(deviceId)?.version ?? 0) + 1;
    const payload = JSON.stringify({ v: 1, device_id: deviceId, generation, version, codes, tombstones: [] });
    this.#desired.set(deviceId, { version, payload });
    await this.#sendDesired(deviceId, payload);
  }

  /** Asks for something that happens once or not at all; answers the `command_id` that `results` will know it by. */
  async command(
    type: string,
    params: Readonly<Record<string, unknown>>,
    lifetimeMs = COMMAND_EXPIRES_MS,
  ): Promise<string> {
    const id = randomUUID();
    const expiresAt = new Date(Date.now() + lifetimeMs).toISOString();
    const payload = JSON.stringify({ v: 1, command_id: id, type, expires_at: expiresAt, params });
    await this.#send(`${this.#root}/down/command`, payload);
    return id;
  }

  /**
   * Says what time it is: as the answer to the last hello, which bounds it from both sides, or by the way, which says
   * only that it is no earlier.
   */
  async tellTime({ answers: isAnswer }: { readonly answers: boolean }): Promise<void> {
    const { boot_id, hello_seq } = this.hello ?? {};
    const answers = isAnswer ? { answers: { boot_id, hello_seq } } : {};
    const sync = { v: 1, cloud_time: new Date().toISOString(), ...answers };
    await this.#send(`${this.#root}/down/sync`, JSON.stringify(sync));
  }

  /** Hears a message of the hub. Never throws. */
  hear(topic: string, text: string): void {
    const prefix = `${this.#root}/up/`;
    if (!topic.startsWith(prefix)) return;
    const kind = topic.slice(prefix.length).split('/', 1)[0];
    try {
      const payload: unknown = JSON.parse(text);
      if (kind === 'hello') this.#hello(helloSchema.parse(payload));
      if (kind === 'reported') this.#report(reportedSchema.parse(payload));
      if (kind === 'result') this.#note(resultSchema.parse(payload));
      if (kind === 'event') this.#batch(eventBatchSchema.parse(payload));
    } catch (error) {
      this.#trouble(
        `${topic} is outside the contract: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #hello(hello: Hello): void {
    this.hello = hello;
    const received = new Map(hello.devices.map((device) => [device.device_id, device.version_received]));
    for (const [deviceId, { version, payload }] of this.#desired) {
      if ((received.get(deviceId) ?? 0) < version) void this.#sendDesired(deviceId, payload);
    }
  }

  #report(reported: Reported): void {
    this.reported.set(reported.device_id, reported);
    this.#options.onReported(reported);
  }

  #note(result: CommandResult): void {
    this.results.set(result.command_id, result);
  }

  #batch(batch: z.infer<typeof eventBatchSchema>): void {
    if (batch.epoch !== this.#epoch) this.#lastSeq = undefined;
    this.#epoch = batch.epoch;
    for (const event of batch.events) {
      const last = this.#lastSeq;
      if (last !== undefined && event.seq <= last) {
        if (!batch.may_repeat) this.repeats.push(event.seq);
        continue;
      }
      if (last !== undefined && event.seq > last + 1) this.#trouble(`Event ${last + 1} is missing.`);
      this.#lastSeq = event.seq;
      if (this.events.push(event) > EVENTS_MAX) this.events.shift();
      this.#options.onEvent(event);
    }
    const ack = JSON.stringify({ v: 1, epoch: batch.epoch, seq: this.#lastSeq });
    void this.#send(`${this.#root}/down/ack`, ack);
  }

  #sendDesired(deviceId: string, payload: string): Promise<void> {
    return this.#send(`${this.#root}/down/desired/${deviceId}`, payload);
  }

  /** A message that the cut link swallows is made good by the next hello. */
  #send(topic: string, payload: string): Promise<void> {
    return this.#options.publish(topic, payload).catch(() => undefined);
  }

  #trouble(trouble: string): void {
    this.troubles.push(trouble);
    this.#options.onTrouble(trouble);
  }
}
