import { pino, type Logger } from 'pino';
import { createDirectDriver, type DirectDriver, type RadioMemory } from '../../drivers/sim/direct.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { Random } from '../../drivers/sim/random.ts';
import type { Connection } from '../../src/cloud/connection.ts';
import { openExchange, type Exchange } from '../../src/cloud/exchange.ts';
import type { Inbox } from '../../src/cloud/inbox.ts';
import type { KeyPair } from '../../src/cloud/sealing.ts';
import type { Draw } from '../../src/core/draw.ts';
import { offsetMinutes } from '../../src/core/timing/local-time.ts';
import type { Policy } from '../../src/core/lock.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { pullBackup, type Pull } from '../../src/core/request/pool.ts';
import { handBack, type HandBack } from '../../src/core/request/unmanaged.ts';
import type { Instant } from '../../src/core/time.ts';
import type { LockDriver } from '../../src/lock-driver.ts';
import type { OfflineCodeIssuer } from '../../src/offline-issuer.ts';
import { Reconciler } from '../../src/reconcile/reconciler.ts';
import type { Store } from '../../src/store/store.ts';
import { HubClock, type WallClock } from './hub-clock.ts';
import type { VirtualTime } from './virtual-clock.ts';

export const HUB_ID = 'simulated';
/** The same in each run, for the same seed gives the same run. Nothing is sealed to it. */
const makePair = (): KeyPair => ({ publicKey: 'A'.repeat(43), privateKey: 'A'.repeat(43) });

export interface LifeParts {
  readonly time: VirtualTime;
  readonly wall: WallClock;
  readonly random: Random;
  readonly locks: readonly SimLock[];
  /** Who computes offline codes. */
  readonly issuers?: readonly OfflineCodeIssuer[];
  readonly policy: Policy;
  readonly memory: RadioMemory;
  readonly store: Store;
  readonly bootId: string;
  /** For PINs that the hub makes up; from `random` where nobody says. */
  readonly draw?: Draw;
  /** Hears every line instead of `onReason` and `onError`, which then hear nothing. */
  readonly log?: Logger;
  /** Told of every operation as it begins (`undefined`) and as it ends. */
  readonly onOperation: (deviceId: string, operation: Operation, outcome: Outcome | undefined) => void;
  /** What becomes of a report between a lock and the hub: `tell` may be called later, or twice, or with less in it. */
  readonly onReport: (body: LockEventBody, tell: (body: LockEventBody, at?: Instant) => void) => void;
  /** Told why an operation was done. */
  readonly onReason: (deviceId: string, reason: string) => void;
  /** The hub logged an error, which it does only for bugs and for failures that do not happen here. */
  readonly onError: (line: string) => void;
}

/** One run of the hub's process over the real store, from its start to the moment it is killed. */
export class Life {
  readonly store: Store;
  readonly driver: DirectDriver;
  readonly reconciler: Reconciler;
  readonly #exchange: Exchange;
  readonly #clock: HubClock;
  #dead = false;

  constructor(parts: LifeParts) {
    const { time, wall, random, locks, policy, memory, store } = parts;
    this.store = store;
    const clock = new HubClock(time, wall, () => this.#dead);
    this.#clock = clock;
    const never = new AbortController().signal;
    const write = (line: string): void => {
      if (!this.#dead) parts.onError(line);
    };
    const log = parts.log ?? pino({ level: 'error', base: null }, { write });
    this.driver = createDirectDriver({
      locks,
      random,
      memory,
      sleep: (durationMs) => clock.sleepFor(durationMs, never),
      hubNow: () => clock.now().earliest,
      utcOffsetMinutes: (at) => offsetMinutes(policy.timezone, at),
    });
    const draw: Draw = parts.draw ?? ((below) => Math.floor(random() * below));
    this.reconciler = new Reconciler({
      store,
      clock,
      policy,
      log: parts.log ?? {
        ...SILENT,
        error: log.error.bind(log),
        debug: (fields) => reasonOf(fields, parts.onReason),
      },
      draw,
      onPairing: () => undefined,
      onRadioState: () => {
        time.stir();
        this.#exchange.publisher.changed(store.deviceIds());
      },
      issuers: parts.issuers,
      drivers: [observed(this.driver, parts, () => this.#dead)],
    });
    this.#exchange = openExchange(
      {
        hubId: HUB_ID,
        bootId: parts.bootId,
        version: '0',
        store,
        clock,
        policy,
        plainCodes: true,
        log,
        draw,
        makePair,
        wake: (deviceId) => this.reconciler.wake(deviceId),
        wakeRadios: () => this.reconciler.wakeRadios(),
        isRadioUp: (radio) => this.reconciler.isRadioUp(radio),
        radios: () => [...this.reconciler.radios()],
        disk: () => ({ freeBytes: 1, totalBytes: 1 }),
        // The worlds of a seed are to stay what they are.
        random: () => 1 / 2,
      },
      (health) => health(0),
    );
    this.reconciler.start();
    this.#exchange.resume();
  }

  /** Asks for a backup code, as a cloud or a technician does. `undefined`: no such lock. */
  pull(deviceId: string, accessCodeId: string): Pull | undefined {
    const pull = this.store.transaction(() => {
      const before = this.store.lockState(deviceId);
      if (before === undefined) return undefined;
      const pulled = pullBackup(before, accessCodeId, this.#clock.now());
      if (pulled.kind === 'pulled') this.store.commit(before, pulled.step.state, pulled.step.events);
      return pulled;
    });
    this.reconciler.wake(deviceId);
    return pull;
  }

  get inbox(): Inbox {
    return this.#exchange.inbox;
  }

  /** Gives a code up, as a cloud or a technician does. `undefined`: no such lock. */
  handBack(deviceId: string, accessCodeId: string): HandBack | undefined {
    const given = this.store.transaction(() => {
      const before = this.store.lockState(deviceId);
      if (before === undefined) return undefined;
      const step = handBack(before, accessCodeId, this.#clock.now());
      if (step.kind === 'handed_back') this.store.commit(before, step.step.state, step.step.events);
      return step;
    });
    this.reconciler.wake(deviceId);
    return given;
  }

  connected(connection: Connection): void {
    this.#exchange.publisher.connected(connection);
  }

  /** The power goes: nothing that was awaited ever returns, and what was not committed is lost. */
  kill(): void {
    this.#dead = true;
    void this.driver.stop();
    this.store.close();
  }
}

const quiet = (): void => undefined;
const SILENT = { info: quiet, warn: quiet };

/** The reconciler says at level debug why it did an operation. */
function reasonOf(fields: object, onReason: LifeParts['onReason']): void {
  if ('reason' in fields && 'deviceId' in fields) onReason(String(fields.deviceId), String(fields.reason));
}

function observed(driver: LockDriver, { onOperation, onReport }: LifeParts, dead: () => boolean): LockDriver {
  return {
    radio: driver.radio,
    start: (host) =>
      driver.start({
        ...host,
        onEvent: (deviceId, heard) =>
          onReport(heard, (body, at) => {
            if (!dead()) host.onEvent(deviceId, body, at);
          }),
      }),
    stop: () => driver.stop(),
    pairing: driver.pairing,
    act: (deviceId, action) => driver.act(deviceId, action),
    ping: (deviceId) => driver.ping(deviceId),
    checkLink: (deviceId) => driver.checkLink(deviceId),
    network: () => driver.network(),
    execute: async (deviceId, operation) => {
      onOperation(deviceId, operation, undefined);
      const outcome = await driver.execute(deviceId, operation);
      onOperation(deviceId, operation, outcome);
      return outcome;
    },
  };
}
