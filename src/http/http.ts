import { fileURLToPath } from 'node:url';
import { isIP, type AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Scope } from '../core/scope.ts';
import { SECOND_MS } from '../core/time.ts';
import { certificateOfFiles, ownCertificate, type Certificate } from './auth/certificate.ts';
import type { ApiParts } from './route.ts';
import { createServer } from './server.ts';
import { Simulation, type SimulatedHouse } from './simulation.ts';
import { startWebhooks, type WebhookService } from './webhooks/webhooks.ts';

/** How often a port that is taken is tried again. */
const LISTEN_EVERY_MS = 10 * SECOND_MS;
/** Where the build puts the page. */
const PAGE_FOLDER = fileURLToPath(new URL('../../.page/', import.meta.url));
const NOT_LISTENING = 'the local API does not listen; the doors are served all the same';

/** The keys `http.*` of the config file. */
export interface HttpSettings {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly localOverride: boolean;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  readonly hosts: readonly string[];
  readonly requestsPerMinute: number;
}

export interface HttpOptions extends HttpSettings, Omit<ApiParts, 'mayChangeCloudCodes' | 'simulation'> {
  readonly hasCloud: boolean;
  /** Where the built page is; default: `.page` beside the sources. */
  readonly pageFolder?: string;
  /** Of the demo, whose locks are simulated. */
  readonly house?: SimulatedHouse | undefined;
}

/** Where the API is. */
interface Address {
  readonly url: string;
  /** SHA-256 of its certificate; `null` without TLS. */
  readonly fingerprint: string | null;
}

/** The local API, page and webhooks of a running hub. */
export interface Http {
  /** Resolves when the first attempt to listen has ended; rejects with its failure, which stops nothing. */
  readonly listening: Promise<Address>;
  /** Why it does not listen, in words of the system; `null`: it does, or has not tried yet. */
  failure(): string | null;
  /** A key for who started this hub, in place of the one that has this name. */
  replaceKey(name: string, scopes: readonly Scope[]): string;
  /** Path and query that let a person log in once, within ten minutes. */
  loginPath(): string;
  /** Ends all connections and whatever is sent. */
  stop(): Promise<void>;
}

/** Starts the local API. What keeps it from listening is tried again for ever: doors don't depend on it. */
export function startHttp(options: HttpOptions): Http {
  return new RunningHttp(options);
}

class RunningHttp implements Http {
  readonly listening: Promise<Address>;
  readonly #options: HttpOptions;
  /** `null`: safe mode, which tells nobody. */
  readonly #webhooks: WebhookService | null;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #prepared: Prepared | null = null;
  #failure: string | null = null;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#webhooks = options.policy.safeMode ? null : startWebhooks(options);
    this.listening = this.#listen();
    this.#running = this.#keepTrying();
  }

  failure(): string | null {
    return this.#failure;
  }

  replaceKey(name: string, scopes: readonly Scope[]): string {
    const { store, clock } = this.#options;
    return store.transaction(() => {
      store.apiKeys.revoke(name);
      const made = store.apiKeys.create(name, scopes, clock.now().earliest);
      if (made === undefined) throw new Error('there are too many API keys');
      return made.text;
    });
  }

  loginPath(): string {
    const { store, clock } = this.#options;
    return loginPathOf(store.loginCodes.create(clock.now().earliest));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#running, this.#webhooks?.stop()]);
    await this.#prepared?.app.close();
  }

  async #listen(): Promise<Address> {
    const { host, port, log } = this.#options;
    this.#prepared ??= await prepare(this.#options);
    const { app, certificate } = this.#prepared;
    await app.listen({ host, port, listenTextResolver: (address) => `the local API listens at ${address}` });
    const fingerprint = certificate?.fingerprint ?? null;
    if (fingerprint !== null) log.info({ fingerprint }, 'the certificate of the local API');
    const { port: taken } = app.server.address() as AddressInfo;
    return { url: urlOf(host, taken, certificate !== null), fingerprint };
  }

  async #keepTrying(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    let attempt = this.listening;
    for (;;) {
      try {
        await attempt;
        this.#failure = null;
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== this.#failure) log.error(causeOf(error, reason), NOT_LISTENING);
        this.#failure = reason;
      }
      await clock.sleepFor(LISTEN_EVERY_MS, signal);
      if (signal.aborted) return;
      attempt = this.#listen();
    }
  }
}

/** What the system says is a reason; anything else is a bug, and its stack is of use. */
function causeOf(error: unknown, reason: string): Readonly<Record<string, unknown>> {
  return error instanceof Error && 'syscall' in error ? { reason } : { err: error };
}

/** Where a person redeems a one-time code. */
export function loginPathOf(code: string): string {
  return `/login?code=${code}`;
}

/** Nobody else's machine can reach this address. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The certificate that a hub with these settings serves; made where there is none yet. `null`: plain HTTP. */
export async function certificateOf(
  settings: Pick<HttpSettings, 'host' | 'tls'>,
  { store, hubId }: Pick<ApiParts, 'store' | 'hubId'>,
): Promise<Certificate | null> {
  if (settings.tls !== null) return certificateOfFiles(settings.tls);
  return isLoopback(settings.host) ? null : ownCertificate(store.secrets, hubId);
}

interface Prepared {
  readonly app: FastifyInstance;
  readonly certificate: Certificate | null;
}

async function prepare(options: HttpOptions): Promise<Prepared> {
  const certificate = await certificateOf(options, options);
  const mayChangeCloudCodes = !options.hasCloud || options.localOverride;
  const simulation = options.house === undefined ? null : new Simulation(options.house);
  const parts = { ...options, mayChangeCloudCodes, simulation };
  const app = await createServer({ pageFolder: PAGE_FOLDER, ...options, certificate, parts });
  return { app, certificate };
}

/** The address as a browser takes it. */
export function urlOf(host: string, port: number, isSecure: boolean): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return `${isSecure ? 'https' : 'http'}://${name}:${port}`;
}
