import { signal } from '@preact/signals';
import type { LinkCheckResult } from '../../../http/page/types.ts';
import { ApiError } from '../../api.ts';
import { failureOf, runCommand } from '../../run-command.ts';

/** The check of the way to one lock, as far as it is. */
type Check =
  | { readonly kind: 'waiting' | 'running' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly result: LinkCheckResult };

/** By device; kept while the page is open, so that a look at another view loses nothing. */
export const checks = signal<ReadonlyMap<string, Check>>(new Map());
export const isCheckingAll = signal(false);

/** Sends some rounds of frames to a lock and back; never rejects. */
export async function check(deviceId: string): Promise<void> {
  note(deviceId, { kind: 'running' });
  try {
    const ended = await runCommand({ type: 'check_link', device_id: deviceId });
    const failure = failureOf(ended);
    note(
      deviceId,
      failure === null
        ? { kind: 'done', result: ended.result as unknown as LinkCheckResult }
        : { kind: 'failed', message: failure },
    );
  } catch (error) {
    note(deviceId, { kind: 'failed', message: error instanceof ApiError ? error.message : String(error) });
  }
}

/** One lock after the other, for they share the air; until the last one, or until it is stopped. */
export async function checkAll(deviceIds: readonly string[]): Promise<void> {
  if (isCheckingAll.value) return;
  isCheckingAll.value = true;
  for (const deviceId of deviceIds) note(deviceId, { kind: 'waiting' });
  for (const deviceId of deviceIds) {
    if (!isCheckingAll.value) break;
    await check(deviceId);
  }
  stopChecks();
}

/** Begins no other check; what is under way comes to its end. */
export function stopChecks(): void {
  isCheckingAll.value = false;
  checks.value = new Map([...checks.value].filter(([, { kind }]) => kind !== 'waiting'));
}

function note(deviceId: string, state: Check): void {
  checks.value = new Map(checks.value).set(deviceId, state);
}
