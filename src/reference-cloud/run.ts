import { createPrivateKey, type KeyObject } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Broker, type BrokerLogin } from './broker.ts';
import { ReferenceCloud } from './cloud.ts';
import { CLAIM_FILTER } from './claims.ts';
import { openIssuer, type Issuer } from './issuer.ts';
import type { Told } from './told.ts';
import { metaOf, openDatabase } from './database.ts';
import { FileError } from './file-error.ts';
import type { Ledger } from './ledger.ts';
import { jsonOf, linesOf } from './lines.ts';
import type { Answer } from './answer.ts';
import { carryOut } from './prompt.ts';
import { openOf } from './show.ts';
import { upFilter } from './up-message.ts';
import { ANYTHING } from './violation.ts';

const REMIND_EVERY_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** How long a script's first line waits for the broker, and then for hubs that are there to say who they are. */
const CONNECT_WITHIN_MS = 10_000;
const MEET_WITHIN_MS = 2000;

/** The options of `lockhub cloud`. */
export interface CloudOptions extends BrokerLogin {
  readonly url: string;
  /** Only this hub. */
  readonly hub?: string;
  readonly db: string;
  /** PEM; the authority by which it issues certificates to hubs that are claimed. */
  readonly issuerCert?: string;
  readonly issuerKey?: string;
  /** PEM; the list of certificates that the broker is to refuse. */
  readonly crlFile?: string;
  /** PEM; an Ed25519 key that signs orders to wipe. */
  readonly wipeKey?: string;
  readonly seal: boolean;
  readonly json: boolean;
}

/** Where it reads and writes. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
  /** Resolves when it is to end. */
  readonly stopped: Promise<void>;
}

/**
 * Runs a reference cloud until `quit`, the end of its input or `stopped`. Answers whether every line of a script
 * was carried out and no hub broke the contract. Throws a `FileError` when a file can't be used.
 */
export async function runCloud(options: CloudOptions, terminal: Terminal): Promise<boolean> {
  const { issuerCert, issuerKey } = options;
  const issuer = issuerCert && issuerKey ? await openIssuer(issuerCert, issuerKey) : undefined;
  const wipeKey = options.wipeKey === undefined ? undefined : readWipeKey(options.wipeKey);
  const session = new Session(options, terminal, issuer, wipeKey);
  try {
    await session.read();
  } finally {
    await session.end();
  }
  return session.isFaultless;
}

class Session {
  isFaultless = true;
  readonly #options: CloudOptions;
  readonly #terminal: Terminal;
  readonly #database;
  readonly #cloud: ReferenceCloud;
  readonly #broker: Broker;
  readonly #reminder: NodeJS.Timeout;
  #redraw: (() => void) | undefined;
  #connection = 'connecting';

  constructor(
    options: CloudOptions,
    terminal: Terminal,
    issuer: Issuer | undefined,
    wipeKey: KeyObject | undefined,
  ) {
    this.#options = options;
    this.#terminal = terminal;
    this.#database = openDatabase(options.db);
    this.#cloud = new ReferenceCloud({
      database: this.#database,
      hubId: options.hub ?? null,
      publish: (topic, payload) => this.#broker.publish(topic, payload),
      tell: (told) => this.#tell(told),
      now: Date.now,
      seal: options.seal,
      allows: ANYTHING,
      issuer,
      wipeKey,
    });
    this.#broker = new Broker({
      url: options.url,
      login: options,
      // Another database is another cloud, and two of one name would throw each other out for ever.
      clientId: `lockhub-cloud-${metaOf(this.#database, 'cloud_id')?.slice(0, 8)}`,
      filters: [upFilter(options.hub ?? null), ...(issuer ? [CLAIM_FILTER] : [])],
      receive: (message) => this.#cloud.receive(message),
      connected: () => {
        this.#connected('connected', options.url);
        this.#cloud.connected();
      },
      down: (reason, retryMs) => this.#connected(`not connected: ${reason}`, `next try in ${retryMs} ms`),
    });
    this.#reminder = setInterval(() => this.#cloud.remind(), REMIND_EVERY_MS);
  }

  /** Carries out line by line; the next one is read when the one before has its answer. */
  async read(): Promise<void> {
    await this.#writeRevoked();
    const { input, output, stopped } = this.#terminal;
    const isTerminal = input.isTTY === true;
    // A script speaks of hubs and locks that this cloud may not have heard of yet.
    if (!isTerminal && (await this.#until(() => this.#broker.isConnected(), CONNECT_WITHIN_MS))) {
      await this.#until(() => this.#hasMetAll(), MEET_WITHIN_MS);
    }
    const lines = createInterface({ input, terminal: isTerminal, ...(isTerminal && { output }) });
    void stopped.then(() => lines.close());
    if (isTerminal && !this.#options.json) {
      lines.setPrompt('cloud> ');
      this.#redraw = () => lines.prompt(true);
    }
    this.#redraw?.();
    for await (const line of lines) {
      const answer = await carryOut(line, this.#cloud, {
        connection: () => this.#connection,
        settled: (withinMs) => this.#until(() => this.#isSettled(), withinMs),
        writeRevoked: () => this.#writeRevoked(),
      });
      if (answer === 'quit') break;
      if (answer === 'nothing') this.#redraw?.();
      else this.#answer(line, answer);
    }
    this.#redraw = undefined;
    lines.close();
  }

  async end(): Promise<void> {
    clearInterval(this.#reminder);
    await this.#broker.stop();
    this.#database.close();
  }

  /** Whole or not at all: a broker may read it at any time. */
  async #writeRevoked(): Promise<string | null> {
    const { crlFile } = this.#options;
    const list = await this.#cloud.claims?.revocationList();
    if (crlFile === undefined || list === undefined) return null;
    try {
      writeFileSync(`${crlFile}.new`, `${list}\n`);
      // It is no secret, and brokers run as users of their own.
      chmodSync(`${crlFile}.new`, 0o644);
      renameSync(`${crlFile}.new`, crlFile);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FileError(`${crlFile}: can't be written (${reason})`, { cause: error });
    }
    return crlFile;
  }

  #hasMetAll(): boolean {
    const hubs = this.#cloud.hubs();
    return hubs.length > 0 && hubs.every(({ sink }) => isMet(sink.ledger));
  }

  #isSettled(): boolean {
    return this.#cloud.hubs().every((hub) => {
      const { documents, commands, has_gap } = openOf(hub);
      return documents.length === 0 && commands === 0 && !has_gap;
    });
  }

  async #until(isTrue: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    let isStopped = false;
    void this.#terminal.stopped.then(() => (isStopped = true));
    while (!isTrue()) {
      if (isStopped || performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return true;
  }

  #connected(state: string, more: string): void {
    this.#connection = state;
    if (this.#options.json) this.#write([JSON.stringify({ kind: 'connection', state, more })]);
    else this.#write([`${state} (${more})`]);
  }

  #answer(line: string, { ok, lines, value }: Answer): void {
    // A person sees what was refused and types it anew; a script that goes on has to end as failed.
    if (this.#terminal.input.isTTY !== true) this.isFaultless &&= ok;
    if (this.#options.json) return this.#write([JSON.stringify({ kind: 'answer', line, ok, value })]);
    this.#write(ok ? lines : lines.map((text) => `error: ${text}`));
  }

  #tell(told: Told): void {
    if (told.kind === 'violation') this.isFaultless = false;
    if (!this.#options.json) return this.#write(linesOf(told).map((line) => `${timeText()} ${line}`));
    // Its events are told one by one, when their turn has come.
    if (told.kind !== 'message' || told.message.kind !== 'event') this.#write([jsonOf(told)]);
  }

  #write(lines: readonly string[]): void {
    if (lines.length === 0) return;
    // The prompt and what is typed so far move below what is told.
    const clear = this.#redraw ? '\r\u001B[K' : '';
    this.#terminal.output.write(`${clear}${lines.join('\n')}\n`);
    this.#redraw?.();
  }
}

function readWipeKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileError(`${file}: no private key (${reason})`, { cause: error });
  }
  throw new FileError(`${file}: not a key of Ed25519`);
}

/** The hub is away, or there is a report of each of its locks. */
function isMet(ledger: Ledger): boolean {
  if (ledger.presence()?.state === 'offline') return true;
  const devices = ledger.hello()?.devices;
  return devices?.every(({ device_id }) => ledger.report(device_id) !== undefined) ?? false;
}

function timeText(): string {
  return new Date().toTimeString().slice(0, 8);
}
