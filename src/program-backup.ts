import { InvalidArgumentError, type Command } from 'commander';
import type { BackupShell, backupCommands } from './backup/commands.ts';

/** A new stick gets the network of the old one first. */
const WAIT_MINUTES = 10;
const WAIT_MINUTES_MAX = 1440;

/** The option of every command that works on a hub. */
export const CONFIG = ['--config <file>', 'the config file (YAML)'] as const;

/** The hub whose database is meant; it may run meanwhile. */
export interface KeyOptions {
  readonly config: string;
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
  readonly again: boolean;
  readonly keepCertificate: boolean;
  readonly waitMinutes: number;
}

export type BackupWork = (commands: typeof backupCommands, shell: BackupShell) => Promise<readonly string[]>;

/** Adds the commands about backups, which `act` runs. */
export function addBackup(lockhub: Command, act: (work: BackupWork) => Promise<void>): void {
  const keyFile = [
    '--key-file <file>',
    'a file with the recovery key, - for standard input (default: the key file of this hub opens it)',
  ] as const;
  lockhub
    .command('backup')
    .description('write everything of this hub into one sealed file, also while it runs')
    .requiredOption(...CONFIG)
    .option('--to <path>', 'a file or a folder (default: the folder of nightly backups)')
    .action((options: BackupOptions) => act((to, shell) => to.backup(options, shell)));
  lockhub
    .command('recovery-key')
    .description('make the key that opens backups when this hub is gone, and print it, this once')
    .requiredOption(...CONFIG)
    .action((options: KeyOptions) => act((to, shell) => to.recoveryKey(options, shell)));
  lockhub
    .command('restore')
    .description('make this hub what it was when a backup was made; it must not run')
    .argument('<backup>', 'the file')
    .requiredOption(...CONFIG)
    .option(...keyFile)
    .action((file: string, options: RestoreOptions) => act((to, shell) => to.restore(file, options, shell)));
  lockhub
    .command('replace')
    .description('walk through giving this machine the place of a hub that is gone')
    .argument(
      '[backup]',
      'the file; without it: wait until every lock has answered the hub, which runs by now',
    )
    .requiredOption(...CONFIG)
    .option(...keyFile)
    .option('--yes', 'ask nothing', false)
    .option('--again', 'restore once more what was restored here before', false)
    .option('--keep-certificate', 'go on with the certificate of the old hub, which nobody has', false)
    .option('--wait-minutes <n>', 'how long locks may take to answer', minutesOf, WAIT_MINUTES)
    .action((file: string | undefined, options: ReplaceOptions) =>
      act((to, shell) =>
        file === undefined ? to.checkReplaced(options, shell) : to.replace(file, options, shell),
      ),
    );
}

function minutesOf(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) <= WAIT_MINUTES_MAX) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${WAIT_MINUTES_MAX}.`);
}
