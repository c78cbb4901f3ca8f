import { z } from 'zod';
import type { DesiredDocument } from '../../core/request/accept.ts';
import { codeIdSchema, namesDevice, readEntry, type SentEntry } from './entry.ts';
import { rejected, type Parsed, type RejectReason } from './rejection.ts';

/** Most codes in one desired document, and most tombstones. */
export const CODES_MAX = 1000;

/** `down/desired/{device_id}`. Entries stay unread here, so that one wrong entry does not cost the others. */
export const documentSchema = z.object({
  device_id: z.unknown().optional(),
  generation: z.int().positive(),
  version: z.int().positive(),
  codes: z.array(z.unknown()),
  tombstones: z.array(z.unknown()).nullish(),
});

/** A document as the core takes it, but for the PINs that are still sealed. */
export interface SentDocument extends Omit<DesiredDocument, 'codes'> {
  readonly codes: readonly SentEntry[];
}

/** A document, and what had to be left out of it. */
export interface ReadDocument {
  readonly document: SentDocument;
  readonly leftOut: readonly RejectReason[];
}

/** Reads a desired document of the lock that its topic names. */
export function readDesired(value: unknown, deviceId: string): Parsed<ReadDocument> {
  const parsed = documentSchema.safeParse(value);
  if (!parsed.success) return rejected('invalid_message');
  const { device_id, generation, version, codes } = parsed.data;
  if (!namesDevice(device_id, deviceId)) return rejected('wrong_device_id');
  const tombstones = parsed.data.tombstones ?? [];
  if (codes.length > CODES_MAX || tombstones.length > CODES_MAX) return rejected('too_many_codes');
  const entries = new Map<string, SentEntry>();
  const leftOut: RejectReason[] = [];
  for (const code of codes) {
    const entry = readEntry(code, deviceId);
    if (entry === undefined) {
      leftOut.push('entry_without_id');
    } else if (entries.has(idOf(entry))) {
      leftOut.push('duplicate_entry');
    } else {
      entries.set(idOf(entry), entry);
    }
  }
  const ids = tombstones.map((id) => codeIdSchema.safeParse(id));
  for (const id of ids) if (!id.success) leftOut.push('tombstone_without_id');
  const document: SentDocument = {
    generation,
    version,
    codes: [...entries.values()],
    tombstones: [...new Set(ids.flatMap((id) => (id.success ? [id.data] : [])))],
  };
  return { ok: true, value: { document, leftOut } };
}

function idOf(entry: SentEntry): string {
  switch (entry.kind) {
    case 'valid':
    case 'sealed':
      return entry.request.accessCodeId;
    case 'invalid':
      return entry.accessCodeId;
  }
}
