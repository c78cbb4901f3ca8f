import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkBackup } from '../../src/backup/read-file.ts';
import { finishRestore } from '../../src/backup/swap.ts';
import { loadOrCreateKey } from '../../src/store/key-file.ts';
import { openStore } from '../../src/store/open-store.ts';
import { Scene } from '../contract/cloud-rig.ts';
import { LOCKHUB, startProgram } from './program.ts';

const KILLS = process.env['LOCKHUB_TEST_FULL'] === undefined ? 6 : 40;

test('a backup and a restore that are killed at any moment leave whole backups, and one of two databases', async () => {
  const scene = new Scene();
  try {
    const dataDir = path.join(scene.dir, 'state');
    const keyFile = path.join(dataDir, 'hub.key');
    const database = path.join(dataDir, 'lockhub.db');
    const text = `hub_id: killed\nsite: { timezone: Europe/Berlin }\ndata_dir: ${dataDir}\nhttp: false`;
    const config = scene.file('hub.yaml', text);
    const run = (...args: readonly string[]) => startProgram(LOCKHUB, [...args, '--config', config]);
    expect(await run('key', 'create', '--name', 'in-backup').ended()).toBe(0);
    const startedAt = performance.now();
    expect(await run('backup').ended()).toBe(0);
    const tookMs = performance.now() - startedAt;
    const folder = path.join(dataDir, 'backups');
    const [first = ''] = readdirSync(folder);
    const file = path.join(scene.dir, 'kept');
    cpSync(path.join(folder, first), file);
    expect(await run('key', 'create', '--name', 'after-backup').ended()).toBe(0);
    const untouched = path.join(scene.dir, 'untouched');
    cpSync(dataDir, untouched, { recursive: true });

    const seen = new Set<string>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      // The end of the command is where it writes; its start is the same for all.
      const delayMs = tookMs * (0.4 + (0.8 * kill) / KILLS);
      for (const command of [['backup'], ['restore', file]]) {
        const killed = run(...command);
        const timer = setTimeout(() => killed.child.kill('SIGKILL'), delayMs);
        await killed.ended();
        clearTimeout(timer);
      }
      for (const name of readdirSync(folder).filter((one) => one.endsWith('.lockhub-backup'))) {
        expect(await checkBackup(path.join(folder, name))).toMatchObject({ hub_id: 'killed' });
      }
      finishRestore({ dataDir, keyFile });
      const key = loadOrCreateKey({ keyFile, databaseExists: true });
      const store = openStore({ file: database, key });
      const names = store.apiKeys.list().map(({ name }) => name);
      store.close();
      expect(names).toContain('in-backup');
      const isNew = !names.includes('after-backup');
      expect(existsSync(path.join(dataDir, 'before-restore', 'lockhub.db'))).toBe(isNew);
      seen.add(isNew ? 'new' : 'old');
      rmSync(dataDir, { recursive: true });
      cpSync(untouched, dataDir, { recursive: true });
    }
    expect([...seen]).toContain('old');
  } finally {
    await scene.end();
  }
});
