import type { TimeReading } from '../../src/core/time.ts';
import type { Logger } from 'pino';
import type { Controller, Events, Models } from 'zigbee-herdsman';
import type { Clock } from '../../src/clock.ts';
import type { DriverHost, RadioStorage } from '../../src/lock-driver.ts';
import { examine, type Examined } from './examine.ts';
import { endPlace, identityOf, placeOf } from './identity.ts';
import { Retries } from './interview/retries.ts';
import type { ZigbeeNetworkKeys } from './keys.ts';
import { BoltPlace } from './bolt-place.ts';
import { sendAway } from './leave.ts';
import { forgetTypedPin } from './listen/listen.ts';
import { keypadEndpointOf } from './keypad/keypad.ts';
import { Keypads } from './keypad/keypads.ts';
import type { AnswerTimes, Member, ZigbeeLock } from './lock.ts';
import { metOf, type Met } from './met.ts';
import { Meetings, type Meeting } from './meetings.ts';
import type { Presence } from './presence.ts';
import { forgetFindings, keepFindings, knownFindings } from './profile.ts';
import { isAstray, isInterviewed, recall, seek } from './recall.ts';
import { SlotNotes } from './slot-notes.ts';
import { wordsOfStranger } from './stranger.ts';

export interface DiscoveryOptions {
  readonly controller: Controller;
  readonly host: DriverHost;
  readonly storage: RadioStorage;
  readonly keys: ZigbeeNetworkKeys;
  readonly times: AnswerTimes;
  readonly zone: string;
  /** The hub's time. */
  readonly now: () => TimeReading;
  /** IEEE addresses of the hub's locks and keypads, whatever the library knows. */
  readonly known: readonly string[];
  readonly log: Logger;
  readonly clock: Clock;
  /** The library's files have changed. */
  readonly save: () => void;
  /** The stick knows another lock, with its keys: without them in the backup, another stick could not speak to it. */
  readonly backUp: () => void;
}

/** Finds the locks and keypads among the devices of one running controller and introduces them to the hub. */
export class Discovery {
  readonly meetings = new Meetings();
  readonly keypads: Keypads;
  readonly #options: DiscoveryOptions;
  readonly #met = new Map<string, Met>();
  readonly #retries = new Retries((ieee) => this.#retry(ieee));
  /** Devices that are being asked what they can do. */
  readonly #asked = new Set<string>();
  #isStopped = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.keypads = new Keypads(options);
    const { controller, save } = options;
    controller.on('message', (message) => this.#hear(message));
    controller.on('deviceInterview', ({ device, status }) => {
      if (status === 'successful') this.#meetSoon(device);
      if (status === 'failed') this.#failed(device);
      save();
    });
    controller.on('deviceNetworkAddressChanged', ({ device }) => {
      save();
      // One that the library had lost is found; any other is met already.
      if (this.memberAt(device.ieeeAddr) === undefined) this.#retry(device.ieeeAddr);
    });
    controller.on('deviceAnnounce', ({ device }) => this.#presenceOf(device.ieeeAddr)?.heard());
    controller.on('deviceLeave', ({ ieeeAddr }) => this.#left(ieeeAddr));
  }

  /** Introduces those that the library or the hub knows. */
  start(): void {
    const { controller, known } = this.#options;
    recall(controller, known);
    for (const device of controller.getDevicesIterator()) {
      if (device.type === 'Coordinator' || device.type === 'GreenPower') continue;
      if (isInterviewed(device, this.#options.storage)) this.#meetSoon(device);
      else this.#retries.later(device.ieeeAddr);
      if (isAstray(device)) void seek(device);
    }
  }

  lock(deviceId: string): ZigbeeLock | undefined {
    return this.#all().find(({ lock }) => lock.deviceId === deviceId)?.lock;
  }

  member(deviceId: string): Member | undefined {
    return this.lock(deviceId) ?? this.keypads.get(deviceId);
  }

  memberAt(ieee: string): Member | undefined {
    return this.#met.get(ieee)?.lock ?? this.keypads.at(ieee);
  }

  isOnline(ieee: string): boolean {
    return this.#presenceOf(ieee)?.isOnline ?? false;
  }

  isAsked(ieee: string): boolean {
    return this.#asked.has(ieee);
  }

  /** The lock took no frame: the next it says is the moment to try again. */
  missed({ device }: ZigbeeLock): void {
    this.#presenceOf(device.ieeeAddr)?.missed();
  }

  /** Asks a lock or a keypad everything anew. */
  async reinterview({ device }: Member): Promise<Meeting> {
    const next = this.meetings.next(device.ieeeAddr);
    this.#meetSoon(device, true);
    return next;
  }

  /**
   * A lock that we know joins as a guest: it was reset, and has lost what was set up in it. The library says nothing of
   * those that it knows, so it forgets this one. A lock that is still being asked joins several times in a row.
   */
  expectAnew(ieee: string): void {
    const { controller, storage } = this.#options;
    const isKnown = this.keypads.isKnown(ieee) || knownFindings(ieee, storage) !== undefined;
    if (this.#asked.has(ieee) || !isKnown) return;
    this.keypads.forget(ieee);
    forgetFindings(ieee, storage);
    controller.getDeviceByIeeeAddr(ieee)?.removeFromDatabase();
  }

  /** Forgets a lock that was taken out. */
  forget(ieee: string): void {
    this.#left(ieee);
  }

  stop(): void {
    for (const { ear } of this.#all()) ear.flush();
    this.#isStopped = true;
    this.#retries.stop();
    for (const { presence } of this.#all()) presence.stop();
    this.keypads.stop();
    this.meetings.end();
  }

  #all(): readonly Met[] {
    return [...this.#met.values()];
  }

  #presenceOf(ieee: string): Presence | undefined {
    return (this.#met.get(ieee) ?? this.keypads.at(ieee))?.presence;
  }

  #hear(message: Events.MessagePayload): void {
    forgetTypedPin(message);
    if (this.#isStopped || this.keypads.hear(message)) return;
    const { ieeeAddr } = message.device;
    const met = this.#met.get(ieeeAddr);
    if (met === undefined) {
      // It is awake now.
      this.#retries.now(ieeeAddr);
      return;
    }
    met.presence.heard();
    met.ear.hear(message, met.lock);
  }

  #retry(ieee: string): void {
    const device = this.#options.controller.getDeviceByIeeeAddr(ieee);
    if (device === undefined || this.#isStopped) return;
    if (isAstray(device)) {
      this.#retries.later(ieee);
      void seek(device);
      return;
    }
    if (isInterviewed(device, this.#options.storage)) {
      this.#meetSoon(device);
      return;
    }
    device.interview().then(
      () => this.#meetSoon(device),
      () => this.#failed(device),
    );
  }

  #failed({ ieeeAddr }: Models.Device): void {
    if (this.#isStopped) return;
    this.#retries.later(ieeeAddr);
    this.meetings.tell(ieeeAddr, { kind: 'failed' });
  }

  #meetSoon(device: Models.Device, anew = false): void {
    if (this.#asked.has(device.ieeeAddr)) return;
    this.#asked.add(device.ieeeAddr);
    this.#meet(device, anew)
      .catch((error: unknown) => {
        this.#options.log.error(
          { ieee: device.ieeeAddr, error: error instanceof Error ? error.name : 'unknown' },
          'a lock could not be introduced',
        );
        this.#failed(device);
      })
      .finally(() => this.#asked.delete(device.ieeeAddr));
  }

  async #meet(device: Models.Device, anew: boolean): Promise<void> {
    const ieee = device.ieeeAddr;
    if (keypadEndpointOf(device) !== undefined) return this.#meetKeypad(device, anew);
    const before = this.#met.get(ieee)?.lock;
    const onProgress = (progress: number): void => this.meetings.progress(ieee, progress);
    const examined = await examine(device, this.#options, before, anew, onProgress);
    if (this.#isStopped || device.isDeleted) return;
    switch (examined.kind) {
      case 'stranger':
        return this.#sendAway(device);
      case 'failed':
        return this.#failed(device);
      case 'lock':
        return this.#introduce(examined, before);
    }
  }

  /** What was let in for a lock, and is a keypad, can't take its place. */
  async #meetKeypad(device: Models.Device, anew: boolean): Promise<void> {
    const ieee = device.ieeeAddr;
    if (this.lock(placeOf(ieee, this.#options.storage) ?? '') !== undefined) return this.#sendAway(device);
    const shown = await this.keypads.examine(device, anew);
    if (this.#isStopped || device.isDeleted) return;
    if (shown === 'failed') return this.#failed(device);
    this.#retries.end(ieee);
    this.meetings.tell(ieee, { kind: 'lock', deviceId: this.keypads.introduce(device, shown) });
  }

  /** Whenever it got in: who is no lock has no business in this network. */
  async #sendAway(device: Models.Device): Promise<void> {
    const message = wordsOfStranger(device);
    this.#options.log.warn({ ieee: device.ieeeAddr, message }, 'a device that is no lock is sent away');
    this.meetings.tell(device.ieeeAddr, { kind: 'stranger', message });
    endPlace(device.ieeeAddr, this.#options.storage);
    await sendAway(device);
    this.#options.save();
  }

  #introduce(
    { found, description, isNew }: Extract<Examined, { readonly kind: 'lock' }>,
    before: ZigbeeLock | undefined,
  ): void {
    const { host, storage, keys, zone, now, log, backUp } = this.#options;
    const ieee = found.device.ieeeAddr;
    if (isNew) {
      keepFindings(ieee, found.profile.findings, storage);
      backUp();
    }
    if (this.keypads.get(placeOf(ieee, storage)) !== undefined) endPlace(ieee, storage);
    this.#succeed(ieee);
    const deviceId = host.deviceIdOf(identityOf(ieee, keys, storage));
    endPlace(ieee, storage);
    const lock: ZigbeeLock = {
      ...found,
      deviceId,
      notes: new SlotNotes(ieee, storage),
      occupation: before?.occupation ?? { work: null, leftover: null },
      zone,
      now,
    };
    this.#retries.end(ieee);
    log.info({ ieee, deviceId, model: description.model }, 'lock found');
    host.onEvent(deviceId, { kind: 'found', description, snapshot: [] });
    this.#met.set(ieee, metOf(lock, description.locked, this.#met.get(ieee), this.#options));
    this.meetings.tell(ieee, { kind: 'lock', deviceId });
  }

  /** The lock in whose place this one was let in is no device of its own any more. */
  #succeed(ieee: string): void {
    const { host, storage } = this.#options;
    const old = this.#all().find(({ lock }) => lock.deviceId === placeOf(ieee, storage));
    if (old === undefined || old.lock.device.ieeeAddr === ieee) return;
    const { device, deviceId } = old.lock;
    host.onEvent(deviceId, { kind: 'replaced' });
    old.presence.stop();
    this.#met.delete(device.ieeeAddr);
    device.removeFromDatabase();
  }

  #left(ieee: string): void {
    if (this.#isStopped) return;
    const { host, storage, save } = this.#options;
    const keypadId = this.keypads.forget(ieee);
    const met = this.#met.get(ieee);
    this.#met.delete(ieee);
    this.#retries.end(ieee);
    forgetFindings(ieee, storage);
    met?.presence.stop();
    met?.ear.flush();
    met?.lock.notes.forget();
    new BoltPlace(ieee, storage).forget();
    save();
    const deviceId = keypadId ?? met?.lock.deviceId;
    if (deviceId !== undefined) host.onEvent(deviceId, { kind: 'removed' });
  }
}
