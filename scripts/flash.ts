import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { cardFileOf } from '../src/provision/flash/card-file.ts';
import { packageMistake, prepare } from '../src/provision/flash/flash.ts';
import { SSH_USER, type Wifi } from '../src/provision/flash/seed.ts';
import { targetOf, type Target } from '../src/provision/flash/target.ts';

const HELP = `Usage: scripts/flash IMAGE|CARD --config lockhub.yaml [options]

Prepares Raspberry Pi OS Lite (64-bit, Trixie, 24 November 2025 or later) as a hub: an image file, or the card
(/dev/sdX, /dev/mmcblkX) that it was written to. Nothing of it has a password.

  --config FILE              the hub's config; files that it names by a relative path go with it
  --deb FILE                 the package for arm64 (default: the newest dist/lockhub_*_arm64.deb)
  --hostname NAME            name on the network (default: hub_id, or "lockhub")
  --ssh-key FILE             public keys (authorized_keys) that may log in as "${SSH_USER}"; default: nobody may
  --wifi NAME                a network without cable; needs both of:
  --wifi-password-file FILE  its password, on one line
  --wifi-country CC          where the hub is, two letters
  --yes                      don't ask before a card is written
`;
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** One line each; nothing was written. */
function refuse(code: number, mistakes: readonly string[]): never {
  process.stderr.write(`${mistakes.join('\n')}\n`);
  process.exit(code);
}

const options = {
  config: { type: 'string' },
  deb: { type: 'string' },
  hostname: { type: 'string' },
  'ssh-key': { type: 'string' },
  wifi: { type: 'string' },
  'wifi-password-file': { type: 'string' },
  'wifi-country': { type: 'string' },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function parsed() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return refuse(EXIT_USAGE, [error instanceof Error ? error.message : String(error)]);
  }
}

const { values, positionals } = parsed();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
await flash();

async function flash(): Promise<void> {
  const [name] = positionals;
  if (name === undefined || positionals.length > 1 || values.config === undefined) {
    refuse(EXIT_USAGE, ['expected one image or card, and --config; see scripts/flash --help']);
  }
  const target = targetOf(name);
  if (!target.ok)
    refuse(
      EXIT_USAGE,
      target.mistakes.map((mistake) => `${name}: ${mistake}`),
    );
  const card = cardFileOf(values.config);
  if (!card.ok) refuse(EXIT_USAGE, card.mistakes);
  const preparation = {
    card: card.value,
    packageFile: packageFile(),
    hostname: hostname(card.value.hubId),
    sshKeys: sshKeys(),
    wifi: wifi(),
  };
  await confirm(target.value);
  const written = await prepare(target.value, preparation).catch((error: unknown) => {
    if (error instanceof Error && 'syscall' in error)
      return { ok: false, mistakes: [error.message] } as const;
    throw error;
  });
  if (!written.ok)
    refuse(
      EXIT_FAILURE,
      written.mistakes.map((mistake) => `${name}: ${mistake}`),
    );
  process.stdout.write(`${name} is ready: ${written.value.join(', ')}.\n`);
  const { hostname: host, sshKeys: keys } = preparation;
  const login =
    keys.length === 0 ? 'Nobody can log in by SSH.' : `Log in with ssh ${SSH_USER}@${host}.local.`;
  process.stdout.write(`The hub is called ${host}. ${login}\n`);
}

function packageFile(): string {
  const found = globSync(path.join(import.meta.dirname, '../dist/lockhub_*_arm64.deb'))
    .toSorted()
    .at(-1);
  const file = values.deb ?? found;
  if (file === undefined)
    refuse(EXIT_USAGE, ['--deb: expected the package that scripts/build-deb --arch arm64 makes']);
  const mistake = packageMistake(file);
  if (mistake !== null) refuse(EXIT_USAGE, [`${file}: ${mistake}`]);
  return file;
}

function hostname(hubId: string | null): string {
  const given = values.hostname ?? (hubId ?? 'lockhub').toLowerCase().replaceAll('_', '-');
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(given)) return given;
  return refuse(EXIT_USAGE, ['--hostname: expected up to 63 small letters, digits and "-"']);
}

function isKey(line: string): boolean {
  return /^(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]{40,}/.test(line);
}

function sshKeys(): readonly string[] {
  if (values['ssh-key'] === undefined) return [];
  const lines = lineOf('--ssh-key', values['ssh-key'])
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length > 0 && lines.every(isKey)) return lines;
  return refuse(EXIT_USAGE, [`--ssh-key: ${values['ssh-key']}: expected public keys of SSH, one a line`]);
}

function wifi(): Wifi | null {
  const { wifi: name, 'wifi-password-file': file, 'wifi-country': country } = values;
  if (name === undefined && file === undefined && country === undefined) return null;
  if (name === undefined || file === undefined || country === undefined) {
    refuse(EXIT_USAGE, ['--wifi: expected all of --wifi, --wifi-password-file and --wifi-country']);
  }
  const password = lineOf('--wifi-password-file', file).replace(/\r?\n$/, '');
  const mistakes = [
    ...(Buffer.byteLength(name) >= 1 && Buffer.byteLength(name) <= 32
      ? []
      : ['--wifi: expected 1 to 32 bytes']),
    ...(/^([\x20-\x7e]{8,63}|[0-9a-fA-F]{64})$/.test(password)
      ? []
      : ['--wifi-password-file: expected 8 to 63 characters on one line']),
    ...(/^[A-Z]{2}$/.test(country) ? [] : ['--wifi-country: expected two capital letters, such as DE']),
  ];
  if (mistakes.length > 0) refuse(EXIT_USAGE, mistakes);
  return { name, password, country };
}

function lineOf(option: string, file: string): string {
  if (!existsSync(file)) refuse(EXIT_USAGE, [`${option}: ${file}: there is no such file`]);
  return readFileSync(file, 'utf8');
}

/** A card is named once more by whoever means it. */
async function confirm({ kind, file, description }: Target): Promise<void> {
  if (kind === 'image' || values.yes) return;
  if (!process.stdin.isTTY) refuse(EXIT_USAGE, [`${file}: expected --yes, or a terminal to ask at`]);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Prepare ${file} (${description})? Type its name to go on: `);
  terminal.close();
  if (answer.trim() !== file) refuse(EXIT_FAILURE, [`${file}: nothing was written`]);
}
