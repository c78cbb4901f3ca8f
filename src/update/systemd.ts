import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Service } from './supervise.ts';

/** systemd kills a hub that does not end within 10 s. */
const SYSTEMCTL_TIMEOUT_MS = 60_000;
const HUB = 'lockhub.service';
const SAFE_MODE = 'lockhub-safe.service';

/** The hub as a service of systemd. */
export const SYSTEMD: Service = {
  stop: () => systemctl('stop', HUB, SAFE_MODE),
  start: async () => {
    // Its starts are counted anew, so that those of a version that failed are not held against the other one.
    await systemctl('reset-failed', HUB).catch(() => undefined);
    // Not waited for: whether it gets ready is what is to be seen.
    await systemctl('--no-block', 'start', HUB);
  },
};

async function systemctl(...args: readonly string[]): Promise<void> {
  await promisify(execFile)('systemctl', [...args], { timeout: SYSTEMCTL_TIMEOUT_MS });
}
