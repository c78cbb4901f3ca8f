import { signal } from '@preact/signals';
import type { Overview, StreamMessage } from '../http/page/types.ts';
import { again } from './again.ts';
import { ApiError, pageGet } from './api.ts';
import { hubSays, now } from './time.ts';

/** How long nothing may be heard before the page says that it is not live; the hub says something every 15 s. */
const SILENCE_MS = 40_000;
const RETRY_MS = 2000;
const KINDS = ['hello', 'changed', 'event', 'command', 'pairing', 'log'] as const;

/** `live`: what is shown is how it is. `lost`: how it was at `since`. */
export type Liveness =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly since: Date };

export const liveness = signal<Liveness>({ kind: 'connecting' });
export const overview = signal<Overview | null>(null);
/** Why the last reading of the overview failed; `null`: it did not. */
export const overviewFailure = signal<string | null>(null);

type Listener = (message: StreamMessage) => void;
const listeners = new Set<Listener>();
let source: EventSource | null = null;
let silence: ReturnType<typeof setTimeout> | undefined;
let logLevel: string | null = null;

/** Calls back with all that the hub tells from now on, until the returned function is called. */
export function onStream(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Which log lines are wanted; `null`: none. Opens the stream anew where that changes something. */
export function wantLog(level: string | null): void {
  if (level === logLevel) return;
  logLevel = level;
  openStream();
}

/** Begins to listen to the hub, and goes on for ever. */
export function openStream(): void {
  source?.close();
  const opened = new EventSource(`/page/stream${logLevel === null ? '' : `?log=${logLevel}`}`);
  source = opened;
  heard();
  for (const kind of KINDS) {
    opened.addEventListener(kind, ({ data }: MessageEvent<string>) => {
      heard();
      hear(JSON.parse(data) as StreamMessage);
    });
  }
  opened.addEventListener('alive', heard);
  opened.addEventListener('error', () => {
    lose();
    // A browser gives up by itself only where the hub refused; then it may be that the session is over.
    if (opened.readyState === EventSource.CLOSED && source === opened) {
      void pageGet('session').catch(() => undefined);
      setTimeout(() => source === opened && openStream(), RETRY_MS);
    }
  });
}

function hear(message: StreamMessage): void {
  if (message.kind === 'hello') {
    liveness.value = { kind: 'live' };
    hubSays(message.at);
  }
  if (message.kind === 'hello' || message.kind === 'changed') refreshOverview();
  for (const listener of listeners) listener(message);
}

function heard(): void {
  clearTimeout(silence);
  silence = setTimeout(() => {
    lose();
    openStream();
  }, SILENCE_MS);
}

function lose(): void {
  if (liveness.value.kind !== 'lost') liveness.value = { kind: 'lost', since: new Date(now.value) };
}

/** What cannot be fetched now is fetched when the stream is back or says that something changed. */
const refreshOverview = again(async () => {
  try {
    overview.value = await pageGet<Overview>('overview');
    overviewFailure.value = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    overviewFailure.value = error.message;
  }
});
