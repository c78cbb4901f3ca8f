import { rename } from 'node:fs/promises';
import { fs as nodeFileSystem } from '@zwave-js/core/bindings/fs/node';
import type { FileSystem } from '@zwave-js/shared/bindings';

/** A folder that does not exist: zwave-js wants a name for its cache, which is in the hub's database. */
export const VIRTUAL_CACHE_FOLDER = '/nonexistent/lockhub-radio-storage';

/** The only file that may be written: the index of public device descriptions in their own package. */
const DEVICE_INDEX = /\/devices\/index\.json$/;

/**
 * The file system as zwave-js sees it: it reads its device descriptions, and can write nothing but their index.
 * A read-only install is fine; the index is then built in memory at each start, which takes seconds.
 */
export const readMostlyFileSystem: FileSystem = {
  readFile: (path) => (isVirtual(path) ? absent(path) : nodeFileSystem.readFile(path)),
  readDir: (path) => (isVirtual(path) ? absent(path) : nodeFileSystem.readDir(path)),
  stat: (path) => (isVirtual(path) ? absent(path) : nodeFileSystem.stat(path)),
  writeFile: async (path, content) => {
    if (!DEVICE_INDEX.test(path)) return refused();
    // Two processes that start together must not read each other's half of a file.
    const draft = `${path}.${process.pid}.tmp`;
    await nodeFileSystem.writeFile(draft, content);
    await rename(draft, path);
  },
  ensureDir: () => Promise.resolve(),
  copyFile: refused,
  open: refused,
  deleteDir: refused,
  makeTempDir: refused,
};

function isVirtual(path: string): boolean {
  return path.startsWith(VIRTUAL_CACHE_FOLDER);
}

function absent(path: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' }));
}

function refused(): Promise<never> {
  return Promise.reject(new Error('The radio library keeps its state in the database and writes no files'));
}
