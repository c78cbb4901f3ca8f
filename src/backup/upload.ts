import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, type CommandOutcome } from '../core/command.ts';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';

const TRIES = 3;
const PAUSE_MS = 5 * SECOND_MS;
/** For one try: a backup has some megabytes, and a site may have a slow line. */
const TRY_MS = 10 * MINUTE_MS;

/**
 * Puts a backup where the cloud wants it (HTTP `PUT` with `Content-Length`, as object stores take it by presigned
 * addresses), or nowhere. The address may be the permission, so no word of it but its host is ever told.
 */
export async function handOver(
  file: string,
  url: string | null,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const { size } = await stat(file);
  const result = { name: path.basename(file), size_bytes: size, sha256: await sha256Of(file) };
  if (url === null) return { state: 'succeeded', result: { ...result, uploaded: false } };
  let trouble = '';
  for (let tried = 1; tried <= TRIES && !signal.aborted; tried += 1) {
    if (tried > 1) await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    const answer = await put(file, url, signal);
    if (answer === null) return { state: 'succeeded', result: { ...result, uploaded: true } };
    ({ trouble } = answer);
    if (answer.isFinal) break;
  }
  const { host } = new URL(url);
  return failed(
    'upload_failed',
    `The backup ${result.name} was made, but ${host} did not take it: ${trouble}`,
  );
}

/** `null`: it was taken. `isFinal`: asking again changes nothing. */
async function put(
  file: string,
  url: string,
  signal: AbortSignal,
): Promise<{ readonly trouble: string; readonly isFinal: boolean } | null> {
  try {
    const { ok, status } = await fetch(url, {
      method: 'PUT',
      body: await openAsBlob(file, { type: 'application/octet-stream' }),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]),
    });
    return ok ? null : { trouble: `it answered ${status}.`, isFinal: status >= 400 && status < 500 };
  } catch (error) {
    return { trouble: `${reasonOf(error)}.`, isFinal: false };
  }
}

/** What the system or the protocol said, without the address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error && cause.name === 'TimeoutError'
    ? 'it took too long'
    : 'the connection failed';
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
