import { Webhook as Signer } from 'standardwebhooks';
import { SECOND_MS, type Instant } from '../../core/time.ts';

/** Longest time that a receiver may take, all of its answer included. */
export const DELIVERY_TIMEOUT_MS = 15 * SECOND_MS;

/** So much of an answer is read, so that its connection serves for the next event; with more in it the connection ends. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** One event on its way to one receiver. */
export interface Message {
  readonly url: string;
  readonly secret: string;
  /** The same whenever this event is sent to this receiver. */
  readonly id: string;
  readonly body: string;
}

/** What became of it. `lost`: the receiver does not have it, or nobody knows. */
export type Delivery =
  | { readonly kind: 'taken' }
  /** A few words for a person, without the address, which may hold a secret. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Sends it once. Never rejects; ends early when `stopped` aborts. */
export async function deliver(
  message: Message,
  at: Instant,
  timeoutMs: number,
  stopped: AbortSignal,
): Promise<Delivery> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(message.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'lockhub', ...signed(message, at) },
      body: message.body,
      redirect: 'manual',
      signal: AbortSignal.any([timeout, stopped]),
    });
    await readToItsEnd(response).catch(() => undefined);
    return response.ok ? { kind: 'taken' } : { kind: 'lost', reason: `answered ${response.status}` };
  } catch (error) {
    if (timeout.aborted) return { kind: 'lost', reason: `no answer within ${timeoutMs} ms` };
    return { kind: 'lost', reason: reasonOf(error) };
  }
}

/** In the Svix form, which is older than the standard and has names of its own for the headers. */
function signed({ secret, id, body }: Message, at: Instant): Readonly<Record<string, string>> {
  const seconds = Math.floor(at / SECOND_MS);
  const signature = new Signer(secret).sign(id, new Date(seconds * SECOND_MS), body);
  return { 'svix-id': id, 'svix-timestamp': String(seconds), 'svix-signature': signature };
}

/** The status has said all. What follows it must neither fill the memory nor take more than the time that there is. */
async function readToItsEnd({ body }: Response): Promise<void> {
  if (body === null) return;
  let bytes = 0;
  // Leaving the loop cancels the body, and with it the connection.
  for await (const part of body as AsyncIterable<Uint8Array>) {
    bytes += part.byteLength;
    if (bytes > ANSWER_BYTES_MAX) return;
  }
}

/** `fetch` says only that it failed; the code of the system or of its library says why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.name : 'unknown';
}
