import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig, parseConfig, parseYaml, type Config, type Loaded } from '../config.ts';
import type { Environment } from './notify.ts';

/** The newest config that a hub has started with, in the folder that systemd keeps for it. */
const GOOD_CONFIG = 'last-good-config.yaml';

/** Why there is no ordinary hub. */
export interface SafeMode {
  /** What is known of how it ended, as sentences for a person. */
  readonly reason: string;
  /** When the ordinary hub is tried again, as a monotonic time. */
  readonly untilMs: number;
}

/**
 * What is left of a config in safe mode: no cloud, no Home Assistant, no vendors. A file that is broken by now is replaced
 * by the last one that a hub started with, so that a slip in it keeps no ended code on a lock.
 */
export function safeConfig(file: string, environment: Environment): Loaded<SafeConfig> {
  const loaded = loadConfig(file, environment);
  if (loaded.ok) return { ok: true, value: { config: onlyDoors(loaded.value), mistakes: [] } };
  const good = lastGood(file, environment);
  if (good === null) return loaded;
  return { ok: true, value: { config: onlyDoors(good), mistakes: loaded.mistakes } };
}

/** Its relative paths are those of the file that is broken. */
function lastGood(file: string, environment: Environment): Config | null {
  const kept = goodConfigOf(environment);
  if (kept === null || !existsSync(kept)) return null;
  const raw = parseYaml(readFileSync(kept, 'utf8'));
  const good = raw.ok ? parseConfig(raw.value.value, path.dirname(path.resolve(file)), environment) : raw;
  return good.ok ? good.value : null;
}

/** A config for safe mode. */
interface SafeConfig {
  readonly config: Config;
  /** What is wrong with the file that was named; then an older one is used. */
  readonly mistakes: readonly string[];
}

function onlyDoors(config: Config): Config {
  const policy = { ...config.policy, safeMode: true };
  return { ...config, cloud: null, homeAssistant: null, offline: [], policy };
}

/** Keeps a config that a hub has started with. Writes only what is new. */
export function keepGoodConfig(file: string, environment: Environment): void {
  const kept = goodConfigOf(environment);
  if (kept === null) return;
  if (existsSync(kept) && readFileSync(kept).equals(readFileSync(file))) return;
  copyFileSync(file, kept);
}

function goodConfigOf({ STATE_DIRECTORY }: Environment): string | null {
  return STATE_DIRECTORY ? path.join(STATE_DIRECTORY, GOOD_CONFIG) : null;
}

/** How the ordinary hub ended, by what systemd tells units that it starts because another one failed (systemd 251). */
export function whyItEnded(environment: Environment, mistakes: readonly string[]): string {
  if (mistakes.length > 0) return `Its config is broken: ${mistakes.join('; ')}.`;
  const {
    MONITOR_SERVICE_RESULT: result,
    MONITOR_EXIT_CODE: code,
    MONITOR_EXIT_STATUS: status,
  } = environment;
  if (result === undefined) return 'It was started in safe mode by hand.';
  if (result === 'watchdog' || status === 'ABRT') return 'It hung, again and again.';
  if (result === 'oom-kill') return 'It needed more memory than there is.';
  if (result === 'timeout') return 'It did not get ready in time.';
  if (code === 'killed' || code === 'dumped') return `It was ended by the signal ${status}, again and again.`;
  if (code === 'exited') return `It ended with exit code ${status}; its log says why.`;
  return `It could not be started (${result}).`;
}
