/**
 * Resolves after `durationMs` of real time, or when `signal` aborts. Never rejects. Waits of the link go by
 * elapsed time and not by the wall clock, which can step by years while the internet is away.
 */
export function elapsed(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    signal.addEventListener('abort', finish);
  });
}
