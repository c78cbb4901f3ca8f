import type { LockReport, SimLock } from '../lock/lock.ts';
import { concat, Reader, ShortFrameError, u16, u8, type Bytes } from './bytes.ts';
import type { ApsMessage } from './child.ts';
import type {
  Answer,
  Application,
  Binding,
  DeviceMemory,
  RadioDevice,
  Settings,
  SimpleDescription,
} from './application.ts';
import { attributesOf, clustersOf, CLUSTER, QUARTER_MS, QUARTERS_MAX } from './attributes.ts';
import { answerDoorLock } from './door-lock.ts';
import { alarmOf, eventOf, lastActionOf } from './events.ts';
import { answerGeneral } from './general.ts';
import type { ZigbeeModel } from './model.ts';
import { Reporting } from './reporting.ts';
import { hearTime, TIME_QUESTION } from './time.ts';
import { decodeZcl, encodeZcl, GENERAL, STATUS, type ZclFrame } from './zcl.ts';

/** How often a lock asks the hub for the time. */
const TIME_EVERY_MS = 3_600_000;
/** How long after it joined it asks first. */
const TIME_FIRST_MS = 2000;
const HUB_ENDPOINT = 1;
const DEVICE_DOOR_LOCK = 0x000a;
/** Commands of the poll control cluster. Fast polls happen after every frame anyway. */
const POLL = { checkInResponse: 0, stopFast: 1, setLongInterval: 2, setShortInterval: 3 } as const;
/** Longest payload of an answer; locks split nothing. */
const PAYLOAD_MAX_BYTES = 200;

export interface DeviceOptions {
  readonly lock: SimLock;
  readonly model: ZigbeeModel;
  readonly memory: DeviceMemory;
  readonly onChange: () => void;
  readonly send: (message: ApsMessage) => void;
}

/** The Zigbee application of a lock: its clusters over the one lock model. */
export class Device implements Application, RadioDevice {
  readonly lock: SimLock;
  readonly model: ZigbeeModel;
  readonly settings: Settings;
  readonly reporting: Reporting;
  readonly #options: DeviceOptions;
  readonly #unsubscribe: () => void;
  #bindings: readonly Binding[];
  #sequence = 0;
  /** A command of the hub is being carried out, so that what the lock tells is its doing. */
  #isCommanded = false;
  #checkIn: NodeJS.Timeout | undefined;
  readonly #time: NodeJS.Timeout;

  constructor(options: DeviceOptions) {
    this.lock = options.lock;
    this.model = options.model;
    this.#options = options;
    this.#bindings = options.memory.bindings;
    const { longPollMs, readBack } = options.model.zigbee;
    this.settings = {
      sendPinOta: readBack === 'clear',
      longPollMs,
      checkInMs: TIME_EVERY_MS,
      others: new Map(),
    };
    this.reporting = new Reporting({
      settings: options.memory.reports,
      read: (cluster, id) => attributesOf(this, cluster)?.get(id)?.read(),
      tell: (cluster, payload) => this.#tell(cluster, GENERAL.report, payload, false),
      onChange: options.onChange,
    });
    this.#unsubscribe = options.lock.onReport((report) => this.#onReport(report));
    this.#time = setInterval(() => this.askTime(), TIME_EVERY_MS).unref();
    this.checkIn();
  }

  get longPollMs(): number {
    return this.settings.longPollMs;
  }

  get simple(): SimpleDescription {
    const { endpoint, manufacturerCode } = this.model.zigbee;
    const [inputs, outputs] = [clustersOf(this), [CLUSTER.time]];
    return { endpoint, device: DEVICE_DOOR_LOCK, manufacturerCode, inputs, outputs };
  }

  attributes(cluster: number): ReturnType<Application['attributes']> {
    return attributesOf(this, cluster);
  }

  stop(): void {
    this.#unsubscribe();
    clearInterval(this.#time);
    clearTimeout(this.#checkIn);
    this.reporting.stop();
  }

  /** Out of the network: a hub sets up everything anew. */
  forget(): void {
    this.#bindings = [];
    this.reporting.forget();
  }

  /** In the network: asks for the time as soon as the hub has had a moment. */
  joined(): void {
    setTimeout(() => this.askTime(), TIME_FIRST_MS).unref();
  }

  askTime(): void {
    this.#send(CLUSTER.time, HUB_ENDPOINT, {
      specific: false,
      fromServer: false,
      wantsDefaultResponse: false,
      sequence: this.#next(),
      command: GENERAL.read,
      payload: TIME_QUESTION,
    });
  }

  /** Tells the hub that it may have something for a lock that mostly sleeps, and again after the interval. */
  checkIn(): void {
    clearTimeout(this.#checkIn);
    const { checkInMs } = this.settings;
    if (checkInMs === 0 || !this.model.zigbee.pollControl) return;
    this.#checkIn = setTimeout(() => {
      this.#tell(CLUSTER.pollControl, 0x00, new Uint8Array(0), true);
      this.checkIn();
    }, checkInMs).unref();
  }

  bind(binding: Binding): void {
    this.unbind(binding);
    this.#bindings = [...this.#bindings, binding];
    this.#options.onChange();
  }

  unbind({ endpoint, cluster, target }: Binding): void {
    this.#bindings = this.#bindings.filter(
      (one) => one.endpoint !== endpoint || one.cluster !== cluster || one.target !== target,
    );
    this.#options.onChange();
  }

  toJSON(): DeviceMemory {
    return { bindings: this.#bindings, reports: this.reporting.settings };
  }

  /** A message has arrived. What makes no sense is answered like that, or not at all. */
  receive(message: ApsMessage): void {
    if (message.endpoint !== this.model.zigbee.endpoint) return;
    let frame: ZclFrame;
    try {
      frame = decodeZcl(message.content);
    } catch (error) {
      if (error instanceof ShortFrameError) return;
      throw error;
    }
    const answer = short(this.#answer(message.cluster, frame));
    if (answer.kind === 'silence') return;
    const isStatus = answer.kind === 'status';
    if (isStatus && answer.status === STATUS.success && !frame.wantsDefaultResponse) return;
    const isGeneral = isStatus || !frame.specific;
    this.#send(message.cluster, message.sourceEndpoint, {
      specific: !isGeneral,
      fromServer: !frame.fromServer,
      wantsDefaultResponse: false,
      ...(frame.manufacturer === undefined ? {} : { manufacturer: frame.manufacturer }),
      sequence: frame.sequence,
      command: isStatus ? GENERAL.defaultResponse : answer.command,
      payload: isStatus ? concat(u8(frame.command), u8(answer.status)) : answer.payload,
    });
  }

  #answer(cluster: number, frame: ZclFrame): Answer {
    this.#isCommanded = true;
    try {
      if (frame.fromServer) return this.#hear(cluster, frame);
      if (!frame.specific) return answerGeneral(this, cluster, frame);
      if (frame.manufacturer !== undefined) return { kind: 'status', status: STATUS.unsupportedCommand };
      return this.#command(cluster, frame);
    } catch (error) {
      if (error instanceof ShortFrameError) return { kind: 'status', status: STATUS.malformed };
      throw error;
    } finally {
      this.#isCommanded = false;
      this.reporting.look();
    }
  }

  /** What the hub answers to questions of the lock. */
  #hear(cluster: number, { specific, command, payload }: ZclFrame): Answer {
    if (cluster === CLUSTER.time && !specific && command === GENERAL.readResponse)
      hearTime(this.lock, payload);
    return { kind: 'silence' };
  }

  #command(cluster: number, { command, payload }: ZclFrame): Answer {
    if (this.attributes(cluster) === undefined) return { kind: 'status', status: STATUS.unsupportedCommand };
    if (cluster === CLUSTER.doorLock) return answerDoorLock(this, command, payload);
    if (cluster === CLUSTER.identify && command === 0x00) {
      this.lock.radioIdentify();
      return { kind: 'status', status: STATUS.success };
    }
    if (cluster === CLUSTER.pollControl) return this.#pollCommand(command, payload);
    return { kind: 'status', status: STATUS.unsupportedCommand };
  }

  #pollCommand(command: number, payload: Bytes): Answer {
    if (command === POLL.setLongInterval) {
      const quarters = new Reader(payload).u32();
      const isRight = quarters > 0 && quarters <= QUARTERS_MAX;
      if (isRight) this.settings.longPollMs = quarters * QUARTER_MS;
      return { kind: 'status', status: isRight ? STATUS.success : STATUS.invalidValue };
    }
    const isKnown = Object.values<number>(POLL).includes(command);
    if (!isKnown) return { kind: 'status', status: STATUS.unsupportedCommand };
    return { kind: 'status', status: STATUS.success };
  }

  /** What happened at the lock goes to whoever is bound. */
  #onReport(report: LockReport): void {
    const send = (): void => {
      const { lastAction } = this.model.zigbee;
      const action = lastAction ? lastActionOf(this.lock, this.model, report) : undefined;
      const event = action === undefined ? eventOf(this.lock, this.model, report, commanded) : undefined;
      if (action !== undefined) this.#tell(CLUSTER.doorLock, GENERAL.report, action, false);
      if (event !== undefined) this.#tell(CLUSTER.doorLock, event.command, event.payload, true);
      const alarm = this.model.zigbee.alarms ? alarmOf(report) : undefined;
      if (alarm !== undefined)
        this.#tell(CLUSTER.alarms, alarm.command, concat(u8(alarm.code), u16(CLUSTER.doorLock)), true);
      this.reporting.look();
    };
    const commanded = this.#isCommanded;
    // A lock answers the command at hand before it tells what came of it.
    setTimeout(send, this.lock.delayReportsMs).unref();
  }

  #tell(cluster: number, command: number, payload: Bytes, specific: boolean): void {
    const header = { specific, fromServer: true, wantsDefaultResponse: specific, command, payload };
    for (const binding of this.#bindings) {
      if (binding.cluster !== cluster) continue;
      this.#send(cluster, binding.targetEndpoint, { ...header, sequence: this.#next() });
    }
  }

  #send(cluster: number, endpoint: number, frame: ZclFrame): void {
    const sourceEndpoint = this.model.zigbee.endpoint;
    this.#options.send({ cluster, sourceEndpoint, endpoint, content: encodeZcl(frame) });
  }

  #next(): number {
    this.#sequence = (this.#sequence + 1) & 0xff;
    return this.#sequence;
  }
}

function short(answer: Answer): Answer {
  const isShort = answer.kind !== 'command' || answer.payload.length <= PAYLOAD_MAX_BYTES;
  return isShort ? answer : { kind: 'status', status: STATUS.insufficientSpace };
}
