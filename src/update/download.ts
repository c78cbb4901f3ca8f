import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { syncPath } from '../backup/disk.ts';
import { UpdateError } from './errors.ts';
import type { Release } from './release.ts';

/** A download that takes longer is broken off; the next one goes on from there. */
const ATTEMPT_MAX_MS = 30 * 60_000;
const PARTIAL_CONTENT = 206;
const RANGE_REFUSED = 416;

interface Target {
  /** Where it comes, once it is whole and what was signed. */
  readonly archive: string;
  /** As far as it has come. */
  readonly part: string;
}

/**
 * Goes on with a download where it ended. Rejects with `UpdateError` when what came is not what was signed, then nothing of
 * it is left, and with the system's error when the server is not reached.
 */
export async function download(
  url: string,
  { bytes, signature }: Pick<Release, 'bytes' | 'signature'>,
  { archive, part }: Target,
  stopping: AbortSignal,
): Promise<void> {
  const from = bytesOf(part);
  if (from < bytes) {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(ATTEMPT_MAX_MS)]);
    const response = await fetch(url, { headers: { range: `bytes=${from}-` }, signal });
    const isRest = response.status === PARTIAL_CONTENT;
    if (response.status === RANGE_REFUSED) rmSync(part, { force: true });
    if (!response.ok || response.body === null) throw new Error(`the server answers ${response.status}`);
    const out = createWriteStream(part, { flags: isRest ? 'a' : 'w', mode: 0o600 });
    const room = bytes - (isRest ? from : 0);
    await pipeline(Readable.fromWeb(response.body), atMost(room), out, { signal });
  }
  if (bytesOf(part) < bytes) throw new Error('the connection ended too early');
  syncPath(part);
  await signature.check(part).catch((error: unknown) => {
    rmSync(part, { force: true });
    throw error;
  });
  renameSync(part, archive);
  syncPath(path.dirname(archive));
}

/** 0 where there is no such file. */
export function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** A server that sends on and on does not fill the disk. */
function atMost(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      left -= piece.length;
      if (left < 0) done(new UpdateError('The server sends more than was signed.'));
      else done(null, piece);
    },
  });
}
