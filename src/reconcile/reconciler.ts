import { auditAnew, startAudit } from '../core/plan/audit.ts';
import type { Draw } from '../core/draw.ts';
import type { LockEventBody, LockLink, RadioKind } from '../core/lock-event.ts';
import { unmetLock, type LockState, type Policy } from '../core/lock.ts';
import { observe } from '../core/observe/observe.ts';
import type { NetworkView, PairingNow } from '../core/radio-view.ts';
import type { Instant } from '../core/time.ts';
import { withAttempt } from '../core/attempt-event.ts';
import type { Pin } from '../core/pin.ts';
import type { Clock } from '../clock.ts';
import type { LockDriver } from '../lock-driver.ts';
import type { OfflineCodeIssuer } from '../offline-issuer.ts';
import type { Store } from '../store/store.ts';
import type { OfflineVendor } from '../core/offline/window.ts';
import { showAt } from './keypad-display.ts';
import { enter } from './keypad-entry.ts';
import { LockLoop, type Log } from './lock-loop.ts';
import { OfflineLoop } from './offline-loop.ts';
import { RadioCommands } from './radio-commands.ts';
import type { Radio, RadioHealth } from './radio.ts';
import { RadioGate } from './radio-gate.ts';

export interface ReconcilerOptions {
  readonly store: Store;
  readonly drivers: readonly LockDriver[];
  /** Who computes offline codes; without, there are none. */
  readonly issuers?: readonly OfflineCodeIssuer[] | undefined;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly log: Log;
  /** Cryptographic randomness, for PINs that the hub makes up. */
  readonly draw: Draw;
  /** A hub that was restored waits for its cloud before it puts codes on or takes them off; absent: this one was not. */
  readonly mayWrite?: () => boolean;
  /** Awaited before a lock or a stick is taken out or replaced: what is lost then can be had back. Never rejects. */
  readonly beforeRisk?: () => Promise<unknown>;
  /** Told when a radio went or came back. */
  readonly onRadioState: () => void;
  /** Told when `pairing()` is another one. */
  readonly onPairing: () => void;
}

/** The loops of all locks over all radios. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  #radios: readonly Radio[];
  readonly #loops = new Map<string, { readonly loop: LockLoop; readonly done: Promise<void> }>();
  /** Locks that a driver has met since it started. */
  readonly #present = new Set<string>();
  readonly #commands: RadioCommands;
  readonly #offline: readonly { readonly vendor: OfflineVendor; readonly loop: OfflineLoop }[];
  #offlineDone: readonly Promise<void>[] = [];
  readonly #stopping = new AbortController();
  #stopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#radios = options.drivers.map((driver) => this.#radioWith(driver));
    this.#offline = (options.issuers ?? []).map((issuer) => ({
      vendor: issuer.vendor,
      loop: new OfflineLoop(issuer, { ...options, onChange: (deviceId) => this.wake(deviceId) }),
    }));
    this.#commands = new RadioCommands({
      ...options,
      driverOf: (kind) => {
        const radio = this.#radios.find(({ driver }) => driver.radio === kind);
        return radio && { driver: radio.driver, isUp: radio.state === 'ready' };
      },
    });
  }

  /** Starts the radios, and a loop for every lock that is known; locks met later get theirs then. */
  start(): void {
    for (const radio of this.#radios) this.#startRadio(radio);
    for (const deviceId of this.#options.store.deviceIds()) this.wake(deviceId);
    this.#offlineDone = this.#offline.map(({ loop }) => loop.run());
    this.wakeRadios();
  }

  /** Opens a radio from now on, in the place of the one of its kind, which is closed first. */
  async useRadio(driver: LockDriver): Promise<void> {
    const old = this.#radios.find((radio) => radio.driver.radio === driver.radio);
    if (old !== undefined) {
      await this.#options.beforeRisk?.();
      await old.driver.stop();
      this.#radioLost(old);
    }
    if (this.#stopped) return;
    const radio = this.#radioWith(driver);
    this.#radios = [...this.#radios.filter((other) => other !== old), radio];
    this.#startRadio(radio);
    this.#options.onRadioState();
  }

  /** A command that needs a radio as a whole may have come. */
  wakeRadios(): void {
    if (!this.#stopped) this.#commands.look();
  }

  /** Something about this lock may have changed. */
  wake(deviceId: string): void {
    if (this.#stopped) return;
    this.#wakeIssuer(deviceId);
    const running = this.#loops.get(deviceId);
    if (running !== undefined) {
      running.loop.wake();
      return;
    }
    const loop = new LockLoop(deviceId, {
      mayWrite: () => true,
      ...this.#options,
      radioOf: (state) => this.#radioOf(state),
      isPresent: (id) => this.#present.has(id),
    });
    this.#loops.set(deviceId, { loop, done: loop.run() });
  }

  #wakeIssuer(deviceId: string): void {
    if (this.#offline.length === 0) return;
    const vendor = this.#options.store.lockState(deviceId)?.lock.capabilities?.offline?.vendor;
    for (const issuer of this.#offline) if (issuer.vendor === vendor) issuer.loop.wake();
  }

  /** Has every lock compared with the table, when it has nothing more urgent to do. */
  audit(): void {
    const { store, clock, log } = this.#options;
    for (const deviceId of store.deviceIds()) {
      try {
        store.transaction(() => {
          const before = store.lockState(deviceId);
          if (before !== undefined) store.commit(before, startAudit(before, clock.now().earliest), []);
        });
      } catch (error) {
        log.error({ deviceId, err: error }, 'An audit could not be started');
      }
      this.wake(deviceId);
    }
  }

  /** Locks whose loops hang: they should have gone on long ago. */
  overdue(): readonly string[] {
    return [...this.#loops].filter(([, { loop }]) => loop.isOverdue()).map(([deviceId]) => deviceId);
  }

  /**
   * Has every stick that is there keep what another one needs to take its place, when its radio is free; nobody is spoken
   * to meanwhile. Answers which radios did.
   */
  async keepSticks(): Promise<readonly RadioKind[]> {
    const kept: RadioKind[] = [];
    for (const { driver, gate, state } of this.#radios) {
      if (this.#stopped || state !== 'ready' || driver.keepStick === undefined) continue;
      const { signal } = this.#stopping;
      await gate.run({ priority: 'look', ticket: gate.ticket(), signal, isSilent: true }, async () => {
        if ((await driver.keepStick?.()) === true) kept.push(driver.radio);
      });
    }
    return kept;
  }

  /** Has every stick that is there forget its network, and answers which radios did. */
  async resetSticks(): Promise<readonly RadioKind[]> {
    const reset: RadioKind[] = [];
    for (const { driver, state } of this.#radios) {
      if (state === 'ready' && (await driver.resetStick?.()) === true) reset.push(driver.radio);
    }
    return reset;
  }

  /** The radio of this kind is there and answers. Locks that nothing is sent to need none. */
  isRadioUp(kind: LockLink): boolean {
    if (kind === 'offline') return true;
    return this.#radios.some(({ driver, state }) => driver.radio === kind && state === 'ready');
  }

  radios(): readonly RadioHealth[] {
    return this.#radios.map(({ driver, state, message, fault }) => ({
      radio: driver.radio,
      state,
      message,
      ...(fault && { fault }),
    }));
  }

  /** Each radio's network as its library knows it; `null`: it is not there. */
  networks(): readonly { readonly radio: RadioKind; readonly network: NetworkView | null }[] {
    return this.#radios.map(({ driver }) => ({ radio: driver.radio, network: driver.network() }));
  }

  /** The pairing, replacement or removal that is under way, or the last one since the start. */
  pairing(): PairingNow | null {
    return this.#commands.pairing();
  }

  /** Closes the radios and ends every loop; what was under way is settled as far as its result is known. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopping.abort();
    for (const { loop } of this.#loops.values()) loop.stop();
    await Promise.all([this.#commands.stop(), ...this.#offline.map(({ loop }) => loop.stop())]);
    await Promise.all(this.#radios.map(({ driver }) => driver.stop()));
    await Promise.all([...[...this.#loops.values()].map(({ done }) => done), ...this.#offlineDone]);
  }

  #radioWith(driver: LockDriver): Radio {
    const gate = new RadioGate(this.#options.clock, driver.locksAtOnce ?? 1);
    return { driver, gate, state: 'starting', message: 'Not opened yet', fault: undefined };
  }

  #startRadio(radio: Radio): void {
    const { store, log } = this.#options;
    const started = radio.driver.start({
      deviceIdOf: (identity) => store.deviceIdOf(identity),
      onEvent: (deviceId, body, at) => this.#heard(deviceId, body, at),
      onPairing: () => this.#options.onPairing(),
      onRadioState: (state, message, fault) => {
        const isLost = radio.state === 'ready' && state === 'down';
        radio.state = state;
        radio.message = message;
        radio.fault = fault;
        if (isLost) this.#radioLost(radio);
        log.info({ radio: radio.driver.radio, state, ...(fault && { fault }) }, message);
        for (const deviceId of this.#loops.keys()) this.wake(deviceId);
        this.#options.onRadioState();
      },
    });
    started.catch((error: unknown) => {
      log.error({ radio: radio.driver.radio, err: error }, 'A radio driver could not start, which is a bug');
    });
  }

  /** Its locks can't be reached, whatever they do; each is connected again when it is heard. */
  #radioLost({ driver }: Radio): void {
    for (const deviceId of this.#present) {
      const state = this.#options.store.lockState(deviceId);
      if (state?.lock.radio === driver.radio)
        this.#heard(deviceId, { kind: 'offline', because: 'radio_down' });
    }
  }

  #radioOf({ lock }: LockState): Radio | undefined {
    return this.#radios.find(({ driver, state }) => driver.radio === lock.radio && state === 'ready');
  }

  #heard(deviceId: string, body: LockEventBody, happenedAt?: Instant): void {
    if (this.#stopped) return;
    const { store, clock, policy, log } = this.#options;
    const isBack = body.kind === 'found' && !this.#present.has(deviceId);
    if (body.kind === 'found') this.#present.add(deviceId);
    if (body.kind === 'removed') this.#present.delete(deviceId);
    try {
      store.transaction(() => {
        const now = clock.now();
        const before = store.lockState(deviceId);
        const state = before ?? { lock: unmetLock(deviceId), codes: [], slots: [] };
        const at = happenedAt ?? now.earliest;
        const isBolt = body.kind === 'locked' || body.kind === 'unlocked';
        const slot = isBolt ? body.slot : null;
        // What is told as it happens is of whoever has the slot, also when our clock was set back since.
        const held = happenedAt ?? Number.POSITIVE_INFINITY;
        const tenant = slot === null ? undefined : store.tenantAt(deviceId, slot, held);
        // While the hub was away anything may have happened to the codes of a lock that it knows.
        const known = isBack ? auditAnew(state, at) : state;
        const step = observe(known, { deviceId, at, body }, tenant, policy, now);
        const [newest] = isBolt ? store.commands.newest(deviceId, null, 1) : [];
        const events = withAttempt(step.events, newest, now.earliest);
        if (step.state !== before || events.length > 0) store.commit(before, step.state, events);
      });
    } catch (error) {
      log.error({ deviceId, event: body.kind, err: error }, 'An event of a lock could not be stored');
    }
    this.wake(deviceId);
    if (body.kind === 'keypad_entry') this.#entered(deviceId, body.digits);
  }

  #show(keypadId: string, opens: boolean): void {
    const { store, log } = this.#options;
    const keypad = store.lockState(keypadId);
    const radio = keypad && this.#radioOf(keypad);
    if (radio === undefined) return;
    showAt(keypadId, opens, { ...this.#options, ...radio }).catch((error: unknown) =>
      log.error({ keypadId, err: error }, 'A keypad could not be shown what came of a code'),
    );
  }

  /** Digits were typed at a keypad: its lock opens, or somebody is told why not. */
  #entered(keypadId: string, digits: Pin): void {
    const { store, clock, log } = this.#options;
    try {
      const entry = store.transaction(() => enter(store, keypadId, digits, clock.now()));
      log.info({ keypadId, deviceId: entry?.deviceId, opens: entry?.opens }, 'A code was typed at a keypad');
      if (entry === null) return;
      this.wake(entry.deviceId);
      this.#show(keypadId, entry.opens);
    } catch (error) {
      log.error({ keypadId, err: error }, 'A code that was typed could not be judged');
    }
  }
}
