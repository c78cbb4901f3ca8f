import net from 'node:net';
import type { Random } from '../../../drivers/sim/random.ts';
import { below, pick, randomBytes } from '../mutate.ts';

/** Longer than the server keeps a connection on which nothing happens. */
const CONNECTION_MAX_MS = 90_000;
/** After an answer nobody waits for the end of a connection that the server keeps for the next request. */
const AFTER_ANSWER_MS = 1000;
const TOLD_MAX = 1024 * 1024;
const PIPELINED = 20;

/** Bytes of a connection that no client library would send. */
export interface Raw {
  readonly parts: readonly (string | Uint8Array)[];
  /** The client ends after its last part; or it waits for the server to lose patience. */
  readonly ends: boolean;
}

const HEAD = 'GET /devices/list HTTP/1.1\r\nhost: localhost\r\n';
const POST = 'POST /devices/list HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

/** What is wrong with the shape of a request itself; `proof` is a header line, with which it may get further. */
export function rawOf(random: Random, proof: string): Raw {
  const ends = random() < 0.97;
  const whole: readonly (() => string)[] = [
    () => 'GET\r\n\r\n',
    () => `GET /devices/list HTTP/${pick(random, ['0.9', '1.0', '2.0', '9.9', 'x'])}\r\n${proof}\r\n`,
    () => `GET  /devices/list HTTP/1.1\r\n${proof}\r\n`,
    () => `get /devices/list HTTP/1.1\r\nhost: localhost\r\n${proof}\r\n`,
    () => `GET /devices\0/list HTTP/1.1\r\nhost: localhost\r\n${proof}\r\n`,
    () => `GET http://evil.example/devices/list HTTP/1.1\r\nhost: localhost\r\n${proof}\r\n`,
    () => `CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n${proof}\r\n`,
    () => `${HEAD}upgrade: websocket\r\nconnection: upgrade\r\n${proof}\r\n`,
    () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
    () => `GET /devices/list HTTP/1.1\r\n${proof}\r\n`,
    () => `${HEAD}host: evil.example\r\n${proof}\r\n`,
    () => `${HEAD}x: ${'y'.repeat(below(random, 20_000))}\r\n${proof}\r\n`,
    () => `${HEAD}${'x: y\r\n'.repeat(below(random, 3000))}${proof}\r\n`,
    () => `${HEAD}bad header\r\n${proof}\r\n`,
    () => `${HEAD}x:\u0001\r\n${proof}\r\n`,
    () => `${HEAD} folded: x\r\n${proof}\r\n`,
    () => `GET /${'x'.repeat(below(random, 20_000))} HTTP/1.1\r\nhost: localhost\r\n${proof}\r\n`,
    () => `${POST}content-length: 10\r\n${proof}\r\n{}`,
    () => `${POST}content-length: 1\r\n${proof}\r\n{"limit":1}`,
    () => `${POST}content-length: -1\r\n${proof}\r\n{}`,
    () => `${POST}content-length: 2\r\ncontent-length: 3\r\n${proof}\r\n{}`,
    () => `${POST}content-length: 99999999999999999999\r\n${proof}\r\n{}`,
    () => `${POST}content-length: 300000\r\n${proof}\r\n${'x'.repeat(300_000)}`,
    () => `${POST}content-length: 2\r\ntransfer-encoding: chunked\r\n${proof}\r\n2\r\n{}\r\n0\r\n\r\n`,
    () => `${POST}transfer-encoding: chunked\r\n${proof}\r\n2\r\n{}\r\n0\r\n\r\n`,
    () => `${POST}transfer-encoding: chunked\r\n${proof}\r\nzz\r\n{}\r\n0\r\n\r\n`,
    () => `${POST}transfer-encoding: chunked\r\n${proof}\r\nffffffffffffffff\r\n{}`,
    () => `${POST}transfer-encoding: chunked, gzip\r\n${proof}\r\n2\r\n{}\r\n0\r\n\r\n`,
    () => `${POST}transfer-encoding: chunked\r\n${proof}\r\n2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    () => `${POST}transfer-encoding: chunked\r\n${proof}\r\n2\r\n{}\r\n0\r\n__proto__: x\r\nhost: y\r\n\r\n`,
    () => `${POST}expect: 200-maybe\r\ncontent-length: 2\r\n${proof}\r\n{}`,
    () => `${HEAD}${proof}\r\n`.repeat(PIPELINED),
    () => `${POST}content-length: 2\r\n${proof}\r\n{}`.repeat(PIPELINED),
  ];
  const roll = random();
  if (roll < 0.1) return { parts: [randomBytes(random, 1 + below(random, 500))], ends };
  const text = pick(random, [HEAD, ...whole.map((make) => make())]);
  if (roll < 0.3) {
    const at = below(random, text.length);
    return { parts: [text.slice(0, at), text.slice(at)], ends };
  }
  if (roll < 0.4) return { parts: [text.slice(0, below(random, text.length))], ends };
  return { parts: [text], ends };
}

/** Sends them, and resolves with all that came back once the connection is closed; rejects where it stays open. */
export function sendRaw(url: string, { parts, ends }: Raw, from: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = net.connect({ host: hostname, port: Number(port), localAddress: from });
    const chunks: Buffer[] = [];
    let size = 0;
    const deadline = setTimeout(() => {
      socket.destroy();
      reject(new Error(`The hub kept a connection that says nothing: ${String(parts)}`));
    }, CONNECTION_MAX_MS);
    socket.on('data', (chunk) => {
      size += chunk.length;
      if (size <= TOLD_MAX) chunks.push(chunk);
    });
    socket.once('data', () => socket.setTimeout(AFTER_ANSWER_MS, () => socket.end()));
    // A server may cut off whoever makes no sense; what it said before still counts.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(deadline);
      resolve(Buffer.concat(chunks).toString());
    });
    for (const part of parts) socket.write(part);
    if (ends) socket.end();
  });
}

/** The statuses and bodies of the answers on one connection, whose bodies all say how long they are. */
export function answersIn(text: string): readonly { readonly status: number; readonly body: string }[] {
  const found: { status: number; body: string }[] = [];
  let rest = text;
  while (rest !== '') {
    const [head = ''] = rest.split('\r\n\r\n', 1);
    const [, status = 'none'] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? [];
    const [, length = '0'] = /^content-length: (\d+)$/im.exec(head) ?? [];
    const from = head.length + '\r\n\r\n'.length;
    found.push({ status: Number(status), body: rest.slice(from, from + Number(length)) });
    rest = rest.slice(from + Number(length));
  }
  return found;
}
