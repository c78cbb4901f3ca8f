import { createHmac, timingSafeEqual, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import {
  answerText,
  claimRequestSchema,
  claimTopicsOf,
  requestText,
  type ClaimOutcome,
  type ClaimRequest,
} from '../cloud/messages/claim.ts';
import { MAJOR_VERSION, readPayload } from '../cloud/messages/payload.ts';
import type { Delivered } from './broker.ts';
import type { CloudDatabase } from './database.ts';
import { readRequest, type Issuer, type Requested } from './issuer.ts';
import type { Told } from './told.ts';

/** Requests that are kept; a thief of a claim certificate can send any number. */
const WAITING_MAX = 1000;
/** A hub that is there asks every 15 s. */
const WAITING_MS = 24 * 3_600_000;
/** Wrong codes within `GUESSES_MS`; then none is looked at for a while. */
const GUESSES_MAX = 10;
const GUESSES_MS = 15 * 60_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS claims (
    claim_id TEXT PRIMARY KEY, hub_id TEXT NOT NULL, csr TEXT NOT NULL, proof TEXT NOT NULL, heard_at INTEGER NOT NULL,
    answer TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS owners (
    hub_id TEXT PRIMARY KEY, claim_id TEXT NOT NULL, owner TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS certificates (
    serial TEXT PRIMARY KEY, hub_id TEXT NOT NULL, claim_id TEXT NOT NULL, revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;
`;

const claimRow = z.object({
  claim_id: z.string(),
  hub_id: z.string(),
  csr: z.string(),
  proof: z.string(),
  answer: z.string().nullable(),
});

const revokedRow = z.object({ serial: z.string(), at: z.number() });

type Claim = z.infer<typeof claimRow>;

export interface ClaimsOptions {
  readonly database: CloudDatabase;
  readonly issuer: Issuer;
  /** Sends with QoS 1. Never rejects. */
  readonly publish: (topic: string, payload: string) => Promise<boolean>;
  readonly tell: (told: Told) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type Claimed =
  | { readonly ok: true; readonly hubId: string; readonly claimId: string }
  | { readonly ok: false; readonly message: string };

/** Filter for the requests of all hubs that are to be claimed. */
export const CLAIM_FILTER = claimTopicsOf('+').request;

/** Hubs that wait for somebody who knows their code, and who has which hub. */
export class Claims {
  readonly #options: ClaimsOptions;
  /** When wrong codes were told, the newest last. */
  #guesses: readonly number[] = [];

  constructor(options: ClaimsOptions) {
    this.#options = options;
    options.database.exec(SCHEMA);
  }

  /** Takes a request; `false`: it is something else. What it answers is on its way when this returns. */
  receive({ topic, payload }: Delivered): boolean {
    const [, claimId] = /^lockhub\/claim\/v1\/([0-9a-f]{32})\/request$/.exec(topic) ?? [];
    if (claimId === undefined) return false;
    const read = readPayload(payload);
    const request = claimRequestSchema.safeParse(read.ok ? read.value : undefined);
    if (!request.success) return true;
    const asked = readRequest(request.data.csr);
    if (asked?.claimId !== claimId || asked.hubId !== request.data.hub_id) return true;
    const before = this.#claim(claimId);
    if (before?.answer != null && before.proof === request.data.proof) this.#send(claimId, before.answer);
    else this.#keep(claimId, request.data, before);
    return true;
  }

  /** Somebody tells a code, as the page of the hub shows it or as its QR holds it. */
  async claim(text: string, owner: string): Promise<Claimed> {
    const now = this.#options.now();
    this.#guesses = this.#guesses.filter((at) => at > now - GUESSES_MS);
    if (this.#guesses.length >= GUESSES_MAX)
      return failed('Too many wrong codes; wait a quarter of an hour.');
    const code = codeOf(text);
    const claim = this.#waiting().find((one) => isProvenBy(code, one));
    if (claim === undefined) {
      this.#guesses = [...this.#guesses, now];
      return failed(
        'No hub waits with this code. One that is there asks every 15 s, and may show another code by now.',
      );
    }
    const asked = readRequest(claim.csr);
    if (asked === undefined || !(await asked.isSigned()))
      return failed('The request of this hub is not signed.');
    return this.#settle(claim, asked, code, owner);
  }

  /** Has a hub claimed by another key, such as that of its next card. */
  release(hubId: string): boolean {
    return this.#options.database.prepare('DELETE FROM owners WHERE hub_id = ?').run(hubId).changes > 0;
  }

  /** The next certificate for the key that a hub was claimed with; `undefined`: it was not, or with another one. */
  async renewed(hubId: string, csr: string): Promise<readonly string[] | undefined> {
    const asked = readRequest(csr);
    if (asked === undefined || asked.hubId !== hubId || this.#ownerKey(hubId) !== asked.claimId)
      return undefined;
    if (this.#isRevoked(asked.claimId) || !(await asked.isSigned())) return undefined;
    return this.#issue(asked);
  }

  /**
   * Has every certificate of a hub count no more, and gives it no next one. Answers how many; the broker has to be given
   * the list. The name stays taken until `release`.
   */
  revoke(hubId: string): number {
    const revoke = this.#options.database.prepare(
      'UPDATE certificates SET revoked_at = ? WHERE hub_id = ? AND revoked_at IS NULL',
    );
    return revoke.run(this.#options.now(), hubId).changes;
  }

  /** PEM, for the broker. */
  revocationList(): Promise<string> {
    const rows = this.#options.database.prepare(
      'SELECT serial, revoked_at AS at FROM certificates WHERE revoked_at IS NOT NULL ORDER BY serial',
    );
    return this.#options.issuer.revocationList(rows.all().map((row) => revokedRow.parse(row)));
  }

  /** Kept by its number, so that it can be revoked. */
  async #issue(asked: Requested): Promise<readonly string[]> {
    const certificates = await this.#options.issuer.issue(asked);
    const [own = ''] = certificates;
    const { serialNumber } = new X509Certificate(Buffer.from(own, 'base64'));
    this.#options.database
      .prepare('INSERT OR IGNORE INTO certificates VALUES (?, ?, ?, NULL)')
      .run(serialNumber.toLowerCase(), asked.hubId, asked.claimId);
    return certificates;
  }

  #isRevoked(claimId: string): boolean {
    const revoked = 'SELECT 1 FROM certificates WHERE claim_id = ? AND revoked_at IS NOT NULL LIMIT 1';
    return this.#options.database.prepare(revoked).get(claimId) !== undefined;
  }

  async #settle(claim: Claim, asked: Requested, code: string, owner: string): Promise<Claimed> {
    const { database } = this.#options;
    const { claim_id: claimId, hub_id: hubId } = claim;
    const key = this.#ownerKey(hubId);
    if (key !== undefined && key !== claimId) {
      this.#answer(claimId, code, { refused: 'hub_id_taken' });
      return failed(`Another hub has the name ${hubId}; "release ${hubId}" gives it free.`);
    }
    if (this.#isRevoked(claimId)) return failed(`The key of ${hubId} was revoked; it needs another one.`);
    const certificates = await this.#issue(asked);
    database.transaction(() => {
      database.prepare('INSERT OR REPLACE INTO owners VALUES (?, ?, ?)').run(hubId, claimId, owner);
      this.#answer(claimId, code, { certificates, owner });
    })();
    return { ok: true, hubId, claimId };
  }

  /** Kept, because it may be lost on its way: the hub asks until it has it. */
  #answer(claimId: string, code: string, outcome: ClaimOutcome): void {
    const proof = hmac(code, answerText(claimId, outcome));
    const answer = JSON.stringify({ v: MAJOR_VERSION, ...outcome, proof });
    this.#options.database.prepare('UPDATE claims SET answer = ? WHERE claim_id = ?').run(answer, claimId);
    this.#send(claimId, answer);
  }

  #send(claimId: string, answer: string): void {
    void this.#options.publish(claimTopicsOf(claimId).answer, answer);
  }

  #keep(claimId: string, { hub_id: hubId, csr, proof }: ClaimRequest, before: Claim | undefined): void {
    const { database, tell, now } = this.#options;
    database.transaction(() => {
      database
        .prepare('INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?, NULL)')
        .run(claimId, hubId, csr, proof, now());
      database.prepare('DELETE FROM claims WHERE answer IS NULL AND heard_at < ?').run(now() - WAITING_MS);
      database
        .prepare(
          'DELETE FROM claims WHERE claim_id IN (SELECT claim_id FROM claims WHERE answer IS NULL ORDER BY heard_at DESC LIMIT -1 OFFSET ?)',
        )
        .run(WAITING_MAX);
    })();
    if (before === undefined)
      tell({ kind: 'note', hubId, text: `waits to be claimed, with the key ${claimId}` });
  }

  #waiting(): readonly Claim[] {
    const { database, now } = this.#options;
    const rows = database.prepare('SELECT * FROM claims WHERE answer IS NULL AND heard_at >= ?');
    return rows.all(now() - WAITING_MS).map((row) => claimRow.parse(row));
  }

  #claim(claimId: string): Claim | undefined {
    const row = this.#options.database.prepare('SELECT * FROM claims WHERE claim_id = ?').get(claimId);
    return row === undefined ? undefined : claimRow.parse(row);
  }

  #ownerKey(hubId: string): string | undefined {
    const key = this.#options.database
      .prepare('SELECT claim_id FROM owners WHERE hub_id = ?')
      .pluck()
      .get(hubId);
    return typeof key === 'string' ? key : undefined;
  }
}

/** As a person may type it: in groups or not, in small letters, with an O for a zero. */
function codeOf(text: string): string {
  const code = text.split(':').at(-1) ?? '';
  return code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

function isProvenBy(code: string, { claim_id: claimId, hub_id: hubId, csr, proof }: Claim): boolean {
  const [given, wanted] = [Buffer.from(proof), Buffer.from(hmac(code, requestText(claimId, hubId, csr)))];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function hmac(code: string, text: string): string {
  return createHmac('sha256', code).update(text).digest('base64url');
}

function failed(message: string): Claimed {
  return { ok: false, message };
}
