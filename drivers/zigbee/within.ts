/** The result, or `undefined` when `timeoutMs` have passed first. Rejects as the work does, unless it is late. */
export async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), Math.max(timeoutMs, 0));
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The result, or `undefined` when the signal comes first. Rejects as the work does, unless it is late. */
export async function unlessEnded<T>(work: Promise<T>, end: AbortSignal): Promise<T | undefined> {
  const ended = Promise.withResolvers<undefined>();
  const onEnd = (): void => ended.resolve(undefined);
  end.addEventListener('abort', onEnd);
  if (end.aborted) onEnd();
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    end.removeEventListener('abort', onEnd);
  }
}
