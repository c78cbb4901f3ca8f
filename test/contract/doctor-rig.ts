import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import type { House } from '../../drivers/sim/house.ts';
import { networkKeys as zwaveKeys } from '../../drivers/zwave/kept-keys.ts';
import { networkKeys as zigbeeKeys } from '../../drivers/zigbee/kept-keys.ts';
import type { CheckUp } from '../../src/core/finding.ts';
import type { Lock } from '../../src/core/lock.ts';
import { checkUpOf } from '../../src/doctor/check-up.ts';
import type { Places } from '../../src/doctor/observe/places.ts';
import { loadOrCreateKey } from '../../src/store/key-file.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { ended, freePort, interviewed, Scene, until } from './cloud-rig.ts';

const run = promisify(execFile);
const ZONES = '/usr/share/zoneinfo';
const CHILD = path.join(import.meta.dirname, 'doctor-child.ts');
export const FRONT = '9689dc30-77d8-4728-9968-b3abd0835f47';

/** A whole hub on the disk, at real sticks and a real broker, with nothing wrong; a test then breaks one thing. */
export class DoctorScene extends Scene {
  readonly data = path.join(this.dir, 'state');
  readonly database = path.join(this.data, 'lockhub.db');
  readonly key = path.join(this.data, 'hub.key');
  readonly places: Places = {
    proc: '/proc',
    sys: path.join(this.dir, 'sys'),
    etc: path.join(this.dir, 'etc'),
    run: path.join(this.dir, 'run'),
  };
  config: Record<string, unknown> = {};

  static async healthy(house: House, brokerUrl: string): Promise<DoctorScene> {
    const scene = new DoctorScene();
    scene.config = {
      hub_id: 'hub-1',
      site: { timezone: 'Europe/Berlin' },
      data_dir: 'state',
      radios: [
        { kind: 'zwave', port: house.zwave },
        { kind: 'zigbee', adapter: 'zstack', port: house.zigbee },
      ],
      cloud: { url: brokerUrl },
      http: { listen: `127.0.0.1:${await freePort()}` },
      backup: { recipients: ['A'.repeat(43)] },
    };
    mkdirSync(scene.data, { mode: 0o700 });
    scene.#setUpMachine();
    scene.inStore((store) => {
      zwaveKeys(undefined, store.secrets);
      zigbeeKeys(store.secrets);
      const { lock, ...rest } = interviewed(FRONT);
      store.commit(undefined, { ...rest, lock: { ...lock, batteryLevel: 0.9 } }, []);
    });
    return scene;
  }

  get configFile(): string {
    return path.join(this.dir, 'lockhub.yaml');
  }

  set(key: string, value: unknown): void {
    this.config[key] = value;
  }

  /** A file that the machine would have, below one of its places. */
  machineFile(place: keyof Places, name: string, text: string): void {
    const file = path.join(this.places[place], name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  liveIn(zone: string): void {
    mkdirSync(this.places.etc, { recursive: true });
    symlinkSync(path.join(ZONES, zone), path.join(this.places.etc, 'localtime'));
  }

  /** What the hub would write, while it is stopped. */
  inStore(work: (store: Store) => void, now = Date.now): void {
    const key = loadOrCreateKey({ keyFile: this.key, databaseExists: existsSync(this.database) });
    const store = openStore({ file: this.database, key, now });
    try {
      work(store);
    } finally {
      store.close();
    }
  }

  sql(statement: string, ...parameters: readonly unknown[]): void {
    const database = new Database(this.database);
    database.prepare(statement).run(...parameters);
    database.close();
  }

  /** The lock, otherwise than it was. */
  change(lock: Partial<Lock>): void {
    this.inStore((store) => {
      const before = store.lockState(FRONT);
      if (before === undefined) throw new Error('no such lock');
      store.commit(before, { ...before, lock: { ...before.lock, ...lock } }, []);
    });
  }

  /** A serial device of the kernel's; what is at its other end is told to socat. */
  async serial(name: string, other: string): Promise<string> {
    const device = path.join(this.dir, name);
    const line = spawn('socat', [`PTY,link=${device},rawer,wait-slave`, other], { stdio: 'ignore' });
    this.atEnd(() => ended(line, 'SIGTERM'));
    await until('the serial device is there', () => existsSync(device));
    return device;
  }

  checkUp(): Promise<CheckUp> {
    this.writeConfig();
    return checkUpOf(this.configFile, this.places);
  }

  /** The same by another user, who may read the config. */
  async checkUpAs(uid: number): Promise<CheckUp> {
    this.writeConfig();
    chmodSync(this.dir, 0o755);
    chmodSync(this.configFile, 0o644);
    const { stdout } = await run(process.execPath, [CHILD, this.configFile, JSON.stringify(this.places)], {
      uid,
      gid: uid,
      cwd: '/',
    });
    return JSON.parse(stdout) as CheckUp;
  }

  writeConfig(): void {
    writeFileSync(this.configFile, JSON.stringify(this.config));
  }

  /** The same from a mount namespace of its own, in which `commands` of a shell were done before. */
  async checkUpAfter(commands: string): Promise<CheckUp> {
    this.writeConfig();
    const child = [process.execPath, CHILD, this.configFile, `'${JSON.stringify(this.places)}'`].join(' ');
    const script = `cd ${this.dir}; ${commands}; ${child}`;
    const { stdout } = await run('unshare', ['-rm', 'sh', '-ec', script]);
    return JSON.parse(stdout) as CheckUp;
  }

  #setUpMachine(): void {
    mkdirSync(this.places.sys);
    this.machineFile('run', 'systemd/timesync/synchronized', '');
  }
}

/** What was found, by name. */
export function namesOf({ findings }: CheckUp): readonly string[] {
  return findings.map(({ id }) => id);
}
