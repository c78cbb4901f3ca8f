import { statSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import { checkDatabase } from '../store/check.ts';

/** How a hub that runs finds out that its database is damaged. */
export interface DamageWatch {
  /** Something was read that makes no sense. Told once: the hub ends. */
  noticed(seen: string): void;
  /** Reads all of the database, without holding anything up. False: it is damaged, which is told. */
  check(): Promise<boolean>;
}

/** `onDamage` is to end this hub; the next one repairs the database. */
export function damageWatch(dataDir: string, log: Logger, onDamage: () => void): DamageWatch {
  const file = path.join(dataDir, 'lockhub.db');
  const inode = inodeOf(file);
  let isNoticed = false;
  let underWay: Promise<boolean> | null = null;
  const noticed = (seen: string): void => {
    if (isNoticed) return;
    isNoticed = true;
    log.error({ seen }, 'THE DATABASE IS DAMAGED: the hub starts anew and repairs it');
    onDamage();
  };
  const check = async (): Promise<boolean> => {
    // Who deletes a file that is open leaves it to those who have it open, and to nobody after them.
    const isOther = inode !== undefined && inodeOf(file) !== inode;
    const verdict = isOther ? 'its file was deleted or replaced' : await checkDatabase(file);
    if (verdict !== null) noticed(verdict);
    return verdict === null;
  };
  return {
    noticed,
    check: () => {
      underWay ??= check().finally(() => {
        underWay = null;
      });
      return underWay;
    },
  };
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}
