import { concat, u16, u32, u8, type Bytes, type Reader } from './bytes.ts';
import type { ApsMessage } from './child.ts';
import { MT, type MtAnswer } from './mt.ts';
import type { Stick } from './stick.ts';
import { SUBSYSTEM } from './unpi.ts';

/** Address modes of an extended request. */
const MODE = { short: 2, ieee: 3 } as const;
/** From here on short addresses mean many. */
const BROADCASTS = 0xfff8;
const ENDPOINTS_MAX = 32;
const TICKS_PER_MS = 1;
const STRONGEST = 220;
const STRENGTHS = 120;

/** The AF commands: endpoints of the host, and messages to those of others. */
export function answerAf(stick: Stick, command: number, request: Reader): MtAnswer {
  switch (command) {
    case 0x00:
      return register(stick, request);
    case 0x01: {
      const [address, endpoint, sourceEndpoint] = [request.u16(), request.u8(), request.u8()];
      const [cluster, transaction] = [request.u16(), request.u8()];
      request.take(2);
      const content = request.take(request.u8());
      return transmit(stick, address, transaction, { cluster, sourceEndpoint, endpoint, content });
    }
    case 0x02:
      return transmitExtended(stick, request);
    case 0x04:
      return u8(stick.endpoints.delete(request.u8()) ? MT.success : MT.invalidParameter);
    default:
      return undefined;
  }
}

/** How a message of a device is told to the host. Who is louder, is by the address. */
export function incomingMessage(address: number, message: ApsMessage): Bytes {
  const { cluster, sourceEndpoint, endpoint, content } = message;
  const group = 0;
  const quality = STRONGEST - (address % STRENGTHS);
  const flags = concat(u8(0), u8(quality), u8(0));
  const at = u32(Math.floor(performance.now() * TICKS_PER_MS));
  const head = concat(u16(group), u16(cluster), u16(address), u8(sourceEndpoint), u8(endpoint), flags, at);
  // After the message come the hop that it took and its radius.
  return concat(head, u8(0), u8(content.length), content, u16(address), u8(0x1d));
}

function register(stick: Stick, request: Reader): MtAnswer {
  const [endpoint, profile, device] = [request.u8(), request.u16(), request.u16()];
  request.take(2);
  const list = (): number[] => Array.from({ length: request.u8() }, () => request.u16());
  if (stick.endpoints.size >= ENDPOINTS_MAX) return u8(MT.failure);
  stick.endpoints.set(endpoint, { profile, device, inputs: list(), outputs: list() });
  return u8(MT.success);
}

function transmitExtended(stick: Stick, request: Reader): MtAnswer {
  const mode = request.u8();
  const ieee = request.eui();
  const endpoint = request.u8();
  request.u16();
  const [sourceEndpoint, cluster, transaction] = [request.u8(), request.u16(), request.u8()];
  request.take(2);
  const content = request.take(request.u16());
  const short = Number.parseInt(ieee.slice(-4), 16);
  const address = mode === MODE.ieee ? stick.air.of(ieee)?.residence?.address : short;
  if (mode === MODE.short || mode === MODE.ieee) {
    return transmit(stick, address ?? 0xfffe, transaction, { cluster, sourceEndpoint, endpoint, content });
  }
  // Sleepy locks are in no group, and the radio knows of no failure of a broadcast.
  confirm(stick, MT.success, sourceEndpoint, transaction);
  return u8(MT.success);
}

function transmit(stick: Stick, address: number, transaction: number, message: ApsMessage): MtAnswer {
  const done = (status: number): void => confirm(stick, status, message.sourceEndpoint, transaction);
  const child = stick.air.at(address);
  if (!stick.endpoints.has(message.sourceEndpoint)) return u8(MT.invalidParameter);
  if (child !== undefined) child.keep(() => child.device.receive(message), done);
  else done(address >= BROADCASTS ? MT.success : MT.noRoute);
  return u8(MT.success);
}

function confirm(stick: Stick, status: number, endpoint: number, transaction: number): void {
  stick.tell(SUBSYSTEM.af, 0x80, Uint8Array.of(status, endpoint, transaction));
}
