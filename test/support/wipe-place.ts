import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { loadConfig, type Config } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { readMark, type WipeMark } from '../../src/wipe/mark.ts';

/**
 * Goes on with the wipe of the hub whose config file is its argument, and dies before its `DIE_AT`th call that changes a
 * file.
 */
export const WIPE_CHILD = new URL('wipe-child.ts', import.meta.url).pathname;

const CANARY = 'canary-network-key-4f1e';
const GUEST = 'Gerda Canary';
export const AT = Date.UTC(2026, 10, 23);

/** Of a hub whose secrets are being destroyed. */
export const MARK: WipeMark = {
  command_id: 'order-1',
  received_at: AT,
  expires_at: AT + 60_000,
  codes: 'keep',
  reason: 'Stolen',
  phase: 'wiping',
  starts: 1,
  wiped_at: AT + 1000,
  unreached: [],
  codes_left: 0,
  sticks_reset: [],
  left: [],
};

/** A hub with secrets wherever a hub may have some. */
export class WipePlace {
  readonly folder: string;
  readonly data: string;
  /** As a key file has it. */
  readonly hubKey: string;

  private constructor(folder: string, hubKey: string) {
    this.folder = folder;
    this.data = path.join(folder, 'data');
    this.hubKey = hubKey;
  }

  static lay(folder: string): WipePlace {
    mkdirSync(folder, { recursive: true });
    const keys = { kind: 'zwave', port: '/dev/none', security_keys_file: 'keys.json' };
    const config = { hub_id: 'hub-1', site: { timezone: 'UTC' }, data_dir: 'data', radios: [keys] };
    writeFileSync(path.join(folder, 'lockhub.yaml'), JSON.stringify(config));
    writeFileSync(path.join(folder, 'keys.json'), CANARY);
    const data = path.join(folder, 'data');
    for (const name of ['', 'backups', 'before-restore', 'restore.new']) mkdirSync(path.join(data, name));
    const store = openData(configIn(folder), () => undefined);
    store.secrets.set('network', CANARY);
    store.append([{ event_type: 'hub.started', occurredAt: AT, details: { name: GUEST } }]);
    // As a power cut leaves it: with a log that was never folded in.
    cpSync(path.join(data, 'lockhub.db-wal'), path.join(data, 'wal'));
    store.close();
    cpSync(path.join(data, 'wal'), path.join(data, 'lockhub.db-wal'));
    rmSync(path.join(data, 'wal'));
    const hubKey = readFileSync(path.join(data, 'hub.key'), 'utf8').trim();
    writeFileSync(path.join(data, 'backups', 'old.lockhub-backup'), `${CANARY} ${hubKey}`);
    writeFileSync(path.join(data, 'before-restore', 'hub.key'), hubKey);
    writeFileSync(path.join(data, 'restore.new', 'lockhub.db'), CANARY);
    writeFileSync(path.join(data, 'last-good-config.yaml'), 'hub_id: hub-1\n');
    return new WipePlace(folder, hubKey);
  }

  /** The same once more. */
  copyTo(folder: string): WipePlace {
    cpSync(this.folder, folder, { recursive: true });
    return new WipePlace(folder, this.hubKey);
  }

  get config(): Config {
    return configIn(this.folder);
  }

  /** What a secret of the hub is by now. */
  secret(): string | undefined {
    const store = openData(this.config, () => undefined);
    try {
      return store.secrets.get('network');
    } finally {
      store.close();
    }
  }

  /** Files in which something stands that opens a door, or says who was a guest. */
  telling(): readonly string[] {
    const secrets = [CANARY, GUEST, this.hubKey];
    return filesIn(this.folder).filter((file) => {
      const bytes = readFileSync(file);
      return secrets.some((secret) => bytes.includes(secret));
    });
  }

  /** Where anything else was destroyed, the key was before. */
  expectKeyFirst(): void {
    if (existsSync(path.join(this.data, 'backups'))) return;
    const keyFile = path.join(this.data, 'hub.key');
    if (existsSync(keyFile)) expect(readFileSync(keyFile, 'utf8')).not.toContain(this.hubKey);
  }

  expectWiped(): void {
    expect(this.telling()).toEqual([]);
    expect(readMark(this.data)).toMatchObject({ phase: 'wiped', left: [] });
    expect(existsSync(path.join(this.data, 'last-good-config.yaml'))).toBe(true);
    const store = openData(this.config, () => undefined);
    expect(store.secrets.get('network')).toBeUndefined();
    expect(store.deviceIds()).toEqual([]);
    expect(store.commands.get('order-1')?.outcome).toMatchObject({ state: 'succeeded' });
    expect(store.floor()).toBe(AT + 1000);
    store.close();
  }
}

function configIn(folder: string): Config {
  const config = loadConfig(path.join(folder, 'lockhub.yaml'));
  if (!config.ok) throw new Error(config.mistakes.join());
  return config.value;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
