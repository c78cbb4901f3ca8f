import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { HubKey } from '../store/key.ts';
import { written, type Part } from './content.ts';
import { ownedLike, syncPath } from './disk.ts';
import { CHUNK_BYTES, Chunks, frontOf, type BackupHeader } from './envelope.ts';
import { BackupError } from './errors.ts';
import { wrapFor } from './recipients.ts';

const CONTENT_KEY_BYTES = 32;

/** What is to be written, and who may open it. */
export interface BackupPlan {
  /** The finished file; until then it has `.new` behind its name. */
  readonly file: string;
  readonly header: Omit<BackupHeader, 'recipients'>;
  readonly parts: readonly Part[];
  readonly hubKey: HubKey;
  /** Public halves of recovery keys. */
  readonly publicKeys: readonly string[];
}

/**
 * Writes a backup whole, with mode 0600, or not at all, and answers its size in bytes. Rejects with `BackupError` of kind
 * `no_place` when the disk does not take it.
 */
export async function writeBackup(plan: BackupPlan): Promise<number> {
  const contentKey = randomBytes(CONTENT_KEY_BYTES);
  const recipients = await wrapFor(contentKey, plan.hubKey, plan.publicKeys);
  const front = frontOf({ ...plan.header, recipients: [...recipients] });
  const draft = `${plan.file}.new`;
  try {
    const size = await writeDraft(draft, front, new Chunks(contentKey, front), plan.parts);
    ownedLike(draft, path.dirname(plan.file));
    renameSync(draft, plan.file);
    syncPath(path.dirname(plan.file));
    return size;
  } catch (error) {
    rmSync(draft, { force: true });
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new BackupError('no_place', `The backup can't be written: ${error.message}`, { cause: error });
  }
}

async function writeDraft(
  draft: string,
  front: Buffer,
  chunks: Chunks,
  parts: readonly Part[],
): Promise<number> {
  const checksum = createHash('sha256');
  const descriptor = openSync(draft, 'w', 0o600);
  let size = 0;
  const put = (bytes: Buffer): void => {
    checksum.update(bytes);
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    size += bytes.length;
  };
  try {
    put(front);
    let number = 0;
    for await (const { chunk, isLast } of inChunks(compressed(parts))) {
      put(chunks.seal(chunk, number, isLast));
      number += 1;
    }
    put(checksum.copy().digest());
    fsyncSync(descriptor);
    return size;
  } finally {
    closeSync(descriptor);
  }
}

function compressed(parts: readonly Part[]): AsyncIterable<Buffer> {
  const source = Readable.from(written(parts), { objectMode: false });
  const gzip = createGzip();
  // What the source fails with is what whoever reads the other end is told.
  source.on('error', (error) => gzip.destroy(error));
  return source.pipe(gzip);
}

/** The same bytes in pieces of one size, the last one less; at least one piece. */
async function* inChunks(
  stream: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly chunk: Buffer; readonly isLast: boolean }> {
  let held = Buffer.alloc(0);
  for await (const piece of stream) {
    held = Buffer.concat([held, piece]);
    // A full piece is held back until there is more, for it may be the last.
    while (held.length > CHUNK_BYTES) {
      yield { chunk: held.subarray(0, CHUNK_BYTES), isLast: false };
      held = held.subarray(CHUNK_BYTES);
    }
  }
  yield { chunk: held, isLast: true };
}
