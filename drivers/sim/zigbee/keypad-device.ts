import type { Answer, Binding, DeviceMemory, RadioDevice, SimpleDescription } from './application.ts';
import { accessOf, basicRows, CLUSTER, powerRows, type Attributes, type Rows } from './attributes.ts';
import { concat, octets, Reader, ShortFrameError, u16, u8, type Bytes } from './bytes.ts';
import type { ApsMessage } from './child.ts';
import { answerGeneral } from './general.ts';
import { ARM_MODE, type KeypadAct, type SimZigbeeKeypad } from './keypad.ts';
import { Reporting } from './reporting.ts';
import { decodeZcl, encodeZcl, GENERAL, KIND, STATUS, type ZclFrame } from './zcl.ts';

/** Ancillary control equipment (Zigbee Home Automation, IAS). */
const DEVICE_ACE = 0x0401;
/** It asks for frames so often, and so hears an answer while somebody stands there. */
const LONG_POLL_MS = 500;
const BATTERY_FULL = 200;
const BATTERY_LOW_PERCENT = 10;
const NOBODY = '0x0000000000000000';

/** Commands of a keypad to its panel, and the panel's answers (ZCL 8.3). */
const ASK = { arm: 0x00, panic: 0x04, getPanelStatus: 0x07 } as const;
const ANSWER = { arm: 0x00, panelStatus: 0x05 } as const;
/** What an answer to a code says: up to here the panel did as it was told. */
const ALL_ARMED = 3;

/** Commands and attributes of the zone that every such device is for its panel (ZCL 8.2). */
const ZONE = { statusChanged: 0x00, enrollResponse: 0x00 } as const;
const IDENTIFY = 0x00;
const ZONE_KEYPAD = 0x021d;
const ZONE_STATUS = { tamper: 0b0100, batteryLow: 0b1000 } as const;

export interface KeypadDeviceOptions {
  readonly keypad: SimZigbeeKeypad;
  readonly memory: DeviceMemory;
  readonly onChange: () => void;
  readonly send: (message: ApsMessage) => void;
}

/** The Zigbee application of a keypad: its keys, its zone, its battery. It tells what it has to tell to whoever is bound. */
export class KeypadDevice implements RadioDevice {
  readonly longPollMs = LONG_POLL_MS;
  readonly simple: SimpleDescription;
  readonly reporting: Reporting;
  readonly #options: KeypadDeviceOptions;
  readonly #unsubscribe: () => void;
  #bindings: readonly Binding[];
  /** The panel that it belongs to, and whether that has taken it. */
  #panel: string;
  #isEnrolled: boolean;
  #sequence = 0;
  /** Number of the question about a code that has no answer yet. */
  #asked: number | null = null;

  constructor(options: KeypadDeviceOptions) {
    const { keypad, memory, onChange } = options;
    this.#options = options;
    this.#bindings = memory.bindings;
    this.#panel = memory.panel ?? NOBODY;
    this.#isEnrolled = memory.panel !== undefined;
    this.simple = {
      endpoint: keypad.model.endpoint,
      device: DEVICE_ACE,
      manufacturerCode: keypad.model.manufacturerCode,
      inputs: [CLUSTER.basic, CLUSTER.power, CLUSTER.identify, CLUSTER.zone],
      outputs: [CLUSTER.time, CLUSTER.ace],
    };
    this.reporting = new Reporting({
      settings: memory.reports,
      read: (cluster, id) => this.attributes(cluster)?.get(id)?.read(),
      tell: (cluster, payload) => this.#tell(cluster, GENERAL.report, payload, false),
      onChange,
    });
    this.#unsubscribe = keypad.onAct((act) => this.#onAct(act));
  }

  attributes(cluster: number): Attributes | undefined {
    const { model, batteryPercent } = this.#options.keypad;
    switch (cluster) {
      case CLUSTER.basic:
        return accessOf(basicRows(model));
      case CLUSTER.power:
        return accessOf(powerRows(batteryPercent, BATTERY_FULL));
      case CLUSTER.identify:
        return accessOf([[0x0000, { kind: KIND.u16, value: 0 }]]);
      case CLUSTER.zone:
        return accessOf(this.#zoneRows());
      default:
        return undefined;
    }
  }

  /** A message has arrived. What makes no sense is not answered. */
  receive(message: ApsMessage): void {
    if (message.endpoint !== this.simple.endpoint) return;
    try {
      this.#take(message, decodeZcl(message.content));
    } catch (error) {
      if (!(error instanceof ShortFrameError)) throw error;
    }
    this.reporting.look();
  }

  bind(binding: Binding): void {
    this.unbind(binding);
    this.#bindings = [...this.#bindings, binding];
    this.#options.onChange();
  }

  unbind({ cluster, target }: Binding): void {
    this.#bindings = this.#bindings.filter((one) => one.cluster !== cluster || one.target !== target);
    this.#options.onChange();
  }

  forget(): void {
    this.#bindings = [];
    this.#panel = NOBODY;
    this.#isEnrolled = false;
    this.reporting.forget();
  }

  joined(): void {
    // It asks for nothing before somebody comes near.
  }

  stop(): void {
    this.#unsubscribe();
    this.reporting.stop();
  }

  toJSON(): DeviceMemory {
    const panel = this.#isEnrolled ? { panel: this.#panel } : {};
    return { bindings: this.#bindings, reports: this.reporting.settings, ...panel };
  }

  #take({ cluster, sourceEndpoint }: ApsMessage, frame: ZclFrame): void {
    if (frame.fromServer) {
      if (frame.specific && cluster === CLUSTER.ace) this.#show(frame);
      return;
    }
    const answer = frame.specific ? this.#command(cluster, frame) : answerGeneral(this, cluster, frame);
    if (answer.kind === 'silence') return;
    const isStatus = answer.kind === 'status';
    if (isStatus && answer.status === STATUS.success && !frame.wantsDefaultResponse) return;
    this.#send(cluster, sourceEndpoint, {
      specific: false,
      fromServer: true,
      wantsDefaultResponse: false,
      sequence: frame.sequence,
      command: isStatus ? GENERAL.defaultResponse : answer.command,
      payload: isStatus ? concat(u8(frame.command), u8(answer.status)) : answer.payload,
    });
  }

  #command(cluster: number, { command, payload }: ZclFrame): Answer {
    if (cluster === CLUSTER.zone && command === ZONE.enrollResponse) {
      this.#isEnrolled = this.#panel !== NOBODY && new Reader(payload).u8() === STATUS.success;
      this.#options.onChange();
    } else if (cluster === CLUSTER.identify && command === IDENTIFY) this.#options.keypad.identified += 1;
    else return { kind: 'status', status: STATUS.unsupportedCommand };
    return { kind: 'status', status: STATUS.success };
  }

  /** What the hub answers; an answer to a question that was not asked, or is answered already, shows nothing. */
  #show({ command, payload, sequence }: ZclFrame): void {
    const { keypad } = this.#options;
    const said = new Reader(payload).u8();
    if (command === ANSWER.panelStatus) keypad.panel = said;
    if (command !== ANSWER.arm || sequence !== this.#asked) return;
    this.#asked = null;
    keypad.shown[said <= ALL_ARMED ? 'accepted' : 'denied'] += 1;
  }

  #onAct(act: KeypadAct): void {
    switch (act.kind) {
      case 'arm': {
        const noZone = 0;
        const payload = concat(u8(ARM_MODE[act.key]), octets(act.digits), u8(noZone));
        this.#asked = this.#tell(CLUSTER.ace, ASK.arm, payload, true);
        return;
      }
      case 'panel':
        this.#tell(CLUSTER.ace, ASK.getPanelStatus, new Uint8Array(0), true);
        return;
      case 'panic':
        this.#tell(CLUSTER.ace, ASK.panic, new Uint8Array(0), true);
        return;
      case 'state':
        if (this.#isEnrolled)
          this.#tell(
            CLUSTER.zone,
            ZONE.statusChanged,
            concat(u16(this.#zoneStatus()), u8(0), u8(0), u16(0)),
            true,
          );
        this.reporting.look();
    }
  }

  #zoneRows(): Rows {
    const setPanel = (value: number | string): boolean => {
      this.#panel = String(value);
      return true;
    };
    return [
      [0x0000, { kind: KIND.enum8, value: this.#isEnrolled ? 1 : 0 }],
      [0x0001, { kind: KIND.enum16, value: ZONE_KEYPAD }],
      [0x0002, { kind: KIND.map16, value: this.#zoneStatus() }],
      [0x0010, { kind: KIND.ieee, value: this.#panel, write: setPanel }],
      [0x0011, { kind: KIND.u8, value: 0xff }],
    ];
  }

  #zoneStatus(): number {
    const { tampered, batteryPercent } = this.#options.keypad;
    const low = batteryPercent < BATTERY_LOW_PERCENT;
    return (tampered ? ZONE_STATUS.tamper : 0) | (low ? ZONE_STATUS.batteryLow : 0);
  }

  /** Tells whoever is bound; returns the number of the last frame. Its keys are a client, all else a server. */
  #tell(cluster: number, command: number, payload: Bytes, specific: boolean): number {
    const fromServer = cluster !== CLUSTER.ace;
    for (const binding of this.#bindings) {
      if (binding.cluster !== cluster) continue;
      this.#sequence = (this.#sequence + 1) & 0xff;
      const frame = { specific, fromServer, wantsDefaultResponse: specific, command, payload };
      this.#send(cluster, binding.targetEndpoint, { ...frame, sequence: this.#sequence });
    }
    return this.#sequence;
  }

  #send(cluster: number, endpoint: number, frame: ZclFrame): void {
    const sourceEndpoint = this.simple.endpoint;
    this.#options.send({ cluster, sourceEndpoint, endpoint, content: encodeZcl(frame) });
  }
}
