import type { accessCommands, Printed } from './access-commands.ts';
import type { Config } from './config.ts';
import type { BackupWork } from './program-backup.ts';
import type { UpdateWork } from './program-update.ts';
import type { CloudOptions } from './program.ts';
import { EXIT_FAILURE, StartError, started, stopSignal, UsageError } from './system/ending.ts';
import { ownVersion } from './version.ts';

/** None of these reads a file that could be wrong in a way of its own. */
const NO_FILE = (): Promise<boolean> => Promise.resolve(false);

/** A reference cloud, until it is told to end. */
export async function cloud(options: CloudOptions): Promise<void> {
  const { runCloud } = await import('./reference-cloud/run.ts');
  const { FileError } = await import('./reference-cloud/file-error.ts');
  const terminal = { input: process.stdin, output: process.stdout, stopped: stopSignal() };
  const isFaultless = await runCloud(options, terminal).catch((error: unknown) => {
    throw error instanceof FileError ? new StartError(error.message, { cause: error }) : error;
  });
  process.exit(isFaultless ? 0 : EXIT_FAILURE);
}

async function configOf(file: string): Promise<Config> {
  const config = (await import('./config.ts')).loadConfig(file);
  if (!config.ok) throw new UsageError(config.mistakes.join('\n'));
  return config.value;
}

/** A command about who may use the local API. It works on the database, whether or not the hub runs. */
export async function access(
  configFile: string,
  work: (commands: typeof accessCommands, config: Config) => Promise<Printed>,
): Promise<void> {
  const config = await configOf(configFile);
  const { accessCommands: commands } = await import('./access-commands.ts');
  const printed = await started(() => work(commands, config), NO_FILE);
  if (!printed.ok) throw new StartError(printed.message);
  print(printed.lines);
}

/** `lockhub diagnostics`. */
export async function diagnostics(options: { readonly config: string; readonly to?: string }): Promise<void> {
  const config = await configOf(options.config);
  const { writeDiagnostics } = await import('./diagnostics/command.ts');
  print(await started(() => writeDiagnostics(config, options), NO_FILE));
}

/** `lockhub rotate-key`. */
export async function changeKeyOf(options: { readonly config: string }): Promise<void> {
  const config = await configOf(options.config);
  const { rotateKey } = await import('./key-command.ts');
  print(await started(() => rotateKey(config), NO_FILE));
}

async function renew(config: Config): Promise<readonly string[]> {
  const { accessCommands: commands } = await import('./access-commands.ts');
  const printed = await commands.claim(config, true);
  return printed.ok ? printed.lines : [printed.message];
}

/** A command about backups. */
export async function backups(work: BackupWork): Promise<void> {
  const [{ backupCommands }, { BackupError }] = await Promise.all([
    import('./backup/commands.ts'),
    import('./backup/errors.ts'),
  ]);
  const shell = { configOf, version: ownVersion(), renew, terminal: process };
  const done = work(backupCommands, shell).catch((error: unknown) => {
    throw error instanceof BackupError ? new StartError(error.message, { cause: error }) : error;
  });
  print(await started(() => done, NO_FILE));
}

/** Prints the radio sticks at this machine. */
export async function listSticks({ json }: { readonly json: boolean }): Promise<void> {
  const { provisioning } = await import('./provision/commands.ts');
  print(provisioning.listSticks(json));
}

/** Takes over the config of a card. */
export async function importCard({ from }: { readonly from: string }): Promise<void> {
  const { provisioning } = await import('./provision/commands.ts');
  const done = await started(async () => provisioning.takeCard(from), NO_FILE);
  if (!done.ok) throw new UsageError(done.mistakes.join('\n'));
  print(done.value);
}

/** A command about updates. */
export async function updates(work: UpdateWork): Promise<void> {
  const [{ updateCommands }, { UpdateError }] = await Promise.all([
    import('./update/commands.ts'),
    import('./update/errors.ts'),
  ]);
  const done = work(updateCommands, { configOf, say: (line) => print([line]) }).catch((error: unknown) => {
    throw error instanceof UpdateError ? new StartError(error.message, { cause: error }) : error;
  });
  print(await started(() => done, NO_FILE));
}

/** As root: deletes what a hub that was wiped may not. */
export async function deleteLeftovers({ config }: { readonly config: string }): Promise<void> {
  const { deleteLeftovers: work } = await import('./wipe/leftovers.ts');
  const loaded = await configOf(config);
  print(await started(async () => work(loaded), NO_FILE));
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
