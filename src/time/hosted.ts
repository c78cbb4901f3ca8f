import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { SECOND_MS } from '../core/time.ts';

const ASK_TIMEOUT_MS = 3 * SECOND_MS;

/** What engines of containers leave in theirs: Docker, Podman, and systemd for all others (its container interface). */
const MARKS = ['/.dockerenv', '/run/.containerenv', '/run/systemd/container'];

/**
 * Whether this is a container or a virtual machine, whose clock is kept by the computer below it, where nobody in here
 * can ask for its time service. A single-board computer is neither. Never rejects.
 */
export async function isHosted(): Promise<boolean> {
  const marks = await Promise.all(MARKS.map(isThere));
  return marks.includes(true) || isVirtual();
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** It ends with 0 in either, and with 1 on hardware; without it nobody says so. */
function isVirtual(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('systemd-detect-virt', ['--quiet'], { timeout: ASK_TIMEOUT_MS }, (error) => {
      resolve(error === null);
    });
  });
}
