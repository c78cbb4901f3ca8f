import { performance } from 'node:perf_hooks';
import { seededRandom, type Random } from '../../../drivers/sim/random.ts';
import { ROUTES } from '../../../src/http/routes.ts';
import { tellsCanary } from '../canary.ts';
import { below, pick } from '../mutate.ts';
import { headersOf, isStranger, logIn, type Session } from './callers.ts';
import { Client } from './client.ts';
import { ControlLock } from './control-lock.ts';
import { HubProcess, type Started } from './hub.ts';
import { Judge } from './judge.ts';
import { Known } from './known.ts';
import { answersIn, rawOf, sendRaw } from './raw.ts';
import { Requests, type Sent } from './requests.ts';

/** Of so many requests one is bytes on a connection of its own. */
const RAW_ONE_IN = 30;
const RAW_OPEN_MAX = 60;
/** So often codes are removed that there are too many of. */
const TIDY_EVERY = 100;
/** Strangers come from so many addresses, for each may ask only so often. */
const ADDRESSES = 200;
const SHOWN_MAX = 2000;

export interface HttpFuzzReport {
  readonly requests: number;
  readonly raw: number;
  /** Answers by status; of raw connections as well. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly byCaller: Readonly<Record<string, number>>;
  readonly routes: number;
  /** Routes that never did what they were asked for: of them the run proves less. */
  readonly undone: readonly string[];
  readonly logLines: number;
  readonly heapBytes: readonly [number, number];
  readonly residentBytes: number;
  readonly tookMs: number;
}

/** Sends that many requests to a hub in a process of its own. Throws at the first thing that is wrong. */
export async function fuzzHttp(folder: string, count: number, seed: number): Promise<HttpFuzzReport> {
  const startedMs = performance.now();
  const { hub, started } = await HubProcess.start(folder, seed);
  try {
    const run = await Run.begin(hub, started, seed);
    let earlyHeap = 0;
    for (let turn = 0; turn < count; turn += 1) {
      await run.turn(turn);
      if (turn === Math.floor(count / 10)) earlyHeap = (await hub.facts()).heapBytes;
    }
    return { ...(await run.end(earlyHeap)), requests: count, tookMs: performance.now() - startedMs };
  } catch (error) {
    const faults = hub.hasEnded ? [] : (await hub.facts()).faults;
    throw new Error([String(error), ...faults].join('\n'), { cause: error });
  } finally {
    hub.kill();
  }
}

class Run {
  readonly #hub: HubProcess;
  readonly #started: Started;
  readonly #seed: number;
  readonly #random: Random;
  readonly #client: Client;
  readonly #judge = new Judge();
  readonly #known: Known;
  readonly #requests: Requests;
  readonly #control: ControlLock;
  readonly #session: Session;
  readonly #statuses: Record<string, number> = {};
  readonly #byCaller: Record<string, number> = {};
  readonly #done = new Set<string>();
  readonly #open = new Set<Promise<void>>();
  #raw = 0;
  #rawFault: Error | undefined;

  static async begin(hub: HubProcess, started: Started, seed: number): Promise<Run> {
    const session = await logIn(started.url, await hub.loginPath());
    const control = await ControlLock.choose(hub, started);
    await hub.beginToLive();
    return new Run(hub, started, seed, session, control);
  }

  private constructor(
    hub: HubProcess,
    started: Started,
    seed: number,
    session: Session,
    control: ControlLock,
  ) {
    this.#hub = hub;
    this.#started = started;
    this.#seed = seed;
    this.#session = session;
    this.#control = control;
    this.#random = seededRandom(seed);
    this.#client = new Client(started.url);
    this.#known = new Known(this.#random, control.devices);
    this.#requests = new Requests(this.#random, this.#known, ROUTES);
  }

  async turn(turn: number): Promise<void> {
    if (this.#rawFault !== undefined) throw this.#rawFault;
    if (turn % TIDY_EVERY === 0) await this.#control.tidy();
    if (turn % RAW_ONE_IN === RAW_ONE_IN - 1) return this.#sendRaw(turn);
    const sent = this.#requests.next();
    const proof = headersOf(sent.caller, this.#started, this.#session);
    const from = isStranger(sent.caller) ? this.#address() : '127.0.0.1';
    const answer = await this.#client
      .ask(sent, proof, from)
      .catch((error: unknown) => this.#fail(turn, `There was no answer: ${String(error)}`, shown(sent)));
    const fault = this.#judge.faultOf(sent, answer);
    if (fault !== undefined) this.#fail(turn, fault, `${shown(sent)}\n${answer.status} ${answer.text}`);
    this.#count(answer.status);
    this.#byCaller[sent.caller] = (this.#byCaller[sent.caller] ?? 0) + 1;
    if (sent.route === undefined || answer.status !== 200 || sent.method === 'HEAD') return;
    this.#done.add(sent.route.path);
    this.#known.learn(JSON.parse(answer.text));
  }

  async end(earlyHeap: number): Promise<Omit<HttpFuzzReport, 'requests' | 'tookMs'>> {
    await Promise.all(this.#open);
    if (this.#rawFault !== undefined) throw this.#rawFault;
    await this.#control.check();
    const facts = await this.#hub.facts();
    if (facts.faults.length > 0) throw new Error(`seed ${this.#seed}: there is something in the log.`);
    if (facts.isPolluted) throw new Error('A request changed all objects.');
    this.#client.close();
    const verdict = await this.#hub.end();
    if (verdict !== 'ok') throw new Error(`The database is damaged: ${verdict}`);
    return {
      raw: this.#raw,
      statuses: this.#statuses,
      byCaller: this.#byCaller,
      routes: ROUTES.length,
      undone: ROUTES.map(({ path }) => path).filter((path) => !this.#done.has(path)),
      logLines: facts.logLines,
      heapBytes: [earlyHeap, facts.heapBytes],
      residentBytes: facts.residentBytes,
    };
  }

  async #sendRaw(turn: number): Promise<void> {
    const caller = pick(this.#random, ['nobody', 'read'] as const);
    const [proof] = Object.entries(headersOf(caller, this.#started, this.#session));
    const raw = rawOf(this.#random, proof === undefined ? '' : `${proof.join(': ')}\r\n`);
    const from = this.#address();
    if (this.#open.size >= RAW_OPEN_MAX) await Promise.race(this.#open);
    this.#raw += 1;
    const sending = sendRaw(this.#started.url, raw, from)
      .then((text) => {
        const answers = answersIn(text);
        answers.forEach(({ status }) => this.#count(status));
        if (answers.some(({ status, body }) => isWrong(status, body, caller)) || tellsCanary(text))
          this.#fail(turn, 'A wrong answer to bytes.', `${caller} ${String(raw.parts)}\n${text}`);
      })
      .catch((error: unknown) => {
        this.#rawFault ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.#open.delete(sending));
    this.#open.add(sending);
  }

  #address(): string {
    return `127.0.1.${1 + below(this.#random, ADDRESSES)}`;
  }

  #count(status: number): void {
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
  }

  #fail(turn: number, what: string, shownText: string): never {
    const end = this.#hub.hasEnded ? ' The hub has ended.' : '';
    throw new Error(`seed ${this.#seed}, request ${turn}: ${what}${end}\n${shownText.slice(0, SHOWN_MAX)}`);
  }
}

function isWrong(status: number, body: string, caller: 'nobody' | 'read'): boolean {
  if (status === 100) return false;
  if (status === 0 || status >= 500 || (caller === 'nobody' && status < 400)) return true;
  try {
    const { ok } = JSON.parse(body) as { ok: unknown };
    return ok !== status < 400;
  } catch {
    return true;
  }
}

function shown({ caller, method, path, headers, body }: Sent): string {
  const text = typeof body === 'object' ? Buffer.from(body).toString() : (body ?? '');
  return `${caller}: ${method} ${path} ${JSON.stringify(headers)}\n${text.slice(0, SHOWN_MAX / 2)}`;
}
