import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';

const REQUESTS = Number(process.argv[2] ?? 5000);
const CLIENTS = 50;
/** The kinds take turns of so many requests each, so that all see the same machine. */
const TURN = 250;
/** The first turns are not counted: everything is still being compiled. */
const WARM_UP_TURNS = 4;
const LOCKS_WANTED = 10;
const BUSY_LOCKS = 4;
const CODES = 200;
/** Codes on each of the busy locks, where one goes when another comes. */
const BUSY_CODES = 20;
const WAIT_MAX_MS = 60_000;
const LOOK_EVERY_MS = 100;

const startedSchema = z.object({ url: z.url(), bareUrl: z.url(), key: z.string() });
const devicesSchema = z.object({ devices: z.array(z.object({ device_id: z.string() })) });
const codeSchema = z.object({ access_code: z.object({ access_code_id: z.string() }) });

type Started = z.infer<typeof startedSchema>;

/** One kind of request, and what it took. */
interface Kind {
  readonly name: string;
  readonly verb: 'GET' | 'POST';
  readonly url: string;
  readonly body: (() => unknown) | undefined;
  /** The one that has the same verb and does nothing. */
  readonly bare: string;
  readonly tookMs: number[];
  /** Answers of the turn that is played. */
  readonly told: string[];
}

const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });

function send(verb: string, url: string, key: string, body?: unknown): Promise<string> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(text !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      }),
    };
    const request = http.request(url, { agent, method: verb, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => {
        const told = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(told);
        else reject(new Error(`${verb} ${url}: ${answer.statusCode} ${told}`));
      });
    });
    request.once('error', reject);
    request.end(text);
  });
}

/** Fifty clients, each of which asks again as soon as it has its answer. */
async function playTurn(kind: Kind, key: string): Promise<readonly number[]> {
  const tookMs: number[] = [];
  let left = TURN;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const startedMs = performance.now();
      kind.told.push(await send(kind.verb, kind.url, key, kind.body?.()));
      tookMs.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return tookMs;
}

async function metLocks({ url, key }: Started): Promise<readonly string[]> {
  const deadlineMs = performance.now() + WAIT_MAX_MS;
  for (;;) {
    const { devices } = devicesSchema.parse(JSON.parse(await send('GET', `${url}/devices/list`, key)));
    if (devices.length === LOCKS_WANTED) return devices.map(({ device_id }) => device_id);
    if (performance.now() > deadlineMs) throw new Error('The hub does not meet its locks.');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

let created = 0;

async function createCode({ url, key }: Started, deviceId: string): Promise<string> {
  const told = await send('POST', `${url}/access_codes/create`, key, newCode(deviceId));
  return codeSchema.parse(JSON.parse(told)).access_code.access_code_id;
}

function newCode(deviceId: string): unknown {
  created += 1;
  return { device_id: deviceId, name: `Guest ${created}`, code: String(10_000_000 + created) };
}

/** Locks have as many codes in each turn. */
async function undo({ name, told }: Kind, { url, key }: Started): Promise<void> {
  for (const text of told.splice(0)) {
    if (!name.endsWith('create')) continue;
    const { access_code_id } = codeSchema.parse(JSON.parse(text)).access_code;
    await send('POST', `${url}/access_codes/delete`, key, { access_code_id });
  }
}

/** Keeps the radio at work until `signal`: codes come and go on these locks. */
async function keepBusy(started: Started, deviceIds: readonly string[], signal: AbortSignal): Promise<void> {
  const there: string[] = [];
  for (let turn = 0; !signal.aborted; turn += 1) {
    const deviceId = deviceIds[turn % deviceIds.length] ?? '';
    there.push(await createCode(started, deviceId));
    const oldest = there.length > BUSY_CODES * deviceIds.length ? there.shift() : undefined;
    const gone = { access_code_id: oldest };
    if (oldest !== undefined) await send('POST', `${started.url}/access_codes/delete`, started.key, gone);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function quantile(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN;
}

function kindsOf({ url, bareUrl }: Started, locks: readonly string[], codeId: string): readonly Kind[] {
  const [listed = '', ...others] = locks;
  const kind = (name: string, route: string, body?: () => unknown): Kind => ({
    name,
    verb: body === undefined ? 'GET' : 'POST',
    url: route.startsWith('/') ? `${url}${route}` : route,
    body,
    bare: body === undefined ? 'empty route, GET' : 'empty route, POST',
    tookMs: [],
    told: [],
  });
  return [
    kind('empty route, GET', bareUrl),
    kind('GET access_codes/get', `/access_codes/get?access_code_id=${codeId}`),
    kind(`GET access_codes/list of ${CODES}`, `/access_codes/list?device_id=${listed}`),
    kind(`GET devices/list of ${LOCKS_WANTED}`, '/devices/list'),
    kind('empty route, POST', bareUrl, () => newCode(listed)),
    kind('one row committed, POST', `${bareUrl}/row`, () => newCode(listed)),
    kind('POST access_codes/get', '/access_codes/get', () => ({ access_code_id: codeId })),
    kind('POST access_codes/create', '/access_codes/create', () =>
      newCode(others[created % others.length] ?? ''),
    ),
  ];
}

const child = fork(path.join(import.meta.dirname, 'parts/api-child.ts'));
try {
  const [told] = await once(child, 'message');
  const started = startedSchema.parse(told);
  const locks = await metLocks(started);
  const [listed = '', ...others] = locks;
  const ids: string[] = [];
  for (let index = 0; index < CODES; index += 1) ids.push(await createCode(started, listed));
  const kinds = kindsOf(started, [listed, ...others.slice(BUSY_LOCKS)], ids[0] ?? '');
  const over = new AbortController();
  const busy = keepBusy(started, others.slice(0, BUSY_LOCKS), over.signal);
  for (let turn = 0; turn < WARM_UP_TURNS + REQUESTS / TURN; turn += 1) {
    for (const kind of kinds) {
      const tookMs = await playTurn(kind, started.key);
      if (turn >= WARM_UP_TURNS) kind.tookMs.push(...tookMs);
      await undo(kind, started);
    }
  }
  over.abort();
  await busy;
  console.log(
    `${REQUESTS} requests of each kind, ${CLIENTS} at a time, while codes come and go on ${BUSY_LOCKS} other locks; in turn ` +
      'with an empty Fastify route in the same process:',
  );
  for (const { name, tookMs, bare } of kinds) {
    const bareMs = kinds.find((other) => other.name === bare)?.tookMs ?? [];
    const [p50 = 0, p99 = 0] = [0.5, 0.99].map((part) => quantile(tookMs, part));
    const ratios = [p50 / quantile(bareMs, 0.5), p99 / quantile(bareMs, 0.99)].map((ratio) =>
      ratio.toFixed(1),
    );
    console.log(
      `${name.padEnd(32)} p50 ${p50.toFixed(1)} ms, ratio ${ratios[0]}; p99 ${p99.toFixed(1)} ms, ratio ${ratios[1]}`,
    );
  }
} finally {
  agent.destroy();
  child.disconnect();
}
