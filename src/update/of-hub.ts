import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import type { Command } from '../core/command.ts';
import type { PairingNow } from '../core/radio-view.ts';
import type { SafeMode } from '../system/safe-mode.ts';
import { UpdateError } from './errors.ts';
import { installRoot } from './places.ts';
import { presentOf } from './present.ts';
import { Updates, type UpdatesOptions } from './updates.ts';
import type { UpdateView } from './view.ts';

interface HubToUpdate extends Omit<
  UpdatesOptions,
  'root' | 'config' | 'present' | 'cloudUrls' | 'hasRoom' | 'isRadioBusy'
> {
  readonly config: Config;
  readonly safeMode?: SafeMode | null | undefined;
  readonly pairing: () => PairingNow | null;
  readonly diskWatch: { hasRoom(): boolean };
  readonly backups: { state(): { readonly isRunning: boolean } };
}

/** The updates of a hub that runs. */
interface HubUpdates {
  view(): UpdateView;
  /** What the cloud asks for with the command `update`: answers why it is not taken; `null`: it is. */
  readonly take: (command: Command) => string | null;
  stop(): Promise<void>;
}

/** Has a hub look after its own updates; `null`: in safe mode it is no time for them. */
export function startUpdates(hub: HubToUpdate): HubUpdates | null {
  const { config, store, safeMode, pairing, diskWatch, backups } = hub;
  if (safeMode != null) return null;
  const updates = new Updates({
    ...hub,
    root: installRoot(fileURLToPath(import.meta.url)),
    present: presentOf(config),
    cloudUrls: [config.cloud?.url ?? []].flat(),
    hasRoom: () => diskWatch.hasRoom(),
    // While a stick is read for a backup it is silent.
    isRadioBusy: () =>
      store.openOperations().length > 0 || pairing()?.ended === null || backups.state().isRunning,
  });
  return {
    view: () => updates.view(),
    take: (command) => offerOf(updates, command),
    stop: () => updates.stop(),
  };
}

function offerOf(updates: Updates, { commandId, request, expiresAt }: Command): string | null {
  if (request?.type !== 'update') return null;
  const { url, signature, allowDowngrade } = request;
  try {
    updates.offer({ id: commandId, url, signature, allow_downgrade: allowDowngrade, expires_at: expiresAt });
    return null;
  } catch (error) {
    if (error instanceof UpdateError) return error.message;
    throw error;
  }
}
