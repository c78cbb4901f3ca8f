import http from 'node:http';
import type { Sent } from './requests.ts';

/** Longer than the hub gives any request. */
const ANSWER_MAX_MS = 30_000;

/** An answer as it came over the socket. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Sends requests over connections that it keeps; each local address has its own. */
export class Client {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 4, maxFreeSockets: 100 });
  readonly #url: URL;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** Rejects where no whole answer came. `from`: the address of this machine that it is to come from. */
  ask(sent: Sent, proof: Readonly<Record<string, string>>, from: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = http.request({
        agent: this.#agent,
        host: this.#url.hostname,
        port: this.#url.port,
        localAddress: from,
        method: sent.method,
        path: sent.path,
        headers: { ...lengthOf(sent), ...sent.headers, ...proof },
        timeout: ANSWER_MAX_MS,
      });
      request.once('error', reject);
      request.once('timeout', () => request.destroy(new Error('There was no answer.')));
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: flat(response.headers),
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.end(sent.body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Node leaves it out where a body is unusual, such as with DELETE. */
function lengthOf({ body }: Sent): Readonly<Record<string, string>> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function flat(headers: http.IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
