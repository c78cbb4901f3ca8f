import { pino, type Logger } from 'pino';
import type { Random } from '../../drivers/sim/random.ts';
import type { Clock } from '../../src/clock.ts';
import type { Connection } from '../../src/cloud/connection.ts';
import { openExchange, type Exchange } from '../../src/cloud/exchange.ts';
import type { Inbox } from '../../src/cloud/inbox.ts';
import type { KeyPair } from '../../src/cloud/sealing.ts';
import type { Draw } from '../../src/core/draw.ts';
import type { Policy } from '../../src/core/lock.ts';
import type { LockEventBody, RadioKind } from '../../src/core/lock-event.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { pullBackup, type Pull } from '../../src/core/request/pool.ts';
import { handBack, type HandBack } from '../../src/core/request/unmanaged.ts';
import type { Instant } from '../../src/core/time.ts';
import type { LockDriver, RadioState } from '../../src/lock-driver.ts';
import type { OfflineCodeIssuer } from '../../src/offline-issuer.ts';
import { Reconciler } from '../../src/reconcile/reconciler.ts';
import { StoreError } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import type { Face } from './faces/face.ts';
import { HubClock, type WallClock } from './hub-clock.ts';
import type { VirtualTime } from './virtual-clock.ts';

export const HUB_ID = 'simulated';
/** The same in each run, for the same seed gives the same run. Nothing is sealed to it. */
const makePair = (): KeyPair => ({ publicKey: 'A'.repeat(43), privateKey: 'A'.repeat(43) });

export interface LifeParts {
  readonly time: VirtualTime;
  readonly wall: WallClock;
  /** In place of the one that goes by `wall`. */
  readonly clock?: Clock;
  readonly random: Random;
  readonly face: Face;
  /** Who computes offline codes. */
  readonly issuers?: readonly OfflineCodeIssuer[];
  readonly policy: Policy;
  readonly store: Store;
  readonly bootId: string;
  /** For PINs that the hub makes up; from `random` where nobody says. */
  readonly draw?: Draw;
  /** Hears every line instead of `onReason` and `onError`, which then hear nothing. */
  readonly log?: Logger;
  /** Told of every operation as it begins (`undefined`) and as it ends. */
  readonly onOperation: (deviceId: string, operation: Operation, outcome: Outcome | undefined) => void;
  readonly isDiskFull?: () => boolean;
  /** What becomes of a report between a lock and the hub: `tell` may be called later, or twice, or with less in it. */
  readonly onReport: (body: LockEventBody, tell: (body: LockEventBody, at?: Instant) => void) => void;
  /** Told why an operation was done. */
  readonly onReason: (deviceId: string, reason: string) => void;
  readonly onRadioState: (radio: RadioKind, state: RadioState) => void;
  /** Hears every line that a driver logs, where no `log` is given. */
  readonly onRadioLog: (line: string) => void;
  /** The hub logged an error, which it does only for bugs and for failures that do not happen here. */
  readonly onError: (line: string) => void;
}

/** One run of the hub's process over the real store, from its start to the moment it is killed. */
export class Life {
  readonly store: Store;
  readonly drivers: readonly LockDriver[];
  readonly reconciler: Reconciler;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  #dead = false;

  constructor(parts: LifeParts) {
    const { time, wall, random, face, policy, store } = parts;
    this.store = store;
    const isDead = (): boolean => this.#dead;
    const clock = parts.clock ?? new HubClock(time, wall, isDead);
    this.#clock = clock;
    const write = (line: string): void => {
      if (!this.#dead) parts.onError(line);
    };
    const log = parts.log ?? pino({ level: 'error', base: null }, { write });
    const radioLog = pino(
      { level: 'debug', base: null },
      { write: (line) => isDead() || parts.onRadioLog(line) },
    );
    this.drivers = face.drivers({ clock, store, log: parts.log ?? radioLog, isDead });
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
      drivers: this.drivers.map((driver) => observed(driver, parts, isDead)),
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
        disk: () => ({ freeBytes: 1, totalBytes: 1, room: parts.isDiskFull?.() ? 'none' : 'ample' }),
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
    const pull = this.#wish(() => {
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
    const given = this.#wish(() => {
      const before = this.store.lockState(deviceId);
      if (before === undefined) return undefined;
      const step = handBack(before, accessCodeId, this.#clock.now());
      if (step.kind === 'handed_back') this.store.commit(before, step.step.state, step.step.events);
      return step;
    });
    this.reconciler.wake(deviceId);
    return given;
  }

  /** Whoever asks for it is told when nothing can be written, and that nothing was changed. */
  #wish<T>(work: () => T): T | undefined {
    try {
      return this.store.transaction(work);
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  connected(connection: Connection): void {
    this.#exchange.publisher.connected(connection);
  }

  /** The power goes: nothing that was awaited ever returns, and what was not committed is lost. */
  kill(): void {
    this.#dead = true;
    for (const driver of this.drivers) void driver.stop();
    this.store.close();
  }
}

const quiet = (): void => undefined;
const SILENT = { info: quiet, warn: quiet };

/** The reconciler says at level debug why it did an operation. */
function reasonOf(fields: object, onReason: LifeParts['onReason']): void {
  if ('reason' in fields && 'deviceId' in fields) onReason(String(fields.deviceId), String(fields.reason));
}

/** A driver that a dead hub hears nothing of any more, like a killed process. */
function observed(
  driver: LockDriver,
  { onOperation, onReport, onRadioState }: LifeParts,
  dead: () => boolean,
): LockDriver {
  const alive = async <T>(answer: Promise<T>): Promise<T> => {
    const value = await answer;
    return dead() ? new Promise<never>(() => undefined) : value;
  };
  return {
    radio: driver.radio,
    start: (host) =>
      driver.start({
        deviceIdOf: (identity) => (dead() ? NOBODY : host.deviceIdOf(identity)),
        onEvent: (deviceId, heard, heardAt) =>
          onReport(heard, (body, at = heardAt) => {
            if (dead()) return;
            if (at === undefined) host.onEvent(deviceId, body);
            else host.onEvent(deviceId, body, at);
          }),
        onRadioState: (state, message) => {
          if (dead()) return;
          onRadioState(driver.radio, state);
          host.onRadioState(state, message);
        },
        onPairing: () => {
          if (!dead()) host.onPairing();
        },
      }),
    stop: () => driver.stop(),
    pairing: driver.pairing,
    act: (deviceId, action) => alive(driver.act(deviceId, action)),
    ping: (deviceId) => alive(driver.ping(deviceId)),
    checkLink: (deviceId) => alive(driver.checkLink(deviceId)),
    network: () => driver.network(),
    execute: async (deviceId, operation) => {
      onOperation(deviceId, operation, undefined);
      const outcome = await alive(driver.execute(deviceId, operation));
      onOperation(deviceId, operation, outcome);
      return outcome;
    },
  };
}

/** Whom a driver tells of when there is no hub any more. */
const NOBODY = 'nobody';
