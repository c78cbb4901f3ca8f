import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { accept, type DesiredDocument } from '../core/request/accept.ts';
import type { Draw } from '../core/draw.ts';
import { unmetLock, type LockState, type Policy } from '../core/lock.ts';
import { forgetLock } from '../store/doors.ts';
import type { Store } from '../store/store.ts';
import { certificateSchema } from './messages/claim.ts';
import { ackSchema, cloudTimeSchema, syncSchema } from './messages/control.ts';
import { readCommand, type ReadCommand } from './messages/command.ts';
import { readDesired } from './messages/desired.ts';
import { readPayload } from './messages/payload.ts';
import { rejected, type Parsed, type RejectReason } from './messages/rejection.ts';
import { readDownTopic } from './messages/topics.ts';
import type { OwnCertificate } from './own-certificate.ts';
import { Rejections } from './rejections.ts';
import { withPins, type CodeIntake } from './sealed-codes.ts';

/** Most locks a cloud may name, met or not: a bound for the database, and it keeps the hello below 100 KB. */
export const LOCKS_MAX = 400;

/** A message is given up when taking it failed this often in a row: a poisoned one must not come back for ever. */
const FAILURES_MAX = 5;

/** One message as the broker delivered it. */
export interface DownMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

/** What is left to do once the broker has its acknowledgement. */
export type AfterAck = () => void;

export interface InboxOptions extends CodeIntake {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  /** Cryptographic randomness, for PINs that the hub makes up. */
  readonly draw: Draw;
  readonly log: Logger;
  readonly wake: (deviceId: string) => void;
  /** Publishes the report of a lock once more, although nothing changed. */
  readonly reportAgain: (deviceId: string) => void;
  /** Told of every acknowledgement, also of one that says nothing new, or more than was ever sent. */
  readonly acknowledged: (seq: number) => void;
  /** `undefined`: this hub has no certificate that a cloud could renew. */
  readonly ownCertificate?: OwnCertificate | undefined;
  /** The disk takes nothing, which is the fault of no message. Default: it does. */
  readonly isDiskFull?: () => boolean;
  /** When the hello was sent that an answer names, by the monotonic clock; `null`: it is not one of this run, or too old. */
  readonly helloSentMs?: (bootId: string, helloSeq: number) => number | null;
  /** Stores a command; what it answers is done once the broker has its acknowledgement. */
  readonly takeCommand: (command: ReadCommand) => AfterAck;
}

export interface Inbox {
  /**
   * Takes one message, at once unless sealed PINs have to be opened. When it has answered, all that follows from the
   * message is committed, or the message was counted as rejected: either way it is to be acknowledged. It throws or
   * rejects when the store fails; then the message is to be delivered again, and is given up after a few such
   * failures in a row, unless it is the disk that takes nothing: then every message waits at the broker until it does.
   */
  receive(message: DownMessage): AfterAck | Promise<AfterAck>;
  /** Messages that were not taken since the start, by reason. */
  rejected(): Readonly<Record<string, number>>;
  /** To be called now and then: reports rejections that wait for their turn. */
  flush(): void;
  /** To be called at the end: reports all that waits. */
  close(): void;
}

const nothing: AfterAck = () => {};

/** What the cloud sends, turned into what is stored, each message in one synchronous transaction. */
export function openInbox(options: InboxOptions): Inbox {
  const rejections = new Rejections(options);
  let failures = 0;
  const finish = (message: DownMessage, result: Parsed<AfterAck>): AfterAck => {
    failures = 0;
    if (result.ok) return result.value;
    rejections.count(result.reason, message.topic);
    return nothing;
  };
  const failed = (message: DownMessage, error: unknown): AfterAck => {
    if (options.isDiskFull?.()) throw error;
    failures += 1;
    if (failures < FAILURES_MAX) throw error;
    // The broker delivers in order, so these were failures of this message, and others wait behind it.
    failures = 0;
    options.log.error({ err: error, topic: message.topic }, 'a message from the cloud was given up');
    rejections.count('hub_fault', message.topic);
    return nothing;
  };
  return {
    receive: (message) => {
      try {
        const result = take(options, message, (reason) => rejections.count(reason, message.topic));
        if (!(result instanceof Promise)) return finish(message, result);
        return result
          .then((later) => finish(message, later))
          .catch((error: unknown) => failed(message, error));
      } catch (error) {
        return failed(message, error);
      }
    },
    rejected: () => rejections.totals(),
    flush: () => rejections.flush(),
    close: () => rejections.close(),
  };
}

function take(
  options: InboxOptions,
  message: DownMessage,
  leaveOut: (reason: RejectReason) => void,
): Parsed<AfterAck> | Promise<Parsed<AfterAck>> {
  const topic = readDownTopic(options.hubId, message.topic);
  switch (topic.kind) {
    case 'unsupported':
      return rejected('unsupported_topic');
    case 'wrong_device_id':
      return rejected('wrong_device_id');
    case 'desired':
      return takeDesired(options, topic.deviceId, message.payload, leaveOut);
    case 'ack':
    case 'sync':
    case 'command':
    case 'certificate':
      // A retained desired document is state and as good as any; a retained answer belongs to another connection, and
      // a retained command would happen at every one.
      if (message.retain) return rejected('retained');
      return takeControl(options, topic.kind, message.payload);
  }
}

function takeDesired(
  options: InboxOptions,
  deviceId: string,
  bytes: Uint8Array,
  leaveOut: (reason: RejectReason) => void,
): Parsed<AfterAck> | Promise<Parsed<AfterAck>> {
  const payload = readPayload(bytes);
  if (!payload.ok) return payload;
  hearTime(options, payload.value, null);
  const read = readDesired(payload.value, deviceId);
  if (!read.ok) return read;
  const leaveOutAll = (): void => read.value.leftOut.forEach(leaveOut);
  const document = withPins(options, deviceId, read.value.document);
  if (!(document instanceof Promise)) return takeOpened(options, deviceId, document, leaveOutAll);
  return document.then((later) => takeOpened(options, deviceId, later, leaveOutAll));
}

function takeOpened(
  options: InboxOptions,
  deviceId: string,
  document: DesiredDocument,
  leaveOutAll: () => void,
): Parsed<AfterAck> {
  const verdict = options.store.transaction(() => {
    const decided = replaceCodes(options, deviceId, document);
    if (decided === 'accepted') leaveOutAll();
    return decided;
  });
  const { generation, version } = document;
  options.log.info({ deviceId, verdict, generation, version }, 'desired document');
  switch (verdict) {
    case 'accepted':
      return { ok: true, value: () => options.wake(deviceId) };
    case 'duplicate':
      return { ok: true, value: () => options.reportAgain(deviceId) };
    case 'stale':
      return rejected('stale_document');
    case 'too_many_devices':
      return rejected(verdict);
  }
}

function replaceCodes(
  { store, clock, policy, draw }: InboxOptions,
  deviceId: string,
  document: DesiredDocument,
): ReturnType<typeof accept>['verdict'] | 'too_many_devices' {
  const before = store.lockState(deviceId);
  if (before === undefined && store.deviceIds().length >= LOCKS_MAX) return 'too_many_devices';
  const state: LockState = before ?? { lock: unmetLock(deviceId), codes: [], slots: [] };
  const siblings = (): readonly LockState[] => otherLocks(store, deviceId);
  const { verdict, step } = accept(state, document, { draw, siblings }, clock.now(), policy);
  if (verdict === 'accepted') store.commit(before, step.state, step.events);
  return verdict;
}

/** Linked codes have the same PIN on whatever lock, so the other locks are asked for it; rarely, for it costs reading them. */
function otherLocks(store: Store, deviceId: string): readonly LockState[] {
  return store.deviceIds().flatMap((id) => (id === deviceId ? [] : (store.lockState(id) ?? [])));
}

function takeControl(
  options: InboxOptions,
  kind: 'ack' | 'sync' | 'command' | 'certificate',
  bytes: Uint8Array,
): Parsed<AfterAck> {
  const payload = readPayload(bytes);
  if (!payload.ok) return payload;
  if (kind !== 'sync') hearTime(options, payload.value, null);
  switch (kind) {
    case 'ack':
      return takeAck(options, payload.value);
    case 'sync':
      return takeSync(options, payload.value);
    case 'certificate':
      return takeCertificate(options, payload.value);
    case 'command': {
      const command = readCommand(payload.value);
      return command.ok ? { ok: true, value: options.takeCommand(command.value) } : command;
    }
  }
}

/** What a message says about the time besides; nothing is refused for it. */
function hearTime({ clock }: InboxOptions, payload: unknown, askedMs: number | null): void {
  const said = cloudTimeSchema.safeParse(payload);
  if (said.success) clock.hear?.({ kind: 'cloud', at: Date.parse(said.data.cloud_time), askedMs });
}

function takeAck({ store, acknowledged }: InboxOptions, payload: unknown): Parsed<AfterAck> {
  const ack = ackSchema.safeParse(payload);
  if (!ack.success) return rejected('invalid_message');
  if (ack.data.epoch.toLowerCase() !== store.outbox.epoch.toLowerCase()) return rejected('wrong_epoch');
  acknowledged(ack.data.seq);
  return { ok: true, value: nothing };
}

function takeCertificate({ ownCertificate, log }: InboxOptions, payload: unknown): Parsed<AfterAck> {
  if (ownCertificate === undefined) return rejected('unsupported_topic');
  const read = certificateSchema.safeParse(payload);
  if (!read.success) return rejected('invalid_message');
  const refusal = ownCertificate.take(read.data.certificates);
  if (refusal === null) return { ok: true, value: nothing };
  log.warn({ reason: refusal }, 'a certificate from the cloud was not taken');
  return rejected('invalid_message');
}

/**
 * The documents that it announces come by themselves. A lock that the cloud does not know any more is forgotten, unless
 * it is in the radio network: then somebody has to take it out of that first, or its codes would stay for good.
 */
function takeSync(options: InboxOptions, payload: unknown): Parsed<AfterAck> {
  const { log, store, clock, helloSentMs } = options;
  const sync = syncSchema.safeParse(payload);
  if (!sync.success) return rejected('invalid_message');
  const { devices = [], answers } = sync.data;
  const askedMs = answers && helloSentMs?.(answers.boot_id, answers.hello_seq);
  hearTime(options, payload, askedMs ?? null);
  log.debug({ devices: devices.length }, 'the cloud answered our hello');
  for (const { device_id: deviceId, verdict } of devices) {
    if (verdict !== 'forget') continue;
    const isThere = store.transaction(() => {
      const state = store.lockState(deviceId);
      if (state?.lock.radio === null) forgetLock(store, deviceId, clock.now());
      return state !== undefined && state.lock.radio !== null;
    });
    if (isThere) log.warn({ deviceId }, 'the cloud wants a lock forgotten that is in the radio network');
  }
  return { ok: true, value: nothing };
}
