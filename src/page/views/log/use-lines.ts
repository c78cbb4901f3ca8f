import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogAnswer, LogLine } from '../../../http/page/types.ts';
import { again } from '../../again.ts';
import { ApiError, pageGet } from '../../api.ts';
import { onStream, wantLog } from '../../live.ts';
import { merged, type Level } from './lines.ts';

/** Lines that come close together are drawn together. */
const DRAW_EVERY_MS = 250;

/** The log from `level` on, live for as long as somebody looks at it. */
export function useLines(level: Level) {
  const [lines, setLines] = useState<readonly LogLine[] | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const bootId = useRef<string | null>(null);
  useEffect(() => {
    let isOver = false;
    let waiting: LogLine[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      const more = waiting;
      waiting = [];
      timer = undefined;
      setLines((known) => merged(known ?? [], more));
    };
    // Lines that were logged while the stream was away are only in the memory of the hub.
    const fetchAll = again(async () => {
      try {
        const { lines: more } = await pageGet<LogAnswer>('log', { level });
        if (isOver) return;
        setError(null);
        setLines((known) => merged(known ?? [], more));
      } catch (failure) {
        if (!(failure instanceof ApiError)) throw failure;
        if (!isOver) setError(failure);
      }
    });
    const stop = onStream((message) => {
      if (message.kind === 'hello') {
        // A hub that started anew counts its lines from the beginning.
        if (bootId.current !== null && bootId.current !== message.boot_id) setLines(null);
        bootId.current = message.boot_id;
        fetchAll();
      } else if (message.kind === 'log') {
        waiting.push(message.line);
        timer ??= setTimeout(draw, DRAW_EVERY_MS);
      }
    });
    fetchAll();
    wantLog(level);
    return () => {
      isOver = true;
      clearTimeout(timer);
      stop();
    };
  }, [level]);
  useEffect(() => () => wantLog(null), []);
  return { lines, error };
}
