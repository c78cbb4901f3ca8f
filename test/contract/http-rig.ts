import { randomInt } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { onTestFinished } from 'vitest';
import { SystemClock, type Clock } from '../../src/clock.ts';
import type { Scope } from '../../src/core/scope.ts';
import { startHttp, type HttpOptions } from '../../src/http/http.ts';
import { LogRing } from '../../src/http/page/log-ring.ts';
import { createLog } from '../../src/log.ts';
import type { Store } from '../../src/store/store.ts';
import { CoreWorld, PLAIN, POLICY } from '../support/core-world.ts';
import { hubPlace } from '../unit/store-fixture.ts';

/** A hub's API over a real store, without radios: what wakes a loop is only written down. */
export async function httpScene(options: Partial<HttpOptions> = {}) {
  const store = options.store ?? hubPlace().open();
  const logged: string[] = [];
  const woken: string[] = [];
  const logRing = new LogRing();
  const http = startHttp({
    host: '127.0.0.1',
    port: 0,
    localOverride: false,
    tls: null,
    hosts: [],
    requestsPerMinute: 10_000,
    hubId: 'hub-1',
    version: '1.2.3',
    store,
    clock: new SystemClock(),
    policy: POLICY,
    log: createLog('trace', { write: (line) => logged.push(line) }, logRing),
    draw: (below) => randomInt(below),
    wake: (deviceId) => woken.push(deviceId),
    wakeRadios: () => woken.push('radios'),
    isRadioUp: () => true,
    radios: () => [],
    networks: () => [],
    pairing: () => null,
    onRadioChange: () => () => undefined,
    hasCloud: false,
    bootId: 'b0070000-0000-4000-8000-000000000001',
    startedMs: performance.now(),
    databaseShape: () => ({ tables: [] }),
    checkUp: () =>
      Promise.resolve({ at: '2026-11-22T14:03:07Z', hub: 'running', findings: [], unchecked: [] }),
    disk: () => ({ freeBytes: 6e9, totalBytes: 8e9, room: 'ample' }),
    cloudLink: () => null,
    claim: () => null,
    logRing,
    settings: {},
    ...options,
  });
  onTestFinished(() => http.stop());
  const { url, fingerprint } = await http.listening;
  const key = (...scopes: readonly Scope[]): string => http.replaceKey(scopes.join('-'), scopes);
  return {
    store,
    http,
    url,
    fingerprint,
    logged,
    logRing,
    woken,
    key,
    /** With a key that may do everything, unless `init` has headers of its own. */
    call: (path: string, init: RequestInit = {}) =>
      fetch(`${url}${path}`, {
        redirect: 'manual',
        headers: { authorization: `Bearer ${key('admin', 'pins')}` },
        ...init,
      }),
  };
}

export type HttpScene = Awaited<ReturnType<typeof httpScene>>;

/** A lock that a radio has met, in the store. */
export function meetLock(store: Store, deviceId: string): void {
  store.commit(undefined, new CoreWorld(PLAIN, deviceId).state, []);
}

/** A JSON body as a client sends it. */
export function json(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** The status of a request whose `Host` says something else than its address. */
export function statusForHost(
  url: string,
  path: string,
  host: string,
  authorization: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(new URL(path, url), { headers: { host, authorization } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** The system's time, to which a test adds what it does not want to wait for. */
export class SkippingClock extends SystemClock implements Clock {
  skippedMs = 0;
  uncertainMs = 0;

  override now() {
    const at = Date.now() + this.skippedMs;
    return { earliest: at, latest: at + this.uncertainMs };
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.skippedMs;
  }
}
