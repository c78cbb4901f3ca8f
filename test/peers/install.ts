import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** The one place that says which zigbee2mqtt this hub is tried and compared with. */
export const ZIGBEE2MQTT_VERSION = '2.14.1';

const INSTALL_WITHIN_MS = 300_000;
const SAID_MAX_CHARS = 1000;

/**
 * The folder of zigbee2mqtt, which is installed from npm the first time: into the user's cache, because it is of no use
 * to the hub and several times its size. Rejects in words that a person understands when there is no network.
 */
export async function zigbee2mqttFolder(): Promise<string> {
  const cache = path.join(process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'lockhub');
  const installed = path.join(cache, `zigbee2mqtt-${ZIGBEE2MQTT_VERSION}`);
  const folder = path.join(installed, 'node_modules', 'zigbee2mqtt');
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  // Under another name until it is whole, so that one that was cut off is not taken for it.
  const unfinished = mkdtempSync(`${installed}-`);
  try {
    await install(unfinished);
    if (!existsSync(folder)) renameSync(unfinished, installed);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

async function install(folder: string): Promise<void> {
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true }));
  const args = ['install', `zigbee2mqtt@${ZIGBEE2MQTT_VERSION}`, '--save-exact', '--ignore-scripts'];
  try {
    await promisify(execFile)('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      timeout: INSTALL_WITHIN_MS,
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(
      `zigbee2mqtt ${ZIGBEE2MQTT_VERSION} could not be installed from npm, which takes a network and about 90 MB in ` +
        `${path.dirname(folder)}. npm said: ${said.trim().slice(-SAID_MAX_CHARS)}`,
      { cause: error },
    );
  }
}
