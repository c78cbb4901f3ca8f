import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { SECOND_MS } from '../core/time.ts';

const ASK_TIMEOUT_MS = 3 * SECOND_MS;

/** What engines of containers leave in theirs: Docker, Podman, and systemd for all others (its container interface). */
const MARKS = ['/.dockerenv', '/run/.containerenv', '/run/systemd/container'];

/**
 * Whether this is a container or a virtual machine, whose clock is kept by the computer below it, where nobody in here
 * can ask for its time service. A single-board computer is neither. Never rejects.
 */
export async function isHosted(): Promise<boolean> {
  return MARKS.some((mark) => existsSync(mark)) || isVirtual();
}

/** It ends with 0 in either, and with 1 on hardware; without it nobody says so. */
function isVirtual(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('systemd-detect-virt', ['--quiet'], { timeout: ASK_TIMEOUT_MS }, (error) => {
      resolve(error === null);
    });
  });
}
