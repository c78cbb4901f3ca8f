import { concat, eui, u16, u8, type Bytes, type Reader } from './bytes.ts';
import type { Child } from './child.ts';
import type { Binding } from './application.ts';
import { MT, type MtAnswer } from './mt.ts';
import type { Stick } from './stick.ts';
import { SUBSYSTEM } from './unpi.ts';

const PROFILE_HOME_AUTOMATION = 0x0104;
const TEXAS_INSTRUMENTS = 0x0007;
const NOT_FOUND = 0x81;
const NOT_SUPPORTED = 0x84;
const BROADCAST_MODE = 0x0f;
/** Bytes of a node: logical type, frequency band and what the radio can. */
const COORDINATOR_NODE = Uint8Array.of(0x00, 0x40, 0x8f);
const SLEEPY_NODE = Uint8Array.of(0x02, 0x40, 0x80);
/** Largest messages and the server mask (revision 22; the coordinator is the trust centre). */
const NODE_ENDING = (server: number): Bytes => concat(u8(80), u16(160), u16(server), u16(160), u8(0));
const REVISION_22 = 22 << 9;
const TRUST_CENTRE = 1;
/** Neighbours that one answer carries. */
const NEIGHBORS_PER_ANSWER = 3;
/** A child that sleeps: end device, receiver off, child. */
const NEIGHBOR_KIND = 0x02 | (1 << 4);

/** Commands of the device object: the answer is that the question went out; what is answered is told later. */
export function answerZdo(stick: Stick, command: number, request: Reader): MtAnswer {
  switch (command) {
    case 0x00:
      return find(stick, 0x80, stick.air.of(request.eui()));
    case 0x01:
      return find(stick, 0x81, stick.air.at(request.u16()));
    case 0x02:
    case 0x04:
    case 0x05:
      return describe(stick, command, request);
    case 0x21:
    case 0x22:
      return bind(stick, command, request);
    case 0x31:
    case 0x32:
    case 0x33:
      return tables(stick, command, request);
    case 0x34:
      return leave(stick, request);
    case 0x36:
      return permitJoin(stick, request);
    case 0x40:
      stick.start();
      return u8(MT.success);
    case 0x45:
      return u8(MT.success);
    case 0x4a: {
      const name = groupName(request);
      return concat(u8(stick.groups.has(name) ? MT.success : MT.failure), u16(0), u8(0));
    }
    case 0x4b:
      stick.groups.add(groupName(request));
      return u8(MT.success);
    default:
      return undefined;
  }
}

function groupName(request: Reader): string {
  return `${request.u8()}/${request.u16()}`;
}

/** Who has an address. The parent knows its children, so nobody has to be woken. */
function find(stick: Stick, indication: number, child: Child | undefined): Bytes {
  const { residence, owner } = child ?? {};
  if (residence && owner?.ieee) {
    const startAndCount = Uint8Array.of(0, 0);
    stick.tell(SUBSYSTEM.zdo, indication, u8(0), eui(owner.ieee), u16(residence.address), startAndCount);
  }
  return u8(MT.success);
}

function describe(stick: Stick, command: number, request: Reader): Bytes {
  const [target, address] = [request.u16(), request.u16()];
  const endpoint = command === 0x04 ? request.u8() : 0;
  const tell = (body: Bytes | undefined): void => {
    const answer =
      body === undefined ? concat(u8(NOT_FOUND), u16(address), u8(0)) : concat(u8(0), u16(address), body);
    stick.tell(SUBSYSTEM.zdo, command | 0x80, u16(target), answer);
  };
  if (target === 0) tell(ownDescription(stick, command, endpoint));
  else ask(stick, target, (child) => tell(descriptionOf(child, command, endpoint)));
  return u8(MT.success);
}

/** Asks a lock, which answers when it is awake; one that is not there, or loses what it is asked, never answers. */
function ask(stick: Stick, address: number, work: (child: Child) => void): void {
  const child = stick.air.at(address);
  child?.keep(
    () => work(child),
    () => undefined,
  );
}

function ownDescription(stick: Stick, command: number, endpoint: number): Bytes | undefined {
  if (command === 0x02) {
    return concat(COORDINATOR_NODE, u16(TEXAS_INSTRUMENTS), NODE_ENDING(REVISION_22 | TRUST_CENTRE));
  }
  if (command === 0x05) return concat(u8(stick.endpoints.size), Uint8Array.from(stick.endpoints.keys()));
  const held = stick.endpoints.get(endpoint);
  return held && simple(endpoint, held.profile, held.device, held.inputs, held.outputs);
}

function descriptionOf({ device }: Child, command: number, endpoint: number): Bytes | undefined {
  const own = device.simple;
  if (command === 0x02) return concat(SLEEPY_NODE, u16(own.manufacturerCode), NODE_ENDING(REVISION_22));
  if (command === 0x05) return Uint8Array.of(1, own.endpoint);
  if (endpoint !== own.endpoint) return undefined;
  return simple(endpoint, PROFILE_HOME_AUTOMATION, own.device, own.inputs, own.outputs);
}

function simple(
  endpoint: number,
  profile: number,
  device: number,
  inputs: readonly number[],
  outputs: readonly number[],
): Bytes {
  const body = concat(u8(endpoint), u16(profile), u16(device), u8(1), list(inputs), list(outputs));
  return concat(u8(body.length), body);
}

function list(clusters: readonly number[]): Bytes {
  return concat(u8(clusters.length), ...clusters.map(u16));
}

function bind(stick: Stick, command: number, request: Reader): Bytes {
  const address = request.u16();
  request.eui();
  const [endpoint, cluster] = [request.u8(), request.u16()];
  request.u8();
  const binding: Binding = { endpoint, cluster, target: request.eui(), targetEndpoint: request.u8() };
  ask(stick, address, ({ device }) => {
    const own = device.simple;
    const isThere = endpoint === own.endpoint && [...own.inputs, ...own.outputs].includes(cluster);
    if (isThere && command === 0x21) device.bind(binding);
    if (isThere && command === 0x22) device.unbind(binding);
    stick.tell(SUBSYSTEM.zdo, command | 0x80, u16(address), u8(isThere ? 0 : NOT_SUPPORTED));
  });
  return u8(MT.success);
}

/** Neighbours of the stick; a lock that sleeps keeps no such tables. */
function tables(stick: Stick, command: number, request: Reader): Bytes {
  const [address, start] = [request.u16(), request.u8()];
  const tell = (...parts: readonly Uint8Array[]): void =>
    stick.tell(SUBSYSTEM.zdo, command | 0x80, u16(address), ...parts);
  if (address !== 0) {
    ask(stick, address, () => tell(u8(NOT_SUPPORTED)));
    return u8(MT.success);
  }
  const all = command === 0x31 ? stick.air.children() : [];
  const told = all.slice(start, start + NEIGHBORS_PER_ANSWER).map((child) => neighbor(child));
  tell(Uint8Array.of(0, all.length, start, told.length), ...told);
  return u8(MT.success);
}

function neighbor({ owner, residence }: Child): Bytes {
  const network = Uint8Array.from(Buffer.from(residence?.network.extendedPanId ?? '', 'hex'));
  const [open, depth, quality] = [0, 1, 200];
  const kind = Uint8Array.of(NEIGHBOR_KIND, open, depth, quality);
  return concat(network, eui(owner.ieee ?? '0x0'), u16(residence?.address ?? 0), kind);
}

function leave(stick: Stick, request: Reader): Bytes {
  const [address, ieee] = [request.u16(), request.eui()];
  const child = stick.air.at(address) ?? stick.air.of(ieee);
  child?.keep(
    () => {
      stick.tell(SUBSYSTEM.zdo, 0xb4, u16(address), u8(0));
      stick.air.leave(child);
    },
    () => undefined,
  );
  return u8(MT.success);
}

function permitJoin(stick: Stick, request: Reader): Bytes {
  const mode = request.u8();
  request.u16();
  stick.open(request.u8());
  if (mode !== BROADCAST_MODE) stick.tell(SUBSYSTEM.zdo, 0xb6, u16(0), u8(0));
  return u8(MT.success);
}
