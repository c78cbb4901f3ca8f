import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { SimLock } from '../lock/lock.ts';
import { randomBytes, type Random } from '../random.ts';
import { Air } from './air.ts';
import type { SimZigbeeKeypad } from './keypad.ts';
import { readMemory, writeMemory, type KeptRadio } from './memory-file.ts';
import { StickMemory } from './memory.ts';
import { Stick } from './stick.ts';
import { encodeLine, LineParser, type LineFrame } from './unpi.ts';

/** Addresses of sticks begin like those of TI's radios. */
const MAKER = '00124b';
const ADDRESS_BYTES = 5;
/** Bytes that a host which reads nothing may leave lying; then the line is cut. */
const BACKLOG_MAX_BYTES = 1_000_000;

export interface ZigbeeNetworkOptions {
  /** All Zigbee locks that hang in the house, in the network or not; may grow. */
  readonly locks: readonly SimLock[];
  /** All Zigbee keypads, likewise; absent: none. */
  readonly keypads?: readonly SimZigbeeKeypad[];
  /** TCP port on loopback, 0 for any. */
  readonly port: number;
  readonly random: Random;
  /** Where stick and locks keep what they know of the network; absent: it is lost with the house. */
  readonly memoryFile?: string;
}

export interface ZigbeeNetwork {
  readonly port: number;
  /** Commands of hosts that the stick did not know, as `subsystem/command`. */
  unknownCommands(): readonly string[];
  /** Somebody pulls the stick and plugs in another one, fresh from the factory. */
  replaceStick(): void;
  stop(): Promise<void>;
}

/** A Zigbee coordinator behind TCP that speaks TI's ZNP, with the locks as its sleepy children. */
export async function startZigbeeNetwork(options: ZigbeeNetworkOptions): Promise<ZigbeeNetwork> {
  const { random, memoryFile, locks, keypads = [] } = options;
  const kept: KeptRadio = memoryFile === undefined ? { locks: {} } : readMemory(memoryFile);
  const line = new Line();
  let isSaving = false;
  let isReady = false;
  const save = (): void => {
    isSaving = false;
    const items = stick.memory.toJSON();
    if (memoryFile !== undefined) {
      writeMemory(memoryFile, { stick: { address: stick.memory.ownAddress, items }, locks: air.toJSON() });
    }
  };
  // Many items change one after the other, and one writing is enough for them.
  const onChange = (): void => {
    if (isSaving || !isReady) return;
    isSaving = true;
    setImmediate(() => isSaving && save());
  };
  const air = new Air({ locks, keypads, random, kept: kept.locks, onChange });
  const plug = (address: string, items?: Readonly<Record<string, string>>): Stick => {
    const memory = new StickMemory(address, items, onChange);
    const plugged = new Stick(memory, air, (frame) => line.send(plugged, frame));
    line.plug(plugged);
    air.plug(plugged);
    return plugged;
  };
  let stick = plug(kept.stick?.address ?? firstAddress(random), kept.stick?.items);
  isReady = true;
  const port = await line.open(options.port);
  return {
    port,
    unknownCommands: () => [...stick.unknown],
    replaceStick: () => {
      stick = plug(addressAfter(stick.memory.ownAddress));
      onChange();
    },
    stop: async () => {
      air.stop();
      // Nothing is written over what another house may have kept there since.
      if (isSaving || kept.stick === undefined) save();
      await line.close();
    },
  };
}

function firstAddress(random: Random): string {
  return `0x${MAKER}${Buffer.from(randomBytes(random, ADDRESS_BYTES)).toString('hex')}`;
}

/** Of the next stick from the same shelf: one that no earlier stick of this house had, also after a restart. */
function addressAfter(address: string): string {
  const next = BigInt.asUintN(8 * ADDRESS_BYTES, BigInt(address) + 1n);
  return `0x${MAKER}${next.toString(16).padStart(2 * ADDRESS_BYTES, '0')}`;
}

/** The serial line of the stick, as TCP. One host at a time: the latest has it. */
class Line {
  readonly #server = createServer({ noDelay: true }, (socket) => this.#take(socket));
  #socket: Socket | undefined;
  #stick: Stick | undefined;

  plug(stick: Stick): void {
    this.#stick = stick;
    this.#socket?.destroy();
  }

  async open(port: number): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  send(from: Stick, frame: LineFrame): void {
    const socket = this.#socket;
    if (from !== this.#stick || socket === undefined || socket.destroyed) return;
    if (socket.writableLength > BACKLOG_MAX_BYTES) socket.destroy();
    else socket.write(encodeLine(frame));
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#socket?.destroy();
    await once(this.#server, 'close');
  }

  #take(socket: Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    const parser = new LineParser();
    // A host that dies in the middle of a frame is no reason to stop.
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      for (const frame of parser.push(bytes)) this.#stick?.receive(frame);
    });
  }
}
