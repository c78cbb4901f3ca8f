import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino, type Logger } from 'pino';
import { expect } from 'vitest';
import type { OfflineWindow } from '../../src/core/offline/window.ts';
import type { Pin } from '../../src/core/pin.ts';
import type { OfflineIssueOutcome, OfflineIssueRequest } from '../../src/offline-issuer.ts';

/** A log that a test can read, at its most talkative. */
export function readableLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  return { log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }), lines };
}

/** A file with a secret in a folder of its own. */
export class SecretFile {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-vendor-'));
  readonly file = path.join(this.#folder, 'secret');

  write(secret: string): void {
    writeFileSync(this.file, `${secret}\n`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export function requestOf(
  address: string,
  window: Omit<OfflineWindow, 'levelId'> & { readonly levelId?: string | null },
  accessCodeId: string = randomUUID(),
): OfflineIssueRequest {
  return { accessCodeId, address, window: { levelId: null, ...window }, name: 'Ada' };
}

/** The digits of a code that was issued. */
export function issuedPin(outcome: OfflineIssueOutcome): Pin {
  expect(outcome).toMatchObject({ kind: 'issued' });
  if (outcome.kind !== 'issued') throw new Error('Not issued.');
  return outcome.pin;
}
