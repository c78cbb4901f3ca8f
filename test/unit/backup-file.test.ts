import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PartSink } from '../../src/backup/content.ts';
import { CHECKSUM_BYTES, FORMAT_VERSION, MAGIC } from '../../src/backup/envelope.ts';
import { BackupError } from '../../src/backup/errors.ts';
import { checkBackup, readBackup } from '../../src/backup/read-file.ts';
import { RecoveryKey } from '../../src/backup/recovery-key.ts';
import { writeBackup } from '../../src/backup/write-file.ts';
import { HubKey } from '../../src/store/key.ts';

/** Several chunks, of what does not compress. */
const DATABASE = randomBytes(300_000);
const hubKey = HubKey.generate();
const recoveryKey = RecoveryKey.generate();
let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-backup-file-'));
  file = path.join(folder, 'one.lockhub-backup');
  await write(file, [recoveryKey.publicKey]);
});

afterAll(() => rmSync(folder, { recursive: true }));

function write(to: string, publicKeys: readonly string[]): Promise<number> {
  return writeBackup({
    file: to,
    header: {
      hub_id: 'hub-1',
      made_at: '2026-03-02T12:00:00Z',
      version: '1.2.3',
      reason: 'nightly',
      digest: 'a'.repeat(64),
    },
    parts: [
      { name: 'hub.key', from: Buffer.from('secret text of the key') },
      { name: 'config.json', from: Buffer.alloc(0) },
      { name: 'lockhub.db', from: DATABASE },
    ],
    hubKey,
    publicKeys,
  });
}

function collecting(): PartSink & { readonly parts: Map<string, Buffer> } {
  const parts = new Map<string, Buffer>();
  let name = '';
  return {
    parts,
    begin: (begun) => {
      name = begun;
      parts.set(name, Buffer.alloc(0));
    },
    content: (piece) => parts.set(name, Buffer.concat([parts.get(name) ?? Buffer.alloc(0), piece])),
    end: () => undefined,
  };
}

async function kindOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'opened',
    (error: unknown) => (error instanceof BackupError ? error.kind : String(error)),
  );
}

/** With the right checksum, as somebody could make it who has no key. */
function resealed(bytes: Buffer): Buffer {
  const body = bytes.subarray(0, bytes.length - CHECKSUM_BYTES);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

it('opens with the key of the hub and with the recovery key, to the byte', async () => {
  for (const opener of [hubKey, RecoveryKey.parse(recoveryKey.reveal())]) {
    const sink = collecting();
    expect(await readBackup(file, opener, sink)).toMatchObject({ hub_id: 'hub-1', version: '1.2.3' });
    expect(sink.parts.get('lockhub.db')?.equals(DATABASE)).toBe(true);
    expect(sink.parts.get('hub.key')?.toString()).toBe('secret text of the key');
    expect(sink.parts.get('config.json')).toHaveLength(0);
  }
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('shows nothing of its content in clear, and itself without a key', async () => {
  expect(readFileSync(file).includes('secret text')).toBe(false);
  expect(await checkBackup(file)).toMatchObject({ hub_id: 'hub-1', made_at: '2026-03-02T12:00:00Z' });
});

it('is refused with another key, and says which it needs', async () => {
  const sink = collecting();
  expect(await kindOf(readBackup(file, HubKey.generate(), sink))).toBe('foreign_key');
  expect(await kindOf(readBackup(file, RecoveryKey.generate(), sink))).toBe('foreign_key');
  const own = path.join(folder, 'own.lockhub-backup');
  await write(own, []);
  await expect(readBackup(own, recoveryKey, sink)).rejects.toThrow(/key file of hub-1/);
  expect(sink.parts.size).toBe(0);
});

it('is refused with any byte changed, wherever that is', async () => {
  const bytes = readFileSync(file);
  const broken = path.join(folder, 'broken');
  const step = Math.floor(bytes.length / 150);
  const sampled = [...Array(60).keys(), ...Array.from({ length: 150 }, (_, index) => index * step)];
  for (const at of [...sampled, bytes.length - 1, bytes.length - CHECKSUM_BYTES - 1]) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    writeFileSync(broken, changed);
    expect(`${at} ${await kindOf(checkBackup(broken))}`).toBe(
      `${at} ${at < MAGIC.length ? 'not_a_backup' : 'damaged'}`,
    );
  }
});

it('is refused with any byte changed by somebody who mends the checksum', async () => {
  const bytes = readFileSync(file);
  const broken = path.join(folder, 'mended');
  const step = Math.floor(bytes.length / 60);
  for (let at = MAGIC.length + 1; at < bytes.length - CHECKSUM_BYTES; at += step) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    writeFileSync(broken, resealed(changed));
    expect(['damaged', 'foreign_key']).toContain(await kindOf(readBackup(broken, hubKey, collecting())));
  }
});

it('is refused when it was cut off, also at a border of chunks and with the checksum mended', async () => {
  const bytes = readFileSync(file);
  const cut = path.join(folder, 'cut');
  for (const length of [0, 5, 13, 200, 70_000, bytes.length - 1]) {
    writeFileSync(cut, bytes.subarray(0, length));
    expect(await kindOf(readBackup(cut, hubKey, collecting()))).toBe(length < 8 ? 'not_a_backup' : 'damaged');
  }
  const front = bytes.readUInt32BE(MAGIC.length + 1) + MAGIC.length + 5;
  const twoChunks = bytes.subarray(0, front + 2 * (64 * 1024 + 16));
  writeFileSync(cut, resealed(Buffer.concat([twoChunks, Buffer.alloc(CHECKSUM_BYTES)])));
  expect(await kindOf(readBackup(cut, hubKey, collecting()))).toBe('damaged');
});

it('says that a newer program made it', async () => {
  const bytes = Buffer.from(readFileSync(file));
  bytes[MAGIC.length] = FORMAT_VERSION + 1;
  const newer = path.join(folder, 'newer');
  writeFileSync(newer, resealed(bytes));
  expect(await kindOf(readBackup(newer, hubKey, collecting()))).toBe('newer');
});

it('leaves nothing behind where it can not be written', async () => {
  expect(await kindOf(write(path.join(folder, 'missing', 'x'), []))).toBe('no_place');
  expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
});

it('a recovery key is read as people type it, a slip of the pen is told, and it can not be printed', () => {
  const text = recoveryKey.reveal();
  expect(text).toMatch(/^([0-9A-Z]{7}-){7}[0-9A-Z]{7}$/);
  expect(RecoveryKey.parse(` ${text.toLowerCase().replaceAll('-', ' ')}\n`).publicKey).toBe(
    recoveryKey.publicKey,
  );
  const other = text.endsWith('A') ? 'B' : 'A';
  expect(() => RecoveryKey.parse(text.slice(0, -1) + other)).toThrow(BackupError);
  expect(() => RecoveryKey.parse('nonsense')).toThrow(/no recovery key/);
  expect(`${JSON.stringify({ recoveryKey })} ${String(recoveryKey)}`).not.toContain(text.slice(0, 7));
});
