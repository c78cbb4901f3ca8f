import type { Command } from 'commander';
import { CONFIG, type KeyOptions } from './program-backup.ts';

interface DiagnosticsOptions extends KeyOptions {
  readonly to?: string;
}

/** What the commands do that are about what may be known, and by whom. */
export interface SecretActions {
  rotateKey(options: KeyOptions): Promise<void>;
  diagnostics(options: DiagnosticsOptions): Promise<void>;
}

/** Adds the commands that replace the hub's key, and that tell of a hub without its secrets. */
export function addSecrets(lockhub: Command, actions: SecretActions): void {
  lockhub
    .command('rotate-key')
    .description('seal what is secret in the database by a new key, and destroy the old one')
    .requiredOption(...CONFIG)
    .action((options: KeyOptions) => actions.rotateKey(options));
  lockhub
    .command('diagnostics')
    .description(
      'write one file for whoever helps, without PINs, names and secrets; of a hub that is stopped too',
    )
    .requiredOption(...CONFIG)
    .option('--to <file>', 'where to (default: a new file in this folder)')
    .action((options: DiagnosticsOptions) => actions.diagnostics(options));
}
