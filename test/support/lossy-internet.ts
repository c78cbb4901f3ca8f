import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Random } from '../../drivers/sim/random.ts';
import { FrameReader, PUBACK, PUBLISH, type Frame } from './mqtt-frames.ts';

/** What becomes of messages (PUBLISH packets) and their connections. */
export interface Weather {
  /** Probabilities in [0, 1]. */
  readonly loss: number;
  readonly doubling: number;
  /** Most messages that wait together and then arrive in any order. */
  readonly windowMessages: number;
  /** A connection that carried so many messages is cut. */
  readonly cutAfterMessages: number;
}

/** The issue's own numbers. */
export const STORM: Weather = { loss: 0.3, doubling: 0.3, windowMessages: 50, cutAfterMessages: 20 };

/** What the weather did so far. */
export interface Toll {
  messages: number;
  lost: number;
  doubled: number;
  /** Messages that arrived behind one that was sent after them. */
  overtaken: number;
  cuts: number;
}

/** Longest a message waits for others to be mixed with. */
const HOLD_MAX_MS = 8;
/** Nothing is lost on TCP but with its connection: one that owes a message is cut when it falls silent. */
const OWING_MAX_MS = 400;

/**
 * The internet in front of a broker at its worst: it loses, doubles and reorders messages in both directions and cuts
 * connections. Acknowledgements stay honest: a message that was lost has none, a doubled one has one.
 */
export class LossyInternet {
  readonly toll: Toll = { messages: 0, lost: 0, doubled: 0, overtaken: 0, cuts: 0 };
  readonly #server: Server;
  readonly #lines = new Set<Line>();

  private constructor(server: Server, brokerPort: number, weather: Weather, random: Random) {
    this.#server = server;
    server.on('connection', (near) => {
      const far = connect({ port: brokerPort, host: '127.0.0.1', noDelay: true });
      const line = new Line(near, far, weather, random, this.toll);
      this.#lines.add(line);
      near.once('close', () => this.#lines.delete(line));
    });
  }

  static async to(brokerPort: number, weather: Weather, random: Random): Promise<LossyInternet> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LossyInternet(server, brokerPort, weather, random);
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const line of this.#lines) line.cut();
  }
}

/** One connection with its two directions. */
class Line {
  readonly #weather: Weather;
  readonly #random: Random;
  readonly #toll: Toll;
  readonly #sockets: readonly Socket[];
  #carried = 0;
  /** A message was lost, and no acknowledgement of it will ever come. */
  #isOwing = false;
  #cutting: NodeJS.Timeout | undefined;

  constructor(near: Socket, far: Socket, weather: Weather, random: Random, toll: Toll) {
    this.#weather = weather;
    this.#random = random;
    this.#toll = toll;
    this.#sockets = [near, far];
    const up = new Direction(this, far);
    const down = new Direction(this, near);
    listen(near, up, down);
    listen(far, down, up);
    for (const socket of this.#sockets) {
      socket.on('error', () => undefined);
      socket.on('close', () => this.cut());
    }
  }

  cut(): void {
    clearTimeout(this.#cutting);
    for (const socket of this.#sockets) socket.destroy();
  }

  /** How often a message arrives: not at all, once, or twice. */
  fate(): 0 | 1 | 2 {
    const { loss, doubling, cutAfterMessages } = this.#weather;
    // What comes after the last one is lost with the connection, and those before it are on their way.
    if (this.#carried === cutAfterMessages) return 0;
    this.#carried += 1;
    this.#toll.messages += 1;
    if (this.#carried === cutAfterMessages) this.#cutIn(HOLD_MAX_MS * (1 + this.#random()));
    else if (this.#isOwing) this.#cutIn(OWING_MAX_MS);
    if (this.#random() < loss) {
      this.#toll.lost += 1;
      if (!this.#isOwing && this.#carried < cutAfterMessages) this.#cutIn(OWING_MAX_MS);
      this.#isOwing = true;
      return 0;
    }
    if (this.#random() >= doubling) return 1;
    this.#toll.doubled += 1;
    return 2;
  }

  /** Mixes what waited together. */
  mixed(frames: readonly Frame[]): readonly Frame[] {
    const order = frames.map((frame, index) => ({ frame, index, key: this.#random() }));
    order.sort((one, other) => one.key - other.key);
    let newest = -1;
    for (const { index } of order) {
      if (index < newest) this.#toll.overtaken += 1;
      newest = Math.max(newest, index);
    }
    return order.map(({ frame }) => frame);
  }

  holdMs(): number {
    return this.#random() * HOLD_MAX_MS;
  }

  get windowMessages(): number {
    return this.#weather.windowMessages;
  }

  #cutIn(waitMs: number): void {
    clearTimeout(this.#cutting);
    this.#cutting = setTimeout(() => {
      this.#toll.cuts += 1;
      this.cut();
    }, waitMs);
  }
}

/** What is on its way in one direction. */
class Direction {
  readonly #line: Line;
  readonly #to: Socket;
  /** Messages that wait to be mixed. */
  #held: Frame[] = [];
  #release: NodeJS.Timeout | undefined;
  /** How many acknowledgements of a packet id are still to be kept back, since it arrived twice. */
  readonly #surplus = new Map<number, number>();

  constructor(line: Line, to: Socket) {
    this.#line = line;
    this.#to = to;
  }

  /** A packet of this direction. */
  carry(frame: Frame): void {
    if (frame.type !== PUBLISH || frame.packetId === undefined) return this.#write(frame);
    const times = this.#line.fate();
    for (let copy = 0; copy < times; copy += 1) this.#held.push(frame);
    if (times === 2) this.#surplus.set(frame.packetId, (this.#surplus.get(frame.packetId) ?? 0) + 1);
    if (this.#held.length >= this.#line.windowMessages) this.#letGo();
    else if (this.#held.length > 0) this.#release ??= setTimeout(() => this.#letGo(), this.#line.holdMs());
  }

  /** Whether the sender of this direction is to see an acknowledgement: the first of a message, and no second. */
  isDue({ packetId = 0 }: Frame): boolean {
    const surplus = this.#surplus.get(packetId) ?? 0;
    if (surplus === 0) return true;
    if (surplus === 1) this.#surplus.delete(packetId);
    else this.#surplus.set(packetId, surplus - 1);
    return false;
  }

  #letGo(): void {
    clearTimeout(this.#release);
    this.#release = undefined;
    const held = this.#held;
    this.#held = [];
    for (const frame of this.#line.mixed(held)) this.#write(frame);
  }

  #write({ bytes }: Frame): void {
    if (!this.#to.destroyed) this.#to.write(bytes);
  }
}

/** Acknowledgements come against the direction of their messages. */
function listen(from: Socket, own: Direction, other: Direction): void {
  const reader = new FrameReader();
  from.on('data', (bytes) => {
    for (const frame of reader.push(bytes)) {
      if (frame.type !== PUBACK || other.isDue(frame)) own.carry(frame);
    }
  });
}
