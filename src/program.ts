import { Command, InvalidArgumentError, Option } from 'commander';
import { SCOPES, type Scope } from './core/scope.ts';
import { addBackup, CONFIG, type BackupWork, type KeyOptions } from './program-backup.ts';
import { addUpdate, type UpdateWork } from './program-update.ts';
import { addSecrets, type SecretActions } from './program-secrets.ts';
import { EXIT_TRY_AGAIN, SAFE_MODE_MINUTES } from './system/exit.ts';

const PORT_MAX = 65_535;
const SEED_MAX = 2 ** 32 - 1;
const MINUTES_MAX = 1440;

export interface RunOptions {
  readonly config: string;
  readonly safeMode: boolean;
  readonly retryMinutes: number;
}

export interface DemoOptions {
  readonly mqttPort?: number;
  readonly httpPort?: number;
  readonly dataDir?: string;
  readonly json: boolean;
  readonly tour: boolean;
}

export interface SimulateOptions {
  readonly zwavePort: number;
  readonly controlPort: number;
  readonly zigbeePort?: number;
  readonly zigbeeMemory?: string;
  readonly keysFile?: string;
  readonly house?: string;
  readonly seed?: number;
}

interface DoctorOptions {
  readonly config: string;
  readonly json: boolean;
}

export interface CloudOptions {
  readonly url: string;
  readonly hub?: string;
  readonly db: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly issuerCert?: string;
  readonly issuerKey?: string;
  readonly crlFile?: string;
  readonly wipeKey?: string;
  readonly seal: boolean;
  readonly json: boolean;
}

interface NamedKeyOptions extends KeyOptions {
  readonly name: string;
}

interface NewKeyOptions extends NamedKeyOptions {
  readonly scope: readonly Scope[];
}

interface ClaimOptions extends KeyOptions {
  readonly again: boolean;
}

/** What the commands do. */
export interface Actions extends SecretActions {
  run(options: RunOptions): Promise<void>;
  demo(options: DemoOptions): Promise<void>;
  simulate(options: SimulateOptions): Promise<void>;
  cloud(options: CloudOptions): Promise<void>;
  doctor(options: DoctorOptions): Promise<void>;
  createKey(options: NewKeyOptions): Promise<void>;
  listKeys(options: KeyOptions): Promise<void>;
  revokeKey(options: NamedKeyOptions): Promise<void>;
  loginLink(options: KeyOptions): Promise<void>;
  importCard(options: { readonly from: string }): Promise<void>;
  claim(options: ClaimOptions): Promise<void>;
  sticks(options: { readonly json: boolean }): Promise<void>;
  deleteLeftovers(options: KeyOptions): Promise<void>;
  /** One of the commands about backups. */
  backups(work: BackupWork): Promise<void>;
  /** One of the commands about updates. */
  updates(work: UpdateWork): Promise<void>;
}

/** The command line. Parsing rejects with a `CommanderError` after one line on standard error; code 0 for help. */
export function commandLine(version: string, actions: Actions): Command {
  const lockhub = new Command('lockhub')
    .description('Access codes on keypad locks: wanted by a cloud over MQTT, kept true by this hub.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError(false);
  lockhub
    .command('run')
    .description('run the hub until SIGTERM or SIGINT')
    .requiredOption(...CONFIG)
    .option('--safe-mode', 'only take off codes that have ended, and serve the page', false)
    .option(
      '--retry-minutes <n>',
      `safe mode: then it ends with ${EXIT_TRY_AGAIN}, for the ordinary hub to be tried again`,
      minutesOf,
      SAFE_MODE_MINUTES,
    )
    .action((options: RunOptions) => actions.run(options));
  lockhub
    .command('demo')
    .description('a whole hub on this machine: simulated house, MQTT broker, sample locks and codes')
    .option('--mqtt-port <n>', 'port of the broker (default: 1883, or a free one if that is taken)', portOf)
    .option('--http-port <n>', 'port of the local API and page (default: 8080, or a free one)', portOf)
    .option('--data-dir <dir>', "keep the hub's data here (default: a folder that is removed at the end)")
    .option('--json', 'print JSON lines only', false)
    .option('--tour', 'play a guided story of at most 120 s; exit 0 only if every step held', false)
    .action((options: DemoOptions) => actions.demo(options));
  lockhub
    .command('simulate')
    .description(
      'only the simulated house: Z-Wave Serial API, Zigbee ZNP and the control interface, on loopback',
    )
    .requiredOption('--zwave-port <n>', 'port of the Z-Wave stick (0: a free one)', portOf)
    .requiredOption('--control-port <n>', 'port of the control interface over HTTP (0: a free one)', portOf)
    .option(
      '--zigbee-port <n>',
      'port of a Zigbee stick that speaks ZNP (0: a free one; default: no Zigbee)',
      portOf,
    )
    .option('--zigbee-memory <file>', 'where Zigbee stick and locks keep their network over a restart')
    .option('--keys-file <file>', 'where to write the security keys of the network')
    .option('--house <file>', 'the locks of the house (YAML; default: one lock of each model)')
    .option('--seed <n>', 'seed of all that is random in the house', seedOf)
    .action((options: SimulateOptions) => actions.simulate(options));
  addCloud(lockhub, actions);
  addDoctor(lockhub, actions);
  addAccess(lockhub, actions);
  addProvisioning(lockhub, actions);
  addLeftovers(lockhub, actions);
  addSecrets(lockhub, actions);
  addBackup(lockhub, (work) => actions.backups(work));
  addUpdate(lockhub, (work) => actions.updates(work));
  return lockhub;
}

function addAccess(lockhub: Command, actions: Actions): void {
  const key = lockhub.command('key').description('keys of the local API, also while the hub runs');
  const name = ['--name <name>', 'what the key is for', keyNameOf] as const;
  key
    .command('create')
    .description('make a key and print it, this once')
    .requiredOption(...CONFIG)
    .requiredOption(...name)
    .addOption(
      new Option('--scope <scope...>', 'what it may do; write includes read, admin includes write')
        .choices(SCOPES)
        .default(['write', 'pins']),
    )
    .action((options: NewKeyOptions) => actions.createKey(options));
  key
    .command('list')
    .description('names, scopes and last use of all keys')
    .requiredOption(...CONFIG)
    .action((options: KeyOptions) => actions.listKeys(options));
  key
    .command('revoke')
    .description('end a key at once')
    .requiredOption(...CONFIG)
    .requiredOption(...name)
    .action((options: NamedKeyOptions) => actions.revokeKey(options));
  lockhub
    .command('login-link')
    .description('print a link that lets a person log in at the page once, within ten minutes')
    .requiredOption(...CONFIG)
    .action((options: KeyOptions) => actions.loginLink(options));
  lockhub
    .command('claim')
    .description('show the code by which a cloud claims this hub, as a QR and in letters')
    .requiredOption(...CONFIG)
    .option('--again', 'forget who claimed it, with its key and certificate, and have it claimed anew', false)
    .action((options: ClaimOptions) => actions.claim(options));
}

function addProvisioning(lockhub: Command, actions: Actions): void {
  lockhub
    .command('import')
    .description("take over a card's config and wipe it there; as root, before the hub starts")
    .requiredOption('--from <file>', 'the lockhub.yaml of the card, which may have its secrets in it')
    .action((options: { readonly from: string }) => actions.importCard(options));
  lockhub
    .command('sticks')
    .description('the radio sticks of this machine, and the lines of a config for them; opens none')
    .option('--json', 'print one JSON list', false)
    .action((options: { readonly json: boolean }) => actions.sticks(options));
}

function addLeftovers(lockhub: Command, actions: Actions): void {
  lockhub
    .command('delete-leftovers')
    .description('delete the files that a hub which was wiped may not delete; as root, by its service')
    .requiredOption(...CONFIG)
    .action((options: KeyOptions) => actions.deleteLeftovers(options));
}

function addDoctor(lockhub: Command, actions: Actions): void {
  lockhub
    .command('doctor')
    .description('look for what is wrong with a hub and its machine; ends with 1 if something is')
    .requiredOption(...CONFIG)
    .option('--json', 'print one JSON object', false)
    .action((options: DoctorOptions) => actions.doctor(options));
}

function keyNameOf(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]{0,62}[\x21-\x7e])?$/.test(text)) return text;
  throw new InvalidArgumentError('Expected up to 64 letters, digits, signs and spaces.');
}

function addCloud(lockhub: Command, actions: Actions): void {
  lockhub
    .command('cloud')
    .description('a reference cloud for backend developers: commands line by line, "help" lists them')
    .requiredOption('--url <url>', 'the broker: mqtt://, mqtts://, ws:// or wss://', urlOf)
    .option('--hub <id>', 'only this hub (default: every hub that speaks)', hubOf)
    .option('--db <file>', 'where it keeps what it wants and hears', 'lockhub-cloud.db')
    .option('--username <name>', 'login at the broker')
    .option('--password-file <file>', 'a file with the password only')
    .option('--ca-file <file>', "PEM; believed instead of the system's authorities")
    .option('--cert-file <file>', 'PEM; a client certificate')
    .option('--key-file <file>', 'PEM; its key')
    .option('--issuer-cert <file>', 'PEM; claims hubs, and issues their certificates by this authority')
    .option('--issuer-key <file>', 'PEM (PKCS#8); its key')
    .option('--crl-file <file>', 'PEM; where to write the certificates that the broker is to refuse')
    .option('--wipe-key <file>', 'PEM; an Ed25519 key that signs orders to wipe a hub')
    .option('--seal', "send PINs sealed to the hub's key", false)
    .option('--json', 'print JSON lines only', false)
    .action((options: CloudOptions) => actions.cloud(options));
}

function urlOf(text: string): string {
  if (/^(mqtts?|wss?):\/\/[^@]+$/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('Expected mqtt://, mqtts://, ws:// or wss://, without a login in it.');
}

function hubOf(text: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected up to 64 letters, digits, - and _.');
}

function portOf(text: string): number {
  return numberOf(text, PORT_MAX);
}

function seedOf(text: string): number {
  return numberOf(text, SEED_MAX);
}

function minutesOf(text: string): number {
  return numberOf(text, MINUTES_MAX);
}

function numberOf(text: string, max: number): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= max) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${max}.`);
}
