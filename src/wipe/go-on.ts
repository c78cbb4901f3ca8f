import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Login } from '../cloud/login.ts';
import type { Config } from '../config.ts';
import { holdData } from '../data.ts';
import { StoreError } from '../store/errors.ts';
import { loadOrCreateKey } from '../store/key-file.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { destroySecrets } from './destroy.ts';
import { loginBefore, resultOf, sayFarewell } from './farewell.ts';
import { readMark, writeMark, type WipeMark } from './mark.ts';

/** Each start begins the wait for locks anew; somebody who pulls the plug again and again gains no more than this. */
const STARTS_MAX = 3;

/** What a hub starts with while it is to be wiped, and after that. */
interface Start {
  readonly config: Config;
  readonly mark: WipeMark | null;
  /** It was wiped just now, and root has files left to delete. */
  readonly needsRoot?: boolean;
}

/**
 * Goes on with a wipe that was ordered, wherever a power cut or a restart left it, before the hub opens its database.
 * Rejects with what the store and the system say.
 */
export async function goOnWiping(config: Config, log: Logger): Promise<Start> {
  const mark = started(config, log);
  if (mark === null) return { config, mark };
  switch (mark.phase) {
    case 'expiring':
      // Nothing is put on a lock any more.
      return { config: { ...config, policy: { ...config.policy, safeMode: true } }, mark };
    case 'wiping': {
      const done = await wipe(config, mark, log);
      return { config: withoutSecrets(config), mark: done, needsRoot: done.left.length > 0 };
    }
    case 'wiped':
      return { config: withoutSecrets(config), mark };
  }
}

function started({ dataDir }: Config, log: Logger): WipeMark | null {
  const mark = readMark(dataDir);
  if (mark?.phase !== 'expiring') return mark;
  const starts = mark.starts + 1;
  const isEnough = starts > STARTS_MAX;
  if (isEnough)
    log.warn('the wipe of this hub was interrupted too often: it does not wait for locks any more');
  const next = { ...mark, starts, ...(isEnough && { phase: 'wiping' as const }) };
  writeMark(dataDir, next);
  return next;
}

/** Files that the wipe has deleted are asked for no more; one that is left because it is root's must not count again. */
function withoutSecrets(config: Config): Config {
  const radios = config.radios.map((radio) =>
    radio.kind === 'zwave' ? { ...radio, securityKeysFile: null } : radio,
  );
  return { ...config, radios, offline: [] };
}

async function wipe(config: Config, mark: WipeMark, log: Logger): Promise<WipeMark> {
  const release = holdData(config);
  try {
    const login = await loginOf(config);
    const left = destroySecrets(config);
    const done: WipeMark = {
      ...mark,
      left: [...left],
      wiped_at: mark.wiped_at ?? Date.now(),
      phase: 'wiped',
    };
    const database = path.join(config.dataDir, 'lockhub.db');
    const key = loadOrCreateKey({ keyFile: config.keyFile, databaseExists: false });
    const store = openStore({ file: database, key });
    remember(store, done);
    store.close();
    writeMark(config.dataDir, done);
    log.warn({ reason: mark.reason, left }, 'THIS HUB WAS WIPED');
    if (login !== null && (await sayFarewell(config, done, login, log))) log.info('the cloud was told');
    return done;
  } finally {
    release();
  }
}

/** The order is known in the new database too: should it come once more, its end is told and nothing else happens. */
function remember(store: Store, mark: WipeMark): void {
  const { command_id: commandId, received_at: receivedAt, expires_at: expiresAt } = mark;
  const at = mark.wiped_at ?? receivedAt;
  const outcome = { state: 'succeeded' as const, result: resultOf(mark) };
  store.transaction(() => {
    store.commands.add({
      commandId,
      type: 'wipe',
      request: null,
      receivedAt,
      expiresAt,
      outcome,
      outcomeAt: at,
    });
    store.beat(at);
  });
}

/** Read before anything is destroyed; after a power cut in the middle there may be nothing left to read. */
async function loginOf(config: Config): Promise<Login | null> {
  const file = path.join(config.dataDir, 'lockhub.db');
  if (!existsSync(file) || !existsSync(config.keyFile)) return null;
  try {
    const key = loadOrCreateKey({ keyFile: config.keyFile, databaseExists: true });
    const store = openStore({ file, key });
    try {
      return await loginBefore(config, store);
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}
