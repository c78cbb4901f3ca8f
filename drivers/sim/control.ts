import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer, type Doors } from './control-calls.ts';
import { ControlError } from './control-error.ts';

/** Largest request body taken, in bytes. */
const BODY_MAX_BYTES = 16_384;

export interface Control {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens the control interface of the house on loopback; port 0 takes any. Whatever is asked, the house goes on. */
export async function openControl(doors: Doors, port: number): Promise<Control> {
  const server = createServer((request, response) => {
    respond(doors, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        if (error instanceof ControlError) send(response, error.status, { error: error.message });
        else send(response, 500, { error: 'the house has a bug' });
      },
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function respond(doors: Doors, request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  const [path = '/'] = (request.url ?? '/').split('?');
  return answer(doors, request.method ?? 'GET', path, body);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > BODY_MAX_BYTES)
      throw new ControlError(413, `the body is larger than ${BODY_MAX_BYTES} bytes`);
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ControlError(400, 'the body is not JSON');
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
