import { existsSync } from 'node:fs';
import path from 'node:path';
import { copyDatabase, makeBackup } from '../backup/make.ts';
import { sourceOf } from '../backup/of-config.ts';
import { stageRestore } from '../backup/restore.ts';
import { commitRestore, isRestoreUnderWay } from '../backup/swap.ts';
import type { Config } from '../config.ts';
import { openData } from '../data.ts';
import { loadOrCreateKey } from '../store/key-file.ts';
import { isOpenable } from '../store/schema-of.ts';
import type { Trial } from './trial.ts';

/** Writes the hub as it is into one sealed file, from which this version can take it up again. The hub must not run. */
export async function backUp(config: Config, version: string, file: string): Promise<void> {
  const store = openData(config, () => undefined);
  try {
    const copy = await copyDatabase(config);
    try {
      await makeBackup(sourceOf(config, version, store), copy, {
        file,
        at: Date.now(),
        reason: 'before_risk',
      });
    } finally {
      copy.remove();
    }
  } finally {
    store.close();
  }
}

/**
 * Gives the old version a database that it can read: the one that is there, if the new version has not changed how it is
 * made, and otherwise the one of before. That takes its place when the hub starts. May be done again. True: restored.
 */
export async function giveBackDatabase(
  { hub_id: hubId, data_dir: dataDir, key_file: keyFile }: Trial,
  backup: string,
): Promise<boolean> {
  if (isRestoreUnderWay(dataDir)) return true;
  const isKept = isOpenable(path.join(dataDir, 'lockhub.db'));
  if (isKept || !existsSync(backup)) return false;
  const places = { dataDir, keyFile };
  await stageRestore(backup, loadOrCreateKey({ keyFile, databaseExists: true }), hubId, places);
  commitRestore(places);
  return true;
}
