import path from 'node:path';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { seededRandom } from '../../drivers/sim/random.ts';
import type { Clock } from '../../src/clock.ts';
import { HUB } from '../../src/cloud/contract/example.ts';
import { diagnosisOf } from '../../src/cloud/diagnosis.ts';
import type { LinkState } from '../../src/cloud/link.ts';
import type { Connection } from '../../src/cloud/connection.ts';
import { openExchange, type Exchange } from '../../src/cloud/exchange.ts';
import type { Command, CommandOutcome } from '../../src/core/command.ts';
import { isPoolCode } from '../../src/core/access-code.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { interviewed, POLICY } from '../contract/cloud-rig.ts';
import { troubleWith } from '../support/contract.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { tellsCanary } from './canary.ts';

/** Of so many messages upward one is checked by its JSON Schema, which takes longer than making it. */
const CHECKED_ONE_IN = 20;
const START = Date.parse('2026-11-22T12:00:00Z');
const BOOT = '5d9e2b7c-1f4a-4c8d-9e3b-7a6f5e4d3c2b';
/** PINs this long are in no text by chance. */
const PIN_LENGTH = { min: 8, max: 12 };

/** Time that passes when a message comes. */
class StepClock implements Clock {
  elapsedMs = 0;

  now() {
    const at = START + this.elapsedMs;
    return { earliest: at, latest: at };
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  async sleepUntil(): Promise<void> {
    return new Promise(() => undefined);
  }

  async sleepFor(): Promise<void> {
    return new Promise(() => undefined);
  }
}

const ONLINE: LinkState = { status: 'online', connectionSeq: 1, protocolVersion: 5, lastFailure: null };

const ENDS: readonly CommandOutcome[] = [
  { state: 'failed', error: { code: 'no_answer', message: 'The lock does not answer.' } },
  { state: 'expired' },
];

/**
 * The hub's real inbox, publisher and store, without a broker between: what it says and logs is looked through for
 * PINs. Its locks do nothing but end commands.
 */
export class HubUnderFuzz {
  readonly clock = new StepClock();
  readonly store: Store;
  readonly exchange: Exchange;
  /** What must not be: a PIN told, a message outside the contract, a broken connection. */
  readonly faults: string[] = [];
  readonly counts = { up: 0, logLines: 0, givenUp: 0 };
  readonly #key = HubKey.generate();
  readonly #file: string;
  readonly #open: string[] = [];
  readonly #reader: Database.Database;
  #head = 0;

  /** `deviceIds`: locks that a radio has met. */
  constructor(directory: string, seed: number, deviceIds: readonly string[]) {
    this.#file = path.join(directory, 'hub.db');
    this.store = openStore({ file: this.#file, key: this.#key });
    for (const deviceId of deviceIds) {
      const { lock, ...rest } = interviewed(deviceId);
      const capabilities = lock.capabilities && { ...lock.capabilities, pinLength: PIN_LENGTH };
      this.store.commit(undefined, { ...rest, lock: { ...lock, capabilities } }, []);
    }
    this.#reader = new Database(this.#file, { readonly: true });
    this.exchange = openExchange(
      {
        hubId: HUB,
        bootId: BOOT,
        version: '0.0.0-fuzz',
        store: this.store,
        clock: this.clock,
        policy: POLICY,
        plainCodes: true,
        wake: (deviceId) => this.#open.push(deviceId),
        wakeRadios: () => this.#open.push(''),
        radios: () => [{ radio: 'zwave', state: 'ready', message: 'open' }],
        disk: () => ({ freeBytes: 1, totalBytes: 2 }),
        log: pino({ level: 'trace' }, { write: (line: string) => this.#logged(line) }),
        draw: seededDraw(seed),
        random: seededRandom(seed),
      },
      (health) => diagnosisOf(health(1), ONLINE, this.store, []),
    );
    this.exchange.publisher.connected(this.#connection());
  }

  /** Highest event that has left. */
  sentThrough(): number {
    return this.#head;
  }

  /** Changes with every commit of the hub, as SQLite itself counts them. */
  commits(): number {
    return Number(this.#reader.pragma('data_version', { simple: true }));
  }

  commandCount(): number {
    return Number(this.#reader.prepare('SELECT count(*) FROM commands').pluck().get());
  }

  /** What locks and radios would do by themselves: end what was begun. */
  obey(turn: number): void {
    const deviceIds = new Set(this.#open.splice(0));
    for (const deviceId of deviceIds) {
      const open: readonly Command[] = this.store.commands.open(deviceId === '' ? null : deviceId, 100);
      const end = ENDS[turn % ENDS.length] ?? { state: 'expired' };
      const at = this.clock.now().earliest;
      const settle = (): void =>
        open.forEach(({ commandId }) => this.store.commands.settle(commandId, end, at));
      if (open.length > 0) this.store.transaction(settle);
    }
  }

  /** The database as another process would find it. */
  reopened(): Store {
    return openStore({ file: this.#file, key: this.#key });
  }

  close(): void {
    this.exchange.inbox.close();
    this.#reader.close();
    this.store.close();
  }

  #connection(): Connection {
    return {
      seq: 1,
      signal: new AbortController().signal,
      publish: async (topic, payload) => {
        this.#said(topic.slice(`lockhub/v1/${HUB}/`.length), String(payload));
        return true;
      },
      drop: (reason) => void this.faults.push(`The connection was dropped: ${reason}`),
    };
  }

  #said(name: string, payload: string): void {
    this.counts.up += 1;
    if (tellsCanary(payload)) this.faults.push(`A PIN in ${name}: ${payload}`);
    if (name === 'up/event') {
      const [, seq] = /.*"seq":(\d+)/s.exec(payload) ?? [];
      this.#head = Math.max(this.#head, Number(seq));
    }
    if (name.startsWith('up/reported/')) this.#checkReport(name.slice('up/reported/'.length), payload);
    if (this.counts.up % CHECKED_ONE_IN > 0) return;
    const trouble = troubleWith(name, payload);
    if (trouble !== undefined) this.faults.push(`Outside the contract: ${trouble}`);
  }

  /** PINs that the hub made up have nothing that they are known by. */
  #checkReport(deviceId: string, payload: string): void {
    const codes = this.store.lockState(deviceId)?.codes ?? [];
    for (const { pin, isBackup, backupOf } of codes) {
      if (pin !== null && pin.length >= PIN_LENGTH.min && pin.isIn(payload)) {
        const what = isPoolCode({ isBackup, backupOf }) ? 'The PIN of a waiting backup code' : 'A PIN';
        this.faults.push(`${what} in the report of ${deviceId}.`);
      }
    }
  }

  #logged(line: string): void {
    this.counts.logLines += 1;
    if (line.includes('was given up')) this.counts.givenUp += 1;
    if (tellsCanary(line)) this.faults.push(`A PIN in the log: ${line}`);
  }
}
