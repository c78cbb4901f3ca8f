import { useEffect, useRef, useState } from 'preact/hooks';
import type { StreamMessage } from '../http/page/types.ts';
import { again } from './again.ts';
import { ApiError, pageGet } from './api.ts';
import { onStream } from './live.ts';

/** What is there of something that is fetched: the last answer stays while a new one is on its way or fails. */
interface Fetched<Answer> {
  readonly answer: Answer | null;
  readonly error: ApiError | null;
}

const NOTHING = { answer: null, error: null };

/** Reads `/page/PATH` now and whenever the stream says something that `concerns` it, and after each reconnect. */
export function usePage<Answer>(
  path: string,
  query: Readonly<Record<string, string>>,
  concerns: (message: StreamMessage) => boolean,
): Fetched<Answer> & {
  /** Reads it once more. */
  readonly refresh: () => void;
} {
  const key = `${path}?${new URLSearchParams(query).toString()}`;
  const [state, setState] = useState<Fetched<Answer> & { readonly key: string }>({ ...NOTHING, key });
  const filter = useRef(concerns);
  filter.current = concerns;
  const latest = useRef<() => void>(() => undefined);
  useEffect(() => {
    let isOver = false;
    const refresh = again(async () => {
      if (isOver) return;
      try {
        const answer = await pageGet<Answer>(path, query);
        if (!isOver) setState({ answer, error: null, key });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (!isOver)
          setState((before) => ({ answer: before.key === key ? before.answer : null, error, key }));
      }
    });
    refresh();
    latest.current = refresh;
    const stop = onStream((message) => {
      if (message.kind === 'hello' || filter.current(message)) refresh();
    });
    return () => {
      isOver = true;
      stop();
    };
  }, [key]);
  return { ...(state.key === key ? state : NOTHING), refresh: () => latest.current() };
}
