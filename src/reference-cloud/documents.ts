import { z } from 'zod';
import { CODES_MAX } from '../cloud/messages/desired.ts';
import { codeIdSchema, readEntry } from '../cloud/messages/entry.ts';
import { MAJOR_VERSION, PAYLOAD_BYTES_MAX } from '../cloud/messages/payload.ts';
import type { CloudDatabase } from './database.ts';
import type { Versions } from './ledger.ts';
import { isBack } from './sink.ts';

/** Newest tombstones that a document keeps. */
const TOMBSTONES_MAX = 50;
/** What sealing adds to an entry, in bytes, with room to spare. */
const SEALING_BYTES = 250;

/** One code as it is wanted: `access_code_id` and the fields of the create request. */
type Entry = Readonly<Record<string, unknown>> & { readonly access_code_id: string };

/** All that is wanted of one lock. */
export interface Document extends Versions {
  readonly codes: readonly Entry[];
  readonly tombstones: readonly string[];
}

/** What a hub has of a document, compared with what is wanted. */
export type Verdict = 'same' | 'document_follows';

export type Changed =
  | { readonly ok: true; readonly document: Document }
  /** One sentence for the person who asked. */
  | { readonly ok: false; readonly message: string };

const row = z.object({ generation: z.int(), version: z.int(), codes: z.string(), tombstones: z.string() });
const entries = z.array(z.looseObject({ access_code_id: z.string() }));

const NO_DOCUMENT: Document = { generation: 1, version: 0, codes: [], tombstones: [] };

/** The desired documents of one hub. */
export class Documents {
  readonly #database: CloudDatabase;
  readonly #hubId: string;

  constructor(database: CloudDatabase, hubId: string) {
    this.#database = database;
    this.#hubId = hubId;
  }

  get(deviceId: string): Document | undefined {
    const found = this.#database
      .prepare('SELECT * FROM documents WHERE hub_id = ? AND device_id = ?')
      .get(this.#hubId, deviceId);
    if (found === undefined) return undefined;
    const { generation, version, codes, tombstones } = row.parse(found);
    return {
      generation,
      version,
      codes: entries.parse(JSON.parse(codes)),
      tombstones: z.array(z.string()).parse(JSON.parse(tombstones)),
    };
  }

  deviceIds(): readonly string[] {
    const ids = this.#database.prepare('SELECT device_id FROM documents WHERE hub_id = ? ORDER BY device_id');
    return ids.pluck().all(this.#hubId).map(String);
  }

  /** Wants this code: new, or changed in the fields that are given; a field that is `null` goes. */
  set(
    deviceId: string,
    id: string,
    fields: Readonly<Record<string, unknown>>,
    hub: Versions | undefined,
  ): Changed {
    if (!codeIdSchema.safeParse(id).success) {
      return refused('The id of a code has 1 to 64 letters, digits and . _ : -');
    }
    const before = this.get(deviceId) ?? NO_DOCUMENT;
    const old = before.codes.find((code) => code.access_code_id === id);
    const given = Object.entries({ ...old, ...fields, access_code_id: id }).filter(
      ([, value]) => value !== null,
    );
    const entry = { ...Object.fromEntries(given), access_code_id: id };
    const read = readEntry(entry, deviceId);
    if (read === undefined || read.kind === 'invalid') return refused(read?.message ?? 'It names no code.');
    const codes = old ? before.codes.map((code) => (code === old ? entry : code)) : [...before.codes, entry];
    if (codes.length > CODES_MAX) return refused(`A lock has at most ${CODES_MAX} codes.`);
    const tombstones = before.tombstones.filter((dead) => dead !== id);
    return this.#put(deviceId, { ...before, codes, tombstones }, hub);
  }

  /** Wants this code gone, also one that was found on the lock. */
  delete(deviceId: string, id: string, hub: Versions | undefined): Changed {
    if (!codeIdSchema.safeParse(id).success) return refused('That is no id of a code.');
    const before = this.get(deviceId) ?? NO_DOCUMENT;
    const codes = before.codes.filter((code) => code.access_code_id !== id);
    const tombstones = [...before.tombstones.filter((dead) => dead !== id), id].slice(-TOMBSTONES_MAX);
    return this.#put(deviceId, { ...before, codes, tombstones }, hub);
  }

  /**
   * What the hub has, against what is wanted; `undefined` where this cloud wants nothing of the lock. A hub that has a
   * newer document than this cloud wrote has it from a cloud whose memory is lost: then a new generation begins.
   */
  verdict(deviceId: string, hub: Versions | undefined): Verdict | undefined {
    const document = this.get(deviceId);
    if (document === undefined) return undefined;
    if (hub === undefined) return 'document_follows';
    if (document.generation === hub.generation && document.version === hub.version) return 'same';
    if (isBack(document, hub)) this.#store(deviceId, { ...document, ...above(document, hub) });
    return 'document_follows';
  }

  /** Wants nothing of a lock any more, not even that it has no codes. */
  drop(deviceId: string): void {
    this.#database
      .prepare('DELETE FROM documents WHERE hub_id = ? AND device_id = ?')
      .run(this.#hubId, deviceId);
  }

  #put(deviceId: string, document: Document, hub: Versions | undefined): Changed {
    const changed = { ...document, ...above(document, hub) };
    const bytes = Buffer.byteLength(payloadOf(deviceId, changed)) + changed.codes.length * SEALING_BYTES;
    if (bytes > PAYLOAD_BYTES_MAX) {
      return refused('The document of this lock would be larger than the contract allows.');
    }
    this.#store(deviceId, changed);
    return { ok: true, document: changed };
  }

  #store(deviceId: string, { generation, version, codes, tombstones }: Document): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)')
      .run(this.#hubId, deviceId, generation, version, JSON.stringify(codes), JSON.stringify(tombstones));
  }
}

/** The next version, in a new generation where the hub has a document that this cloud never wrote. */
function above({ generation, version }: Versions, hub: Versions | undefined): Versions {
  if (hub !== undefined && isBack({ generation, version }, hub)) {
    return { generation: hub.generation + 1, version: 1 };
  }
  return { generation, version: version + 1 };
}

/** The payload of `down/desired/{device_id}`. */
export function payloadOf(deviceId: string, { generation, version, codes, tombstones }: Document): string {
  return JSON.stringify({ v: MAJOR_VERSION, device_id: deviceId, generation, version, codes, tombstones });
}

function refused(message: string): Changed {
  return { ok: false, message };
}
