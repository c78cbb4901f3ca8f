import os from 'node:os';
import type { Config, HttpConfig } from './config.ts';
import { allows, type Scope } from './core/scope.ts';
import { makeDataDirectory, openData } from './data.ts';
import { askHub } from './doctor/line.ts';
import { certificateOf, loginPathOf, urlOf } from './http/http.ts';
import type { ApiKey, Store } from './store/store.ts';

/** A hub answers within milliseconds. */
const ASK_TIMEOUT_MS = 2000;

/** What a command prints, or one line that says why it could not be done. */
export type Printed =
  | { readonly ok: true; readonly lines: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** `lockhub key create`: the key alone on its line, so that a script can take it. */
function createKey(config: Config, name: string, scopes: readonly Scope[]): Promise<Printed> {
  return withStore(config, async (store) => {
    const made = store.apiKeys.create(name, scopes, await nowOf(config, store));
    if (made !== undefined) return printed([made.text]);
    return {
      ok: false,
      message: `There is a key "${name}" already, or there are too many: see lockhub key list.`,
    };
  });
}

/** `lockhub key list`. */
function listKeys(config: Config): Promise<Printed> {
  return withStore(config, (store) => printed(store.apiKeys.list().map(lineOf)));
}

/** `lockhub key revoke`. */
function revokeKey(config: Config, name: string): Promise<Printed> {
  return withStore(config, (store) =>
    store.apiKeys.revoke(name)
      ? printed([`The key "${name}" is revoked.`])
      : { ok: false, message: `There is no key "${name}": see lockhub key list.` },
  );
}

/** `lockhub login-link`: a link for each address that the hub can be reached at, all with one code. */
function loginLink(config: Config): Promise<Printed> {
  return withStore(config, async (store) => {
    const { http, hubId } = config;
    if (http === null) return { ok: false, message: 'The page is switched off: the config has http: false.' };
    const certificate = await certificateOf(http, { store, hubId });
    const path = loginPathOf(store.loginCodes.create(await nowOf(config, store)));
    const links = hostsOf(http).map((host) => `${urlOf(host, http.port, certificate !== null)}${path}`);
    const { fingerprint } = certificate ?? {};
    return printed(fingerprint === undefined ? links : [...links, `certificate (SHA-256) ${fingerprint}`]);
  });
}

/** `lockhub claim`: the code, or who claimed the hub. */
async function claim(config: Config, again: boolean): Promise<Printed> {
  if (config.cloud?.claim == null) {
    return { ok: false, message: 'This hub need not be claimed: the config has no cloud.claim.' };
  }
  const { claimLines } = await import('./claim/command.ts');
  return withStore(config, async (store) => printed(await claimLines(store, config.hubId, again)));
}

/**
 * By the hub that runs, whose clock judges what is made here and may know less than the machine's shows; else by the
 * machine's clock, or by what the hub knew where that is behind.
 */
async function nowOf({ dataDir }: Config, store: Store): Promise<number> {
  const asked = await askHub(dataDir, ASK_TIMEOUT_MS);
  if (asked.kind === 'words') return Math.floor(asked.words.clock.earliest);
  return Math.max(Date.now(), store.floor() ?? 0);
}

async function withStore(
  config: Config,
  work: (store: Store) => Printed | Promise<Printed>,
): Promise<Printed> {
  makeDataDirectory(config);
  // What is wrong with the radio's state is for the hub to tell.
  const store = openData(config, () => undefined);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

function printed(lines: readonly string[]): Printed {
  return { ok: true, lines };
}

function lineOf({ name, scopes, createdAt, lastUsedAt }: ApiKey): string {
  const used = lastUsedAt === null ? 'never used' : `last used ${dayOf(lastUsedAt)}`;
  const pins = allows(scopes, 'pins') ? '' : ', sees no PINs';
  return `${name}: ${scopes.join(' ')}${pins}, made ${dayOf(createdAt)}, ${used}`;
}

function dayOf(at: number): string {
  return new Date(at).toISOString();
}

/** Nobody can open a link to "all addresses", so each of this machine's is named. */
function hostsOf({ host }: HttpConfig): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const addresses = Object.values(os.networkInterfaces()).flatMap((found) => found ?? []);
  const reachable = addresses.filter(({ internal, family }) => !internal && family === 'IPv4');
  return reachable.length === 0 ? [os.hostname()] : reachable.map(({ address }) => address);
}

/** The commands about who may use the hub, which work on its database. */
export const accessCommands = { createKey, listKeys, revokeKey, loginLink, claim };
