import { Command, InvalidArgumentError, Option } from 'commander';
import type { BackupShell, backupCommands } from './backup/commands.ts';
import { SCOPES, type Scope } from './core/scope.ts';

const CONFIG = ['--config <file>', 'the config file (YAML)'] as const;
const PORT_MAX = 65_535;
const SEED_MAX = 2 ** 32 - 1;

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

export interface CloudOptions {
  readonly url: string;
  readonly hub?: string;
  readonly db: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly seal: boolean;
  readonly json: boolean;
}

/** The hub whose database is meant; it may run meanwhile. */
export interface KeyOptions {
  readonly config: string;
}

interface NamedKeyOptions extends KeyOptions {
  readonly name: string;
}

interface NewKeyOptions extends NamedKeyOptions {
  readonly scope: readonly Scope[];
}

export interface BackupOptions extends KeyOptions {
  readonly to?: string;
}

export interface RestoreOptions extends KeyOptions {
  /** A file with the recovery key; `-`: standard input. */
  readonly keyFile?: string;
}

export interface ReplaceOptions extends RestoreOptions {
  readonly yes: boolean;
}

export type BackupWork = (commands: typeof backupCommands, shell: BackupShell) => Promise<readonly string[]>;

/** What the commands do. */
export interface Actions {
  run(configFile: string): Promise<void>;
  demo(options: DemoOptions): Promise<void>;
  simulate(options: SimulateOptions): Promise<void>;
  cloud(options: CloudOptions): Promise<void>;
  createKey(options: NewKeyOptions): Promise<void>;
  listKeys(options: KeyOptions): Promise<void>;
  revokeKey(options: NamedKeyOptions): Promise<void>;
  loginLink(options: KeyOptions): Promise<void>;
  /** One of the commands about backups. */
  backups(work: BackupWork): Promise<void>;
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
    .action((options: { config: string }) => actions.run(options.config));
  lockhub
    .command('demo')
    .description('a whole hub on this machine: simulated house, MQTT broker, sample locks and codes')
    .option('--mqtt-port <n>', 'port of the broker (default: 1883, or a free one if that is taken)', portOf)
    .option('--http-port <n>', 'port of the local API and page (default: 8080, or a free one)', portOf)
    .option('--data-dir <dir>', "keep the hub's data here (default: a folder that is removed at the end)")
    .option('--json', 'print JSON lines only', false)
    .option('--tour', 'play a guided story of at most 90 s; exit 0 only if every step held', false)
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
  addAccess(lockhub, actions);
  addBackup(lockhub, actions);
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
}

function addBackup(lockhub: Command, actions: Actions): void {
  const keyFile = [
    '--key-file <file>',
    'a file with the recovery key, - for standard input (default: the key file of this hub opens it)',
  ] as const;
  lockhub
    .command('backup')
    .description('write everything of this hub into one sealed file, also while it runs')
    .requiredOption(...CONFIG)
    .option('--to <path>', 'a file or a folder (default: the folder of nightly backups)')
    .action((options: BackupOptions) => actions.backups((to, shell) => to.backup(options, shell)));
  lockhub
    .command('recovery-key')
    .description('make the key that opens backups when this hub is gone, and print it, this once')
    .requiredOption(...CONFIG)
    .action((options: KeyOptions) => actions.backups((to, shell) => to.recoveryKey(options, shell)));
  lockhub
    .command('restore')
    .description('make this hub what it was when a backup was made; it must not run')
    .argument('<backup>', 'the file')
    .requiredOption(...CONFIG)
    .option(...keyFile)
    .action((file: string, options: RestoreOptions) =>
      actions.backups((to, shell) => to.restore(file, options, shell)),
    );
  lockhub
    .command('replace')
    .description('walk through giving this machine the place of a hub that is gone')
    .argument('<backup>', 'the file')
    .requiredOption(...CONFIG)
    .option(...keyFile)
    .option('--yes', 'ask nothing', false)
    .action((file: string, options: ReplaceOptions) =>
      actions.backups((to, shell) => to.replace(file, options, shell)),
    );
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

function numberOf(text: string, max: number): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= max) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${max}.`);
}
