import { rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { HubWords } from './observations.ts';

const LINE_NAME = 'doctor.sock';
/** More than any hub has to say. */
const WORDS_BYTES_MAX = 1024 * 1024;

const wordsSchema: z.ZodType<HubWords> = z.object({
  clock: z.object({
    earliest: z.number(),
    latest: z.number().nullable(),
    followsMachine: z.boolean(),
    isDisputed: z.boolean(),
  }),
  backupFailure: z.string().nullable(),
  radios: z.array(
    z.object({
      radio: z.enum(['zwave', 'zigbee']),
      state: z.enum(['starting', 'ready', 'down']),
      message: z.string(),
      controller: z.string().nullable(),
    }),
  ),
  links: z.array(
    z.object({
      section: z.string(),
      status: z.enum(['connecting', 'online', 'waiting', 'refused', 'stopped']),
      lastFailure: z.string().nullable(),
    }),
  ),
  safeMode: z.string().nullable(),
  pageFailure: z.string().nullable(),
  signals: z.array(
    z.object({
      deviceId: z.string(),
      rssiDbm: z.number().nullable(),
      linkQuality: z.number().nullable(),
    }),
  ),
});

/** What became of asking: a hub that does not listen (yet), one that says nothing, or its words. */
export type Asked =
  | { readonly kind: 'absent' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'words'; readonly words: HubWords };

/**
 * A socket in the data directory at which a running hub says how it is: whoever may enter that directory may ask. What
 * keeps it from listening stops nothing. Returns how to end it.
 */
export function openLine(dataDir: string, say: () => HubWords, log: Logger): () => void {
  const file = path.join(dataDir, LINE_NAME);
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(JSON.stringify(say()));
  });
  server.on('error', (error) => log.warn({ reason: error.message }, 'the doctor can not ask this hub'));
  // Left by a hub that was killed; the data directory is this one's now.
  rmSync(file, { force: true });
  server.listen(file);
  // It must not keep a process alive that has ended otherwise.
  server.unref();
  return () => server.close();
}

/** Asks a running hub how it is. Never rejects. */
export function askHub(dataDir: string, timeoutMs: number): Promise<Asked> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = net.connect(path.join(dataDir, LINE_NAME));
    const finish = (asked: Asked): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(asked);
    };
    const timer = setTimeout(() => finish({ kind: 'silent' }), timeoutMs);
    socket.on('error', () => finish({ kind: 'absent' }));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= WORDS_BYTES_MAX) chunks.push(chunk);
    });
    socket.on('end', () => {
      const words = wordsSchema.safeParse(jsonOf(Buffer.concat(chunks).toString()));
      finish(words.success ? { kind: 'words', words: words.data } : { kind: 'absent' });
    });
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
