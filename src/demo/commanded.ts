import type { Backend } from './backend.ts';
import { until } from './check.ts';

/** Has the hub do something, as its cloud may, and waits until it is done. Throws `NotHeld` when it is not in time. */
export async function commanded(
  backend: Backend,
  type: string,
  params: Readonly<Record<string, unknown>>,
  withinMs: number,
): Promise<void> {
  const id = await backend.command(type, params);
  await until(`${type} to succeed`, withinMs, () => {
    const result = backend.results.get(id);
    return { held: result?.state === 'succeeded', seen: JSON.stringify(result) ?? 'no answer' };
  });
}
