import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Largest question that a stand-in reads. */
const BODY_CHARS_MAX = 100_000;

export interface VendorRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string;
  readonly text: string;
}

export interface VendorAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What happens to the next request whose path contains `on`. */
export type Fault = { readonly on: string } & (
  | ({ readonly kind: 'answer' } & Partial<VendorAnswer> & { readonly text?: string })
  /** Nothing is done, and nothing is answered. */
  | { readonly kind: 'silent' }
  /** It is done, but the answer is cut off, before its first byte or within its body. */
  | { readonly kind: 'lost'; readonly where: 'before' | 'within' }
);

/** A vendor's server as a real one: what it does is its `handle`, what goes wrong is asked of it by a test. */
export class VendorServer {
  readonly requests: VendorRequest[] = [];
  readonly #server: Server;
  readonly #faults: Fault[] = [];

  constructor(handle: (request: VendorRequest) => VendorAnswer) {
    this.#server = createServer((incoming, response) => {
      void readText(incoming).then((text) => {
        const { method = '', url: path = '', headers } = incoming;
        const request = { method, path, authorization: headers.authorization ?? '', text };
        this.requests.push(request);
        this.#respond(request, response, handle);
      });
    });
  }

  /** Waits until it listens; its address is on loopback. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** In the order in which they are to happen. */
  fail(...faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #respond(
    request: VendorRequest,
    response: ServerResponse,
    handle: (request: VendorRequest) => VendorAnswer,
  ): void {
    const index = this.#faults.findIndex(({ on }) => request.path.includes(on));
    const fault = index === -1 ? undefined : this.#faults.splice(index, 1)[0];
    if (fault?.kind === 'silent') return;
    if (fault?.kind === 'answer') {
      const { status = 200, headers = {}, body, text = JSON.stringify(body) } = fault;
      response.writeHead(status, headers).end(text);
      return;
    }
    const { status, headers, body } = handle(request);
    if (fault?.kind === 'lost' && fault.where === 'before') {
      response.destroy();
      return;
    }
    const text = JSON.stringify(body);
    const length = { 'Content-Length': String(Buffer.byteLength(text)) };
    response.writeHead(status, { 'Content-Type': 'application/json', ...length, ...headers });
    if (fault === undefined) response.end(text);
    else response.write(text.slice(0, text.length / 2), () => response.destroy());
  }
}

async function readText(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) {
    text += String(chunk);
    if (text.length > BODY_CHARS_MAX) throw new Error('A question is too long.');
  }
  return text;
}
