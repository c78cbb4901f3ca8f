import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { Pin } from '../core/pin.ts';
import { DAY_MS, type Instant } from '../core/time.ts';
import type { Secrets } from '../store/store.ts';
import {
  CODE_INFO,
  codeAad,
  publicKeySchema,
  SEALING_SUITE,
  SECRET_INFO,
  secretAad,
  type CodePlace,
  type SealedCode,
  type SealingKey,
} from './messages/sealed.ts';
import { makeKeyPair, openSealed, type KeyPair } from './sealing.ts';

/** Name of the pairs among the hub's secrets. */
const SECRET = 'sealing_keys';
/** A pair that is older is followed by a new one. */
const AGE_MAX_MS = 90 * DAY_MS;
/** Pairs that are kept, so that a cloud that was told of one has the best part of a year to hear of the next. */
const PAIRS_MAX = 4;
/** Hex digits of a key's id: enough that no two keys of a hub ever share one. */
const ID_HEX_DIGITS = 16;

/** How the pairs are kept, newest first. */
const storedPairs = z
  .array(z.object({ public_key: publicKeySchema, private_key: z.string(), made_at: z.number() }))
  .min(1)
  .max(PAIRS_MAX);

interface KeptPair extends KeyPair {
  readonly keyId: string;
  readonly madeAt: Instant;
}

type OpenedCode =
  | { readonly ok: true; readonly pin: Pin }
  /** The text is for the sender and holds nothing of what was sealed. */
  | { readonly ok: false; readonly message: string };

type OpenedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

/** 32 bytes as base64url without padding. */
const SECRET_PATTERN = /^[A-Za-z0-9_-]{43}$/;

/** The hub's key pairs for sealed PINs: one that it tells its cloud, and older ones that open what is on its way. */
export interface SealingKeys {
  /** The newest, for `up/hello` and `up/health`. */
  current(): SealingKey;
  /** Makes a new pair when the newest is too old, or asked to; the oldest is forgotten then. Throws when the store does. */
  rotateWhereDue(isAsked?: boolean): void;
  /** Never rejects for anything that was sent. */
  open(sealed: SealedCode, place: CodePlace): Promise<OpenedCode>;
  /** Opens a secret of offline codes, 32 bytes as base64url. Never rejects for anything that was sent. */
  openSecret(sealed: SealedCode, hubId: string, secretId: string): Promise<OpenedText>;
}

export interface SealingKeysOptions {
  readonly secrets: Secrets;
  readonly clock: Pick<Clock, 'now'>;
  /** Where new pairs come from. Others than random ones are for tests only. */
  readonly makePair?: () => KeyPair;
}

/** Reads the pairs, or makes the first one. Throws when the store does. */
export function openSealingKeys(options: SealingKeysOptions): SealingKeys {
  const keys = new KeptKeys(options);
  keys.rotateWhereDue();
  return keys;
}

class KeptKeys implements SealingKeys {
  readonly #options: SealingKeysOptions;
  #pairs: readonly KeptPair[];

  constructor(options: SealingKeysOptions) {
    this.#options = options;
    this.#pairs = readPairs(options.secrets);
  }

  current(): SealingKey {
    const [newest] = this.#pairs;
    if (newest === undefined) throw new Error('There is a pair from the start on.');
    return { key_id: newest.keyId, suite: SEALING_SUITE, public_key: newest.publicKey };
  }

  rotateWhereDue(isAsked = false): void {
    // By the time that has certainly passed: a clock that was reset says nothing about the age of a key.
    const { earliest } = this.#options.clock.now();
    const [newest] = this.#pairs;
    if (!isAsked && newest !== undefined && earliest - newest.madeAt <= AGE_MAX_MS) return;
    const made = kept((this.#options.makePair ?? makeKeyPair)(), earliest);
    const pairs = [made, ...this.#pairs].slice(0, PAIRS_MAX);
    this.#options.secrets.set(SECRET, textOf(pairs));
    this.#pairs = pairs;
  }

  async open(sealed: SealedCode, place: CodePlace): Promise<OpenedCode> {
    const bound = 'hub, device, access code, generation and version';
    const opened = await this.#openText(sealed, { info: CODE_INFO, aad: codeAad(place), bound });
    if (!opened.ok) return refused('sealed_code', opened.message);
    const pin = Pin.parse(opened.text);
    return pin === undefined
      ? refused('sealed_code', 'must hold a text of 4 to 12 digits.')
      : { ok: true, pin };
  }

  async openSecret(sealed: SealedCode, hubId: string, secretId: string): Promise<OpenedText> {
    const aad = secretAad(hubId, secretId);
    const opened = await this.#openText(sealed, { info: SECRET_INFO, aad, bound: 'hub and secret' });
    if (!opened.ok) return refused('sealed_secret', opened.message);
    return SECRET_PATTERN.test(opened.text)
      ? opened
      : refused('sealed_secret', 'must hold 32 bytes as base64url without padding.');
  }

  async #openText(
    sealed: SealedCode,
    { info, aad, bound }: { readonly info: string; readonly aad: string; readonly bound: string },
  ): Promise<OpenedText> {
    const current = this.current().key_id;
    const pair = this.#pairs.find(({ keyId }) => keyId === sealed.key_id);
    if (pair === undefined) {
      const message = `key_id is of no key of this hub. Seal to its current one, ${current} (up/hello).`;
      return { ok: false, message };
    }
    const text = await openSealed(pair, sealed, info, aad);
    if (text !== undefined) return { ok: true, text };
    const message = `does not open. It is bound to ${bound}: seal anew for each, to key ${current}.`;
    return { ok: false, message };
  }
}

function refused(field: string, why: string) {
  return { ok: false, message: `${field}: ${why}` } as const;
}

function readPairs(secrets: Secrets): readonly KeptPair[] {
  const text = secrets.get(SECRET);
  if (text === undefined) return [];
  return storedPairs
    .parse(JSON.parse(text))
    .map(({ public_key, private_key, made_at }) =>
      kept({ publicKey: public_key, privateKey: private_key }, made_at),
    );
}

function textOf(pairs: readonly KeptPair[]): string {
  const stored: z.infer<typeof storedPairs> = pairs.map(({ publicKey, privateKey, madeAt }) => ({
    public_key: publicKey,
    private_key: privateKey,
    made_at: madeAt,
  }));
  return JSON.stringify(stored);
}

function kept(pair: KeyPair, madeAt: Instant): KeptPair {
  const digest = createHash('sha256').update(Buffer.from(pair.publicKey, 'base64url')).digest('hex');
  return { ...pair, madeAt, keyId: digest.slice(0, ID_HEX_DIGITS) };
}
