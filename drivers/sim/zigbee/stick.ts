import { SECOND_MS } from '../../../src/core/time.ts';
import type { Air } from './air.ts';
import { answerAf, incomingMessage } from './af.ts';
import { concat, eui, Reader, ShortFrameError, u16, u8, type Bytes } from './bytes.ts';
import type { ApsMessage, Child } from './child.ts';
import { KeyTables } from './key-tables.ts';
import type { StickMemory } from './memory.ts';
import { MT, type MtAnswer } from './mt.ts';
import { answerSys, RESET_INDICATION } from './sys.ts';
import { SUBSYSTEM, TYPE, type LineFrame } from './unpi.ts';
import { answerZdo } from './zdo.ts';

/** Device states of Z-Stack. */
const STATE = { hold: 0, coordinator: 9 } as const;
const DEVICE_TYPES = 7;
const RESET_REQUEST = 0x00;
const RESET_TAKES_MS = 50;
const FORMING_TAKES_MS = 50;
/** Install codes that a stick holds; the oldest goes. */
const INSTALL_CODES_MAX = 64;
/** Error codes of the line: of which subsystem, of which command. */
const LINE_ERROR = { subsystem: 1, command: 2, length: 4 } as const;
/** What stands for an address that no device has. */
const NO_ADDRESS = 0xfffe;
/** How a child that sleeps is listed. */
const RELATION_CHILD = 1;

/** Endpoint of the host, as it registered it. */
export interface HostEndpoint {
  readonly profile: number;
  readonly device: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A Zigbee stick with Z-Stack 3.x.0 behind a serial line: what it is asked, and what it tells. */
export class Stick {
  readonly memory: StickMemory;
  readonly keys: KeyTables;
  readonly air: Air;
  readonly endpoints = new Map<number, HostEndpoint>();
  readonly groups = new Set<string>();
  readonly #send: (frame: LineFrame) => void;
  readonly #installCodes = new Map<string, string>();
  /** Commands that the stick did not know, as `subsystem/command`, for whoever wonders. */
  readonly unknown: Set<string> = new Set();
  #state: number = STATE.hold;
  #openUntilMs = 0;

  constructor(memory: StickMemory, air: Air, send: (frame: LineFrame) => void) {
    this.memory = memory;
    this.keys = new KeyTables(memory);
    this.air = air;
    this.#send = send;
  }

  /** A frame of the host. */
  receive(frame: LineFrame): void {
    const { type, subsystem, command } = frame;
    if (type === TYPE.indication) {
      if (subsystem === SUBSYSTEM.sys && command === RESET_REQUEST) this.#reset();
      return;
    }
    if (type !== TYPE.request) return;
    try {
      const answer = this.#answer(frame);
      if (answer === undefined) this.#refuse(frame);
      else this.#send({ type: TYPE.response, subsystem, command, content: answer });
    } catch (error) {
      if (!(error instanceof ShortFrameError)) throw error;
      this.#error(LINE_ERROR.length, frame);
    }
  }

  /** Tells the host something that it did not ask for, after what it asked for is answered. */
  tell(subsystem: number, command: number, ...parts: readonly Uint8Array[]): void {
    const frame = { type: TYPE.indication, subsystem, command, content: concat(...parts) };
    setImmediate(() => this.#send(frame));
  }

  open(seconds: number): void {
    this.#openUntilMs = performance.now() + seconds * SECOND_MS;
  }

  isOpen(): boolean {
    return performance.now() < this.#openUntilMs;
  }

  /** Whether the host gave the install code of this device, itself or as the key it stands for. */
  knowsInstallCode(ieee: string, code: Uint8Array, key: Uint8Array): boolean {
    const held = this.#installCodes.get(ieee);
    return held === Buffer.from(code).toString('hex') || held === Buffer.from(key).toString('hex');
  }

  joined(child: Child): void {
    const { address, ieee } = placeOf(child);
    this.tell(SUBSYSTEM.zdo, 0xca, u16(address), eui(ieee), u16(0));
    this.announced(child);
  }

  announced(child: Child): void {
    const { address, ieee } = placeOf(child);
    const sleepyOnBattery = 0x80;
    this.tell(SUBSYSTEM.zdo, 0xc1, u16(address), u16(address), eui(ieee), u8(sleepyOnBattery));
  }

  left(child: Child, address: number): void {
    const requestRemoveRejoin = Uint8Array.of(0, 0, 0);
    if (child.owner.ieee !== null) this.keys.forget(child.owner.ieee);
    this.tell(SUBSYSTEM.zdo, 0xc9, u16(address), eui(child.owner.ieee ?? '0x0'), requestRemoveRejoin);
  }

  incoming(child: Child, message: ApsMessage): void {
    if (this.#state !== STATE.coordinator) return;
    this.tell(SUBSYSTEM.af, 0x81, incomingMessage(placeOf(child).address, message));
  }

  /** Starts the network that the memory holds, or forms one. */
  start(): void {
    if (this.memory.network() === undefined) this.memory.form();
    setTimeout(() => {
      this.#state = STATE.coordinator;
      this.tell(SUBSYSTEM.zdo, 0xc0, u8(STATE.coordinator));
    }, FORMING_TAKES_MS).unref();
  }

  #answer({ subsystem, command, content }: LineFrame): MtAnswer {
    const request = new Reader(content);
    switch (subsystem) {
      case SUBSYSTEM.sys:
        return answerSys(this.memory, command, request);
      case SUBSYSTEM.af:
        return answerAf(this, command, request);
      case SUBSYSTEM.zdo:
        return command === 0x50 ? this.#networkInfo() : answerZdo(this, command, request);
      case SUBSYSTEM.util:
        return this.#answerUtil(command, request);
      case SUBSYSTEM.appConfig:
        return this.#answerAppConfig(command, request);
      default:
        return undefined;
    }
  }

  #answerUtil(command: number, request: Reader): MtAnswer {
    switch (command) {
      case 0x00: {
        const who = concat(eui(this.memory.address), u16(0));
        return concat(u8(MT.success), who, Uint8Array.of(DEVICE_TYPES, this.#state, 0));
      }
      case 0x0a:
      case 0x63:
      case 0x64:
        return u8(MT.success);
      case 0x4a: {
        const child = this.air.of(request.eui()) ?? this.air.at(request.u16());
        if (child === undefined) return concat(u16(NO_ADDRESS), u16(0), u8(0xff));
        return concat(u16(placeOf(child).address), u16(0), u8(RELATION_CHILD));
      }
      default:
        return undefined;
    }
  }

  #answerAppConfig(command: number, request: Reader): MtAnswer {
    switch (command) {
      case 0x04: {
        request.u8();
        const ieee = request.eui();
        const [oldest] = this.#installCodes.keys();
        if (this.#installCodes.size >= INSTALL_CODES_MAX && oldest !== undefined)
          this.#installCodes.delete(oldest);
        this.#installCodes.set(ieee, Buffer.from(request.rest()).toString('hex'));
        return u8(MT.success);
      }
      case 0x05:
        this.start();
        return u8(MT.success);
      case 0x08:
      case 0x09:
        return u8(MT.success);
      default:
        return undefined;
    }
  }

  #networkInfo(): Bytes {
    const network = this.memory.network();
    const extended = Uint8Array.from(Buffer.from(network?.extendedPanId ?? '0000000000000000', 'hex'));
    const parent = concat(u16(0), extended, new Uint8Array(8));
    return concat(u16(0), u8(this.#state), u16(network?.panId ?? 0xffff), parent, u8(network?.channel ?? 0));
  }

  #reset(): void {
    this.#state = STATE.hold;
    this.#openUntilMs = 0;
    this.endpoints.clear();
    this.groups.clear();
    this.memory.restart();
    setTimeout(() => this.tell(SUBSYSTEM.sys, 0x80, RESET_INDICATION), RESET_TAKES_MS).unref();
  }

  #refuse(frame: LineFrame): void {
    this.unknown.add(`${frame.subsystem}/${frame.command}`);
    const isKnown = Object.values<number>(SUBSYSTEM).includes(frame.subsystem);
    this.#error(isKnown ? LINE_ERROR.command : LINE_ERROR.subsystem, frame);
  }

  #error(code: number, { type, subsystem, command }: LineFrame): void {
    const content = Uint8Array.of(code, (type << 5) | subsystem, command);
    this.#send({ type: TYPE.response, subsystem: SUBSYSTEM.error, command: 0, content });
  }
}

function placeOf({ owner, residence }: Child): { readonly address: number; readonly ieee: string } {
  return { address: residence?.address ?? NO_ADDRESS, ieee: owner.ieee ?? '0x0' };
}
