import type { Command } from 'commander';
import { CONFIG, type KeyOptions } from './program-backup.ts';
import type { updateCommands, UpdateShell } from './update/commands.ts';

export interface OfferOptions extends KeyOptions {
  /** The file of the signature; absent: beside the archive. */
  readonly signature?: string;
  readonly allowDowngrade: boolean;
}

export type UpdateWork = (commands: typeof updateCommands, shell: UpdateShell) => Promise<readonly string[]>;

/** Adds the commands about updates, which `act` runs. */
export function addUpdate(lockhub: Command, act: (work: UpdateWork) => Promise<void>): void {
  const update = lockhub.command('update').description('other versions of this hub');
  update
    .command('offer')
    .description('have the hub change to a signed version when no code begins or ends')
    .argument('<from>', 'its archive, a file or an http(s) address')
    .requiredOption(...CONFIG)
    .option('--signature <file>', 'its signature (default: the same name with .minisig)')
    .option('--allow-downgrade', 'an older version is meant', false)
    .action((from: string, options: OfferOptions) => act((to, shell) => to.offer(from, options, shell)));
  update
    .command('status')
    .description('which version is there, on trial or offered')
    .requiredOption(...CONFIG)
    .action((options: KeyOptions) => act((to, shell) => to.status(options, shell)));
  update
    .command('apply')
    .description('do what the hub asks for; run by lockhub-update.service, as root')
    .requiredOption(...CONFIG)
    .action((options: KeyOptions) => act((to, shell) => to.apply(options, shell)));
  update
    .command('guard')
    .description(
      'end a trial that failed; run by lockhub-guard.service before each start of the hub, as root',
    )
    .action(() => act((to) => to.guard()));
}
