import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { houseLockSchema } from '../../src/demo/house.ts';
import { freePort } from '../contract/cloud-rig.ts';
import { LOCKHUB, startProgram, type Program } from '../e2e/program.ts';
import { until } from '../e2e/world.ts';
import { Rig } from './rig.ts';
import { StickCable } from '../support/stick-cable.ts';

const TREE = fileURLToPath(new URL('../..', import.meta.url));
const HOUSE_WITHIN_MS = 120_000;
/** A start on a busy machine, with the radio and the interview of the lock. */
const MET_WITHIN_MS = 120_000;

/** What the package does, for a tree that is bound into the rig. */
export const INSTALL = `
useradd --system --user-group --home-dir /var/lib/lockhub --no-create-home --shell /usr/sbin/nologin lockhub
usermod --append --groups dialout,lockhub lockhub
mkdir -p /etc/lockhub /usr/lib/systemd/system
mkdir -m 0700 /etc/lockhub/credentials /etc/lockhub/credentials.encrypted
ln -s versions/tree /opt/lockhub/current
ln -s /opt/lockhub/current/scripts/lockhub /usr/bin/lockhub
cp -r /opt/lockhub/current/systemd/*.service /opt/lockhub/current/systemd/*.service.d /usr/lib/systemd/system/
cp -r /opt/lockhub/current/systemd/journald@lockhub.conf.d /usr/lib/systemd/
systemctl daemon-reload
`;

const locksSchema = z.array(houseLockSchema);
const houseSchema = z.object({ zwave: z.string(), control: z.string(), security_keys_file: z.string() });
const problemsSchema = z.array(z.object({ code: z.string(), message: z.string() }));
const overviewSchema = z.object({
  page: z.object({
    hub: z.object({ problems: problemsSchema }),
    locks: z.array(z.object({ device_id: z.string(), online: z.boolean() })),
  }),
});

/** What a code that is asked for at the hub itself may say. */
interface Wish {
  readonly name: string;
  readonly code: string;
  readonly starts_at?: string;
  readonly ends_at?: string;
}

/** A hub as a service in a rig, with a simulated house of one lock behind a cable outside of it. */
export class ServiceHub {
  readonly rig: Rig;
  readonly cable: StickCable;
  readonly url: string;
  readonly config: string;
  readonly #house: Program;
  readonly #control: string;
  readonly #folder: string;
  #key = '';

  private constructor(rig: Rig, parts: Parts) {
    this.rig = rig;
    this.cable = parts.cable;
    this.url = `http://127.0.0.1:${parts.port}`;
    this.config = parts.config;
    this.#house = parts.house;
    this.#control = parts.control;
    this.#folder = parts.folder;
  }

  /** Installs it, starts it and waits until it has met its lock. */
  static async start(): Promise<ServiceHub> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-rig-'));
    const houseFile = path.join(folder, 'house.yaml');
    writeFileSync(houseFile, JSON.stringify({ locks: [{ id: 'front', model: 'uc-v1', address: 2 }] }));
    const args = ['--zwave-port', '0', '--control-port', '0', '--keys-file', path.join(folder, 'keys.json')];
    const house = startProgram(LOCKHUB, ['simulate', ...args, '--house', houseFile]);
    const said = await house.line((line) => line.startsWith('{'), HOUSE_WITHIN_MS);
    const { zwave, control, security_keys_file: keys } = houseSchema.parse(JSON.parse(said));
    const cable = await StickCable.lay(zwave);
    const port = await freePort();
    const rig = await Rig.boot(`--bind-ro=${TREE}:/opt/lockhub/versions/tree`);
    const config = JSON.stringify({
      hub_id: 'rig',
      site: { timezone: 'Europe/Berlin' },
      clock: { trust_system: true },
      radios: [{ kind: 'zwave', port: cable.url, security_keys_file: 'credential:zwave-keys' }],
      http: { listen: `127.0.0.1:${port}` },
      scheduling: { jit_lead_minutes: 1 },
    });
    const hub = new ServiceHub(rig, { folder, house, control, cable, port, config });
    await rig.run(INSTALL);
    await rig.write('/etc/lockhub/credentials/zwave-keys', readFileSync(keys, 'utf8'), '600');
    await hub.configure(config);
    await rig.run('systemctl start lockhub', MET_WITHIN_MS);
    hub.#key = await rig.run(
      'runuser -u lockhub -- lockhub key create --config /etc/lockhub/lockhub.yaml --name rig --scope admin pins',
    );
    await hub.met();
    return hub;
  }

  /** Replaces its config file. */
  async configure(text: string): Promise<void> {
    await this.rig.write('/etc/lockhub/lockhub.yaml', text, '640');
    await this.rig.run('chgrp lockhub /etc/lockhub/lockhub.yaml');
  }

  /** Waits until the hub has its lock on the air, and answers its id. */
  met(withinMs = MET_WITHIN_MS): Promise<string> {
    return until('the lock is met', withinMs, async () => {
      const { locks } = (await this.overview()) ?? { locks: [] };
      return locks.find(({ online }) => online)?.device_id;
    });
  }

  /** What the page shows; `undefined` while nobody answers. */
  async overview() {
    const answer = await this.call('/page/overview', undefined, 'GET').catch(() => undefined);
    return answer?.status === 200 ? overviewSchema.parse(answer.body).page : undefined;
  }

  /** Codes of what is wrong with the hub, as the page shows them. */
  async problems(): Promise<readonly string[]> {
    return (await this.overview())?.hub.problems.map(({ code }) => code) ?? [];
  }

  async call(
    route: string,
    body?: object,
    method = 'POST',
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const response = await fetch(this.url + route, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(20_000),
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** Asks the hub for a code on its lock. */
  async wish(wish: Wish): Promise<number> {
    const device_id = await this.met();
    return (await this.call('/access_codes/create', { device_id, ...wish })).status;
  }

  /** PINs that the lock itself takes now. */
  async pins(): Promise<readonly string[]> {
    const answer: unknown = await (await fetch(`${this.#control}/locks`)).json();
    const slots = locksSchema.parse(answer).flatMap((lock) => lock.slots);
    return slots.flatMap(({ pin, status }) => (status === 'enabled' ? (pin ?? []) : []));
  }

  /** Types at the lock. */
  async opens(pin: string): Promise<boolean> {
    const typed = await fetch(`${this.#control}/locks/front/keypad`, {
      method: 'POST',
      body: JSON.stringify({ pin }),
    });
    return z.object({ opened: z.boolean() }).parse(await typed.json()).opened;
  }

  /** Waits until the lock takes a PIN, or takes it no more. */
  takes(pin: string, isWanted: boolean, withinMs: number): Promise<true> {
    return until(`the lock takes ${isWanted ? '' : 'no '}${pin}`, withinMs, async () =>
      (await this.pins()).includes(pin) === isWanted ? true : undefined,
    );
  }

  /** The hub's own log. */
  log(): Promise<string> {
    return this.rig.run('journalctl --namespace=lockhub --no-pager --output=cat');
  }

  async end(): Promise<void> {
    await this.rig.end();
    this.cable.end();
    await this.#house.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

interface Parts {
  readonly folder: string;
  readonly house: Program;
  readonly control: string;
  readonly cable: StickCable;
  readonly port: number;
  readonly config: string;
}
