import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { ownedLike, syncPath } from '../backup/disk.ts';
import type { KeyOptions } from '../program-backup.ts';
import type { OfferOptions } from '../program-update.ts';
import { UpdateError } from './errors.ts';
import { makeInbox, readOffer, writeOffer } from './offer.ts';
import { inboxOf, installRoot } from './places.ts';
import { presentOf } from './present.ts';
import { releaseOf } from './release.ts';
import { applyUpdate, guardStart, PROVE_WITHIN_MS } from './supervise.ts';
import { SYSTEMD } from './systemd.ts';
import { readLast, readTrial } from './trial.ts';

/** Longest wait for the signature of an archive on the network. */
const SIGNATURE_WITHIN_MS = 30_000;

/** What a command needs of the program around it. */
export interface UpdateShell {
  /** Rejects when the config is wrong. */
  readonly configOf: (file: string) => Promise<Config>;
  /** Prints a line while the command goes on. */
  readonly say: (line: string) => void;
}

/** `lockhub update offer`: the hub, which may run, takes it when the time is right. Rejects with `UpdateError`. */
async function offer(
  from: string,
  { config: file, signature: signatureFile, allowDowngrade }: OfferOptions,
  { configOf }: UpdateShell,
): Promise<readonly string[]> {
  const config = await configOf(file);
  const isRemote = /^https?:\/\//.test(from);
  const signature = await signatureText(from, signatureFile, isRemote);
  const release = releaseOf(signature, presentOf(config), allowDowngrade);
  const { archive } = inboxOf(config.dataDir);
  if (!isRemote) {
    await release.signature.check(from);
    makeInbox(config.dataDir);
    cpSync(from, `${archive}.new`);
    ownedLike(`${archive}.new`, config.dataDir);
    syncPath(`${archive}.new`);
    renameSync(`${archive}.new`, archive);
    syncPath(path.dirname(archive));
  }
  const url = isRemote ? from : null;
  writeOffer(config.dataDir, {
    id: randomUUID(),
    url,
    signature,
    allow_downgrade: allowDowngrade,
    expires_at: null,
  });
  return [
    `Version ${release.version} is offered; the hub takes it when no code begins or ends within 90 minutes.`,
  ];
}

/** `lockhub update status`. */
async function status({ config: file }: KeyOptions, { configOf }: UpdateShell): Promise<readonly string[]> {
  const config = await configOf(file);
  const root = rootOrThrow();
  const trial = readTrial(root);
  const last = readLast(root);
  const offered = readOffer(config.dataDir);
  const { version } = presentOf(config);
  return [
    `version ${version}`,
    ...(trial === null ? [] : [`on trial: ${trial.to}, in place of ${trial.from} (${trial.phase})`]),
    offered === null
      ? 'nothing is offered'
      : `offered: update ${offered.id}; the page of the hub says what it waits for`,
    ...(last === null
      ? []
      : [
          `last update: from ${last.from} to ${last.to}: ${last.outcome}${last.reason === null ? '' : ` (${last.reason})`}`,
        ]),
  ];
}

/** `lockhub update apply`: what `lockhub-update.service` runs as root. */
async function apply(
  { config: file }: KeyOptions,
  { configOf, say }: UpdateShell,
): Promise<readonly string[]> {
  const config = await configOf(file);
  const present = presentOf(config);
  const proveWithinMs = PROVE_WITHIN_MS;
  await applyUpdate({ root: rootOrThrow(), config, present, service: SYSTEMD, say, proveWithinMs });
  return [];
}

/**
 * `lockhub update guard`: what runs before each start of the hub, by the newest version that has proved itself. It reads no
 * config, so that a broken one keeps no hub from going back.
 */
async function guard(): Promise<readonly string[]> {
  await guardStart(rootOrThrow());
  return [];
}

/** The commands about updates. */
export const updateCommands = { offer, status, apply, guard };

function rootOrThrow(): string {
  const root = installRoot(fileURLToPath(import.meta.url));
  if (root === null) throw new UpdateError('This lockhub was not installed as one that updates itself.');
  return root;
}

async function signatureText(from: string, file: string | undefined, isRemote: boolean): Promise<string> {
  if (file !== undefined || !isRemote) return readFileSync(file ?? `${from}.minisig`, 'utf8');
  const response = await fetch(`${from}.minisig`, { signal: AbortSignal.timeout(SIGNATURE_WITHIN_MS) });
  if (!response.ok) throw new UpdateError(`${from}.minisig: the server answers ${response.status}.`);
  return response.text();
}
