import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

import { MINUTE_MS, type Instant } from '../core/time.ts';
import type { Connection, Statement } from './connection.ts';
import type { RandomBytes } from './key.ts';
import type { LoginCodes } from './store.ts';

const TABLE = 'login_codes';
const LIFETIME_MS = 10 * MINUTE_MS;
/** Codes that are open at once; the oldest go first. */
const OPEN_MAX = 10;
/** Letters and digits that nobody takes for each other (Crockford's base 32), in lower case for phones. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** 60 bits: with ten minutes and few attempts nobody guesses one, and a person can still type it. */
const CODE_LENGTH = 12;

/** One-time codes for the page, as keyed hashes. Another process makes them, so they are in the database. */
export class LoginCodeTable implements LoginCodes {
  readonly #connection: Connection;
  readonly #random: RandomBytes;
  readonly #hashKey: KeyObject;
  readonly #insert: Statement;
  readonly #trim: Statement;
  readonly #take: Statement;

  constructor(connection: Connection, hashKey: Uint8Array, random: RandomBytes) {
    this.#connection = connection;
    this.#random = random;
    this.#hashKey = createSecretKey(hashKey);
    this.#insert = connection.prepare(
      `INSERT INTO ${TABLE} (digest, created_at, expires_at) VALUES (?, ?, ?)`,
    );
    this.#trim = connection.prepare(
      `DELETE FROM ${TABLE} WHERE expires_at <= ? OR digest NOT IN (
         SELECT digest FROM ${TABLE} ORDER BY created_at DESC LIMIT ?)`,
    );
    // A clock that was set back since makes no code live longer.
    this.#take = connection.prepare(
      `DELETE FROM ${TABLE} WHERE digest = ? AND created_at <= ? AND expires_at > ?`,
    );
  }

  create(at: Instant): string {
    const code = [...this.#random(CODE_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
    this.#connection.transaction(() => {
      this.#insert.run(this.#digest(code), at, at + LIFETIME_MS);
      this.#trim.run(at, OPEN_MAX);
    });
    return code;
  }

  redeem(code: string, at: Instant): boolean {
    const digest = this.#digest(code.toLowerCase().replaceAll(/[\s-]/g, ''));
    return this.#connection.transaction(() => this.#take.run(digest, at, at).changes === 1);
  }

  #digest(code: string): Uint8Array {
    return createHmac('sha256', this.#hashKey).update(code).digest();
  }
}
