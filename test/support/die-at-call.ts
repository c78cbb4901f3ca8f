import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Preloaded into a program (`node --import`), ends it as `kill -9` does just before its `DIE_AT`th call that changes a file
 * or waits for the disk.
 */
const CHANGES = [
  'openSync',
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'ftruncateSync',
  'renameSync',
  'rmSync',
  'mkdirSync',
  'copyFileSync',
] as const;

let left = Number(process.env['DIE_AT']);

for (const name of CHANGES) {
  const original = fs[name] as (...parameters: readonly unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...parameters: readonly unknown[]) => {
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
      return original(...parameters);
    },
  });
}
syncBuiltinESMExports();
