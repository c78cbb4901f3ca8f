import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RadioStorage } from '../../src/lock-driver.ts';
import { makeOwnFolder } from '../../src/memory-place.ts';
import { aheadOfAll } from './frame-counter.ts';

/** Where the files are kept in our database, which encrypts them. */
const STORED = 'zigbee.files';
const DATABASE = 'database.db';
const BACKUP = 'backup.json';
const FILES = [DATABASE, BACKUP] as const;

const KIND = 'lockhub-zigbee';

/** Memory as a file system, on every Linux. */
export const SHARED_MEMORY = '/dev/shm';
/** Why a radio stays down that has no folder there. */
export const NO_MEMORY =
  'no folder is in memory, and the keys of a Zigbee network are not put on a disk in clear';

/**
 * The library keeps its devices and the coordinator's backup, with the network key in clear, in files only. They get a
 * folder in memory that nobody else may enter; what lasts is the encrypted copy in the hub's database. It goes with the
 * process, or where that was killed with the next one.
 */
export class RadioFolder {
  readonly #storage: RadioStorage;
  readonly #folder: string;
  readonly #saved = new Map<string, string>();

  /** Makes the folder and fills it from the storage. `place` is in memory. */
  constructor(storage: RadioStorage, place: string) {
    this.#storage = storage;
    this.#folder = makeOwnFolder(place, KIND);
    for (const [name, text] of storage.entries(STORED)) {
      if (!FILES.some((file) => file === name)) continue;
      const used = name === BACKUP ? aheadOfAll(text) : text;
      writeFileSync(this.#pathOf(name), used, { mode: 0o600 });
      this.#saved.set(name, used);
    }
  }

  get databasePath(): string {
    return this.#pathOf(DATABASE);
  }

  get backupPath(): string {
    return this.#pathOf(BACKUP);
  }

  /** Keeps what the library has written since the last time. */
  save(): void {
    let isChanged = false;
    for (const name of FILES) {
      if (!existsSync(this.#pathOf(name))) continue;
      const text = readFileSync(this.#pathOf(name), 'utf8');
      if (text === this.#saved.get(name) || text === '') continue;
      this.#storage.set(STORED, name, text);
      this.#saved.set(name, text);
      isChanged = true;
    }
    if (isChanged) this.#storage.flush();
  }

  /** Takes the folder away. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #pathOf(name: string): string {
    return path.join(this.#folder, name);
  }
}
