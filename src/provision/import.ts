import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parseYaml, readText, type Loaded } from '../config.ts';
import { CREDENTIALS_FOLDER, SEALED_CREDENTIALS_FOLDER } from '../config-path.ts';
import { parseCardConfig, type CardConfig } from './card-config.ts';
import { syncFolder, writeDurably } from './durable.ts';
import { MARK } from './flash/seed.ts';
import { wipe } from './wipe.ts';

/** Begins the note that stands in the card's file afterwards. */
const IMPORTED = '# lockhub has imported this file.';
/** Beside the card's file, for whoever puts the card into a computer. */
const ERROR_FILE = 'lockhub-error.txt';
/** What cloud-init reads once, at the first start, and may hold the key of a wireless network. */
const NETWORK_FILE = 'network-config';
const CONFIG_FILE = 'lockhub.yaml';
/** The config that another import replaced. */
const REPLACED_FILE = 'lockhub.yaml.replaced';
/** What is being written. */
const DRAFT_FILE = '.draft';
const HUB_ID_BYTES = 6;
const KEY_BYTES = 32;

export interface ImportPlaces {
  /** The card's `lockhub.yaml`. */
  readonly from: string;
  /** `/etc/lockhub`, but in a test. */
  readonly to: string;
  /** Group that reads the config: the hub's own. */
  readonly gid: number;
  /** Encrypts a secret, by its name, to this machine; absent, or `null` of it: it is kept in clear, for root alone. */
  readonly seal?: (name: string, secret: string) => Buffer | null;
}

/**
 * Takes over the config that came with the card: secrets to `credentials/`, the rest to `lockhub.yaml`, and then the
 * card's file is wiped. Each step may be the last before a power cut: the next start does it all again, and the card is
 * wiped only after everything is on the disk. Answers what to print; the mistakes are also left on the card.
 */
export function importCard({ from, to, gid, seal }: ImportPlaces): Loaded<readonly string[]> {
  const text = readText(from);
  // What a power cut left half wiped need not be text.
  if (isImported(from)) return finish(from, text.ok ? text.value : null);
  if (!text.ok) return refuse(from, text.mistakes);
  const folders = [CREDENTIALS_FOLDER, SEALED_CREDENTIALS_FOLDER].map((name) => path.join(to, name));
  const known = folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  const card = parseCardConfig(text.value, () => hubIdOf(path.join(to, CONFIG_FILE)), new Set(known));
  if (!card.ok) return refuse(from, card.mistakes);
  const { secrets, config, hubId, newKeyName } = card.value;
  const draft = path.join(to, DRAFT_FILE);
  for (const folder of seal === undefined ? folders.slice(0, 1) : folders) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  for (const [name, secret] of secrets) keepSecret(to, name, secret, seal);
  if (newKeyName !== null) keepSecret(to, newKeyName, randomBytes(KEY_BYTES).toString('hex'), seal);
  keepOld(to, config);
  writeDurably(draft, path.join(to, CONFIG_FILE), config, { uid: ownUid(), gid, mode: 0o640 });
  wipe(from, noteOf(card.value));
  clean(from);
  const names = secrets.size === 0 ? 'no secrets' : `secrets: ${[...secrets.keys()].join(', ')}`;
  return { ok: true, value: [`Imported the config of hub ${hubId} from ${from} (${names}).`] };
}

/** Puts a secret where systemd takes it from, and only there: what another import has put elsewhere goes. */
function keepSecret(to: string, name: string, secret: string, seal: ImportPlaces['seal']): void {
  const draft = path.join(to, DRAFT_FILE);
  const sealed = seal?.(name, secret) ?? null;
  const inClear = path.join(to, CREDENTIALS_FOLDER, name);
  const encrypted = path.join(to, SEALED_CREDENTIALS_FOLDER, name);
  const owner = { uid: ownUid(), gid: ownGid(), mode: 0o600 };
  if (sealed !== null) writeDurably(draft, encrypted, sealed.toString('latin1'), owner);
  else writeDurably(draft, inClear, secret, owner);
  const other = sealed === null ? encrypted : inClear;
  if (!existsSync(other)) return;
  wipe(other, '');
  rmSync(other);
}

function isImported(from: string): boolean {
  return existsSync(from) && readFileSync(from).subarray(0, IMPORTED.length).toString('latin1') === IMPORTED;
}

/** A power cut may have come between two steps of wiping. */
function finish(from: string, found: string | null): Loaded<readonly string[]> {
  const isWiped = found?.split('\n').every((line) => line === '' || line.startsWith('#')) ?? false;
  if (!isWiped) wipe(from, `${IMPORTED}\n# Its config is in /etc/lockhub/lockhub.yaml.\n`);
  clean(from);
  return { ok: true, value: [`${from} was imported before; nothing to do.`] };
}

/** What else of the card has done its work. */
function clean(from: string): void {
  const folder = path.dirname(from);
  rmSync(path.join(folder, ERROR_FILE), { force: true });
  const network = path.join(folder, NETWORK_FILE);
  const isOurs = existsSync(network) && readFileSync(network, 'utf8').startsWith(MARK);
  if (isOurs) wipe(network, `${MARK}\n# It was read at the first start and then wiped.\n`);
  syncFolder(folder);
}

function refuse(from: string, mistakes: readonly string[]): Loaded<never> {
  const folder = path.dirname(from);
  const lines = [
    `lockhub could not import ${path.basename(from)}:`,
    '',
    ...mistakes.map((mistake) => `- ${mistake}`),
  ];
  const advice = `Mend ${path.basename(from)} on this card and start the hub again. Nothing of it was imported.`;
  writeFileSync(path.join(folder, ERROR_FILE), `${[...lines, '', advice].join('\r\n')}\r\n`);
  syncFolder(folder);
  return { ok: false, mistakes };
}

/** The id that this hub has already, or a new one. */
function hubIdOf(config: string): string {
  const text = existsSync(config) ? parseYaml(readFileSync(config, 'utf8')) : undefined;
  const value = text?.ok === true ? (text.value.value as { hub_id?: unknown } | null) : null;
  const known = value?.hub_id;
  return typeof known === 'string' ? known : `hub-${randomBytes(HUB_ID_BYTES).toString('hex')}`;
}

function keepOld(to: string, config: string): void {
  const file = path.join(to, CONFIG_FILE);
  const isOther = existsSync(file) && readFileSync(file, 'utf8') !== config;
  if (isOther) copyFileSync(file, path.join(to, REPLACED_FILE));
}

function noteOf({ hubId, secrets }: CardConfig): string {
  const names = [...secrets.keys()].map((name) => `#   ${name}\n`).join('');
  return `${IMPORTED}
# The hub is called ${hubId}, and its config is in /etc/lockhub/lockhub.yaml.
${names === '' ? '' : `# Secrets that were moved to /etc/lockhub/credentials and wiped here:\n${names}`}# To give it another config, put a whole one in the place of this file.
`;
}

function ownUid(): number {
  return process.getuid?.() ?? 0;
}

function ownGid(): number {
  return process.getgid?.() ?? 0;
}
