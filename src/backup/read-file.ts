import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readParts, type PartSink } from './content.ts';
import {
  CHECKSUM_BYTES,
  CHUNK_BYTES,
  Chunks,
  FORMAT_VERSION,
  HEADER_BYTES_MAX,
  MAGIC,
  parseHeader,
  PREFIX_BYTES,
  TAG_BYTES,
  type BackupHeader,
} from './envelope.ts';
import { BackupError } from './errors.ts';
import { unwrap, type Opener } from './recipients.ts';

const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

/** A backup whose checksum is right. */
interface Checked {
  readonly header: BackupHeader;
  readonly front: Buffer;
  /** Where its chunks end. */
  readonly end: number;
}

/**
 * What a backup says of itself, after every byte of it was checked against its checksum; needs no key. Rejects with
 * `BackupError` of kind `not_a_backup`, `damaged` or `newer`, or with what the system says of the file.
 */
export async function checkBackup(file: string): Promise<BackupHeader> {
  const handle = await open(file, 'r');
  try {
    const { header } = await checked(handle, file);
    return header;
  } finally {
    await handle.close();
  }
}

/** Opens a backup and hands its parts on. Rejects like `checkBackup`, and with `foreign_key`. */
export async function readBackup(file: string, opener: Opener, sink: PartSink): Promise<BackupHeader> {
  const handle = await open(file, 'r');
  try {
    const { header, front, end } = await checked(handle, file);
    const contentKey = await unwrap(header.recipients, opener);
    if (contentKey === undefined) throw foreignKey(file, header);
    const source = Readable.from(opened(handle, new Chunks(contentKey, front), front.length, end));
    const gunzip = createGunzip();
    source.on('error', (error) => gunzip.destroy(error));
    await readParts(source.pipe(gunzip), sink);
    return header;
  } catch (error) {
    if (!isCompressionError(error)) throw error;
    throw new BackupError('damaged', `${file} is damaged: its content can't be unpacked.`, { cause: error });
  } finally {
    await handle.close();
  }
}

async function checked(handle: FileHandle, file: string): Promise<Checked> {
  const { size } = await handle.stat();
  const prefix = await bytesAt(handle, 0, PREFIX_BYTES);
  if (!prefix.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new BackupError('not_a_backup', `${file} is no backup of lockhub.`);
  }
  const end = size - CHECKSUM_BYTES;
  if (
    end <= PREFIX_BYTES ||
    !(await checksumOf(handle, end)).equals(await bytesAt(handle, end, CHECKSUM_BYTES))
  ) {
    throw new BackupError('damaged', `${file} is damaged or not complete: its checksum is another one.`);
  }
  const version = prefix.readUInt8(MAGIC.length);
  if (version !== FORMAT_VERSION) {
    throw new BackupError(
      'newer',
      `${file} was made by a newer lockhub (format ${version}, this one knows ${FORMAT_VERSION}). Install that version.`,
    );
  }
  const headerBytes = prefix.readUInt32BE(MAGIC.length + 1);
  const frontBytes = PREFIX_BYTES + headerBytes;
  if (headerBytes > HEADER_BYTES_MAX || frontBytes > end) {
    throw new BackupError('damaged', `${file} is damaged: its header is longer than the file.`);
  }
  const front = await bytesAt(handle, 0, frontBytes);
  return { header: parseHeader(front.toString('utf8', PREFIX_BYTES)), front, end };
}

async function checksumOf(handle: FileHandle, end: number): Promise<Buffer> {
  const hash = createHash('sha256');
  for (let at = 0; at < end; at += CHUNK_BYTES) {
    hash.update(await bytesAt(handle, at, Math.min(CHUNK_BYTES, end - at)));
  }
  return hash.digest();
}

async function* opened(
  handle: FileHandle,
  chunks: Chunks,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  for (let at = start, number = 0; at < end; at += SEALED_CHUNK_BYTES, number += 1) {
    const sealed = await bytesAt(handle, at, Math.min(SEALED_CHUNK_BYTES, end - at));
    yield chunks.open(sealed, number, at + SEALED_CHUNK_BYTES >= end);
  }
}

/** Fewer bytes where the file ends. */
async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, at + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

function foreignKey(file: string, { hub_id: hubId, recipients }: BackupHeader): BackupError {
  const hasRecovery = recipients.some(({ kind }) => kind === 'recovery');
  const who = hasRecovery
    ? 'the recovery key that it was made for'
    : `the key file of ${hubId}, for it was made before there was a recovery key`;
  return new BackupError('foreign_key', `${file} can't be opened with this key: it needs ${who}.`);
}

function isCompressionError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
