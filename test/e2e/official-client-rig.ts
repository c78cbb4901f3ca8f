import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { SeamHttp, type Device } from '@seamapi/http';
import { z } from 'zod';
import { reportedSchema } from '../../src/cloud/messages/up.ts';
import { LOCKHUB, startProgram, type Program } from './program.ts';
import { until } from './world.ts';

const START_WITHIN_MS = 30_000;
const MET_WITHIN_MS = 60_000;

const readySchema = z.object({ http: z.string(), api_key: z.string(), control: z.string() });
const lockSchema = z.object({
  address: z.union([z.int(), z.string()]),
  bolt: z.string(),
  fault: z.string(),
  joined: z.boolean(),
  slots: z.array(z.object({ slot: z.int(), pin: z.string().nullable() })),
});

/** `lockhub demo` as anybody starts it, with the official client of its local API. */
export class DemoUnderTest {
  readonly demo: Program;
  readonly endpoint: string;
  readonly apiKey: string;
  readonly seam: SeamHttp;
  /** Paths that the client has asked for and the hub answered as one of its own. */
  readonly answered = new Set<string>();
  readonly #control: string;

  private constructor(demo: Program, ready: z.infer<typeof readySchema>) {
    this.demo = demo;
    this.endpoint = ready.http;
    this.apiKey = ready.api_key;
    this.#control = ready.control;
    this.seam = new SeamHttp({ apiKey: ready.api_key, endpoint: ready.http });
    this.seam.client.interceptors.response.use((response) => {
      this.answered.add(new URL(response.config.url ?? '', ready.http).pathname);
      return response;
    });
  }

  static async start(): Promise<DemoUnderTest> {
    const demo = startProgram(LOCKHUB, ['demo', '--json', '--mqtt-port', '0', '--http-port', '0']);
    await demo.line(() => true, START_WITHIN_MS);
    const under = new DemoUnderTest(demo, readySchema.parse(JSON.parse(demo.stdout[0] ?? '')));
    // The demo wants its sample codes as soon as all locks are met.
    await demo.line((line) => line.includes('access_code.created'), MET_WITHIN_MS);
    return under;
  }

  /** The lock that the house calls so. */
  async device(id: string): Promise<Device> {
    const { address } = await this.lock(id);
    const device_id = await until(`${id} is reported`, MET_WITHIN_MS, () => this.#idAt(address));
    return this.seam.devices.get({ device_id });
  }

  /** The truth about a lock, from the house. */
  async lock(id: string): Promise<z.infer<typeof lockSchema>> {
    return lockSchema.parse(await (await fetch(`${this.#control}/locks/${id}`)).json());
  }

  /** Something happens at a lock, in the words of the control interface. */
  async happen(id: string, call: string, body: object): Promise<void> {
    await fetch(`${this.#control}/locks/${id}/${call}`, { method: 'POST', body: JSON.stringify(body) });
  }

  #idAt(address: number | string): string | undefined {
    for (const line of this.demo.stdout) {
      if (!line.startsWith('{"type":"reported"')) continue;
      const report = reportedSchema.safeParse(JSON.parse(line));
      if (report.data?.device.address === address) return report.data.device_id;
    }
    return undefined;
  }
}

/** A network that loses the answers of the first requests: it lets them through and then cuts the connection. */
export class LossyNetwork {
  /** Requests whose answers were lost so far. */
  lost = 0;
  readonly #server: net.Server;

  constructor(hub: string, losses: number) {
    const port = Number(new URL(hub).port);
    this.#server = net.createServer((client) => {
      const upstream = net.connect(port, '127.0.0.1');
      const end = (): void => {
        client.destroy();
        upstream.destroy();
      };
      for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
      client.pipe(upstream);
      upstream.on('data', (chunk) => {
        // The hub has done it by now.
        if (this.lost >= losses) {
          client.write(chunk);
        } else {
          this.lost += 1;
          end();
        }
      });
    });
  }

  /** Where clients find the hub behind it. */
  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}
