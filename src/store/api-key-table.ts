import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

import { z } from 'zod';

import { SCOPES, type Scope } from '../core/scope.ts';
import { MINUTE_MS, type Instant } from '../core/time.ts';
import type { Connection, Statement } from './connection.ts';
import type { RandomBytes } from './key.ts';
import { blob, json, jsonOf, parseRow } from './rows.ts';
import type { ApiKey, ApiKeys } from './store.ts';

const TABLE = 'api_keys';
/** More keys than a site has programs; every request looks one up. */
const KEYS_MAX = 100;
const ID_BYTES = 4;
/** 128 bits, which nobody guesses. */
const SECRET_BYTES = 16;
/** `seam_` is what existing clients take for an API key; what follows must not begin with `cst`, `at` or `pk`. */
const KEY_PATTERN = new RegExp(`^seam_hub_([0-9a-f]{${ID_BYTES * 2}})_([0-9a-f]{${SECRET_BYTES * 2}})$`);
/** How exactly the last use of a key is known: noting each would write at every request. */
const USED_EVERY_MS = MINUTE_MS;

const keyRow = z.object({
  key_id: z.string(),
  name: z.string(),
  scopes: json(z.array(z.enum(SCOPES))),
  digest: blob,
  created_at: z.number(),
  last_used_at: z.number().nullable(),
});

const countRow = z.object({ count: z.int() });

/**
 * The keys of the local API. Of each only a keyed hash (HMAC-SHA-256 under a key derived from the hub's) is kept. A slow
 * hash such as scrypt is for secrets that can be guessed; these are 128 random bits, and are checked at every request.
 */
export class ApiKeyTable implements ApiKeys {
  readonly #connection: Connection;
  readonly #random: RandomBytes;
  readonly #hashKey: KeyObject;
  readonly #select: Statement;
  readonly #list: Statement;
  readonly #count: Statement;
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #use: Statement;

  constructor(connection: Connection, hashKey: Uint8Array, random: RandomBytes) {
    this.#connection = connection;
    this.#random = random;
    this.#hashKey = createSecretKey(hashKey);
    this.#select = connection.prepare(`SELECT * FROM ${TABLE} WHERE key_id = ?`);
    this.#list = connection.prepare(`SELECT * FROM ${TABLE} ORDER BY created_at, name`);
    this.#count = connection.prepare(`SELECT count(*) AS count FROM ${TABLE}`);
    this.#insert = connection.prepare(
      `INSERT INTO ${TABLE} (key_id, name, scopes, digest, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    );
    this.#delete = connection.prepare(`DELETE FROM ${TABLE} WHERE name = ?`);
    this.#use = connection.prepare(`UPDATE ${TABLE} SET last_used_at = ? WHERE key_id = ?`);
  }

  create(
    name: string,
    scopes: readonly Scope[],
    at: Instant,
  ): { readonly key: ApiKey; readonly text: string } | undefined {
    const keyId = this.#hex(ID_BYTES);
    const secret = this.#hex(SECRET_BYTES);
    const isMade = this.#connection.transaction(() => {
      const { count } = parseRow(countRow, this.#count.get(), TABLE, []);
      if (count >= KEYS_MAX) return false;
      return this.#insert.run(keyId, name, jsonOf(scopes), this.#digest(keyId, secret), at).changes === 1;
    });
    if (!isMade) return undefined;
    const key = { keyId, name, scopes, createdAt: at, lastUsedAt: null };
    return { key, text: `seam_hub_${keyId}_${secret}` };
  }

  find(text: string): ApiKey | undefined {
    const [, keyId, secret] = KEY_PATTERN.exec(text) ?? [];
    if (keyId === undefined || secret === undefined) return undefined;
    const row = this.#select.get(keyId);
    if (row === undefined) return undefined;
    const { digest } = parseRow(keyRow, row, TABLE, ['key_id']);
    const asked = this.#digest(keyId, secret);
    return digest.length === asked.length && timingSafeEqual(digest, asked) ? keyOf(row) : undefined;
  }

  list(): readonly ApiKey[] {
    return this.#list.all().map(keyOf);
  }

  revoke(name: string): boolean {
    return this.#connection.transaction(() => this.#delete.run(name).changes === 1);
  }

  used({ keyId, lastUsedAt }: ApiKey, at: Instant): void {
    if (lastUsedAt !== null && Math.abs(at - lastUsedAt) < USED_EVERY_MS) return;
    this.#connection.unsynced(() => this.#use.run(at, keyId));
  }

  #hex(sizeBytes: number): string {
    return Buffer.from(this.#random(sizeBytes)).toString('hex');
  }

  #digest(keyId: string, secret: string): Uint8Array {
    return createHmac('sha256', this.#hashKey).update(`${keyId} ${secret}`).digest();
  }
}

function keyOf(row: unknown): ApiKey {
  const parsed = parseRow(keyRow, row, TABLE, ['key_id']);
  return {
    keyId: parsed.key_id,
    name: parsed.name,
    scopes: parsed.scopes,
    createdAt: parsed.created_at,
    lastUsedAt: parsed.last_used_at,
  };
}
