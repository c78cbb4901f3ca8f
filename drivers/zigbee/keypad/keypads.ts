import type { TimeReading } from '../../../src/core/time.ts';
import type { Logger } from 'pino';
import type { Controller, Events, Models } from 'zigbee-herdsman';
import type { Clock } from '../../../src/clock.ts';
import type { LockEventBody } from '../../../src/core/lock-event.ts';
import { HUB_CODE_DIGITS } from '../../../src/core/offline/hub-code.ts';
import type { DriverHost, RadioStorage } from '../../../src/lock-driver.ts';
import { endPlace, identityOf, placeOf } from '../identity.ts';
import type { ZigbeeNetworkKeys } from '../keys.ts';
import { Repeats } from '../listen/repeats.ts';
import type { AnswerTimes } from '../lock.ts';
import { presenceOf } from '../presence.ts';
import { timesOf } from '../profile.ts';
import { serveTime } from '../time-server.ts';
import { describeKeypad, digitsOf, keypadEndpointOf, type Keypad } from './keypad.ts';
import { hearKeypad, zoneEvents } from './listen.ts';
import { respond } from './respond.ts';
import { setUp, type Shown } from './set-up.ts';
import { TypedCode } from './typed-code.ts';

/** Keypads that are set up, by IEEE address: a restart costs no frame. */
const SET_UP = 'zigbee.keypads';

interface KeypadsOptions {
  readonly controller: Controller;
  readonly host: DriverHost;
  readonly storage: RadioStorage;
  readonly keys: ZigbeeNetworkKeys;
  readonly times: AnswerTimes;
  readonly zone: string;
  /** The hub's time. */
  readonly now: () => TimeReading;
  readonly log: Logger;
  readonly clock: Clock;
  /** The stick knows another device, with its keys. */
  readonly backUp: () => void;
}

interface Met {
  readonly keypad: Keypad;
  readonly repeats: Repeats;
}

/** The keypads among the devices of one running controller. */
export class Keypads {
  readonly #options: KeypadsOptions;
  readonly #met = new Map<string, Met>();

  constructor(options: KeypadsOptions) {
    this.#options = options;
  }

  at(ieee: string): Keypad | undefined {
    return this.#met.get(ieee)?.keypad;
  }

  get(deviceId: string | undefined): Keypad | undefined {
    return [...this.#met.values()].find(({ keypad }) => keypad.deviceId === deviceId)?.keypad;
  }

  /** Whether it was set up by this hub. */
  isKnown(ieee: string): boolean {
    return this.#options.storage.entries(SET_UP).some(([key]) => key === ieee);
  }

  /** Whether the message was one of a keypad that is met. */
  hear(message: Events.MessagePayload): boolean {
    const met = this.#met.get(message.device.ieeeAddr);
    if (met === undefined) return false;
    met.keypad.presence.heard();
    for (const body of hearKeypad(message, met.keypad, met.repeats)) this.#tell(met.keypad, body);
    return true;
  }

  /** Asks a keypad what it shows, unless it is known; `failed`: it was not there, and is asked again. */
  async examine(device: Models.Device, anew: boolean): Promise<Shown | 'known' | 'failed'> {
    const { controller, times } = this.#options;
    const coordinator = controller.getDevicesByType('Coordinator')[0]?.endpoints[0];
    const endpoint = keypadEndpointOf(device);
    if (coordinator === undefined || endpoint === undefined) throw new Error('there is nobody to be told');
    if (!anew && this.isKnown(device.ieeeAddr)) return 'known';
    return (await setUp({ endpoint, times: timesOf(device, times) }, coordinator)) ?? 'failed';
  }

  /** Introduces a keypad to the hub; returns its `device_id`. */
  introduce(device: Models.Device, shown: Shown | 'known'): string {
    const { host, storage, keys, zone, now, log } = this.#options;
    const ieee = device.ieeeAddr;
    if (shown !== 'known') this.#keep(ieee);
    serveTime(device, zone, now);
    this.#succeed(ieee);
    const deviceId = host.deviceIdOf(identityOf(ieee, keys, storage));
    endPlace(ieee, storage);
    const digits = digitsOf(device);
    log.info({ ieee, deviceId, digits }, 'keypad found');
    if (digits < HUB_CODE_DIGITS)
      log.warn({ ieee, deviceId, digits }, 'a keypad sends too few digits for offline codes');
    const description = describeKeypad(device, shown === 'known' ? undefined : shown.battery);
    host.onEvent(deviceId, { kind: 'found', description, snapshot: [] });
    // One that is met again may have other end points by now.
    end(this.at(ieee));
    const keypad = this.#meet(device, deviceId);
    if (shown === 'known') return deviceId;
    for (const body of zoneEvents(shown.zoneStatus, keypad)) this.#tell(keypad, body);
    return deviceId;
  }

  /** Forgets a keypad that has left; returns its `device_id` if it was met. */
  forget(ieee: string): string | undefined {
    const keypad = this.at(ieee);
    this.#options.storage.delete(SET_UP, ieee);
    this.#met.delete(ieee);
    end(keypad);
    return keypad?.deviceId;
  }

  stop(): void {
    for (const { keypad } of this.#met.values()) end(keypad);
  }

  #meet(device: Models.Device, deviceId: string): Keypad {
    const { host, clock, times: usual } = this.#options;
    const endpoint = keypadEndpointOf(device);
    if (endpoint === undefined) throw new Error('a keypad without keys');
    const member = { deviceId, device, endpoint, times: timesOf(device, usual) };
    const typed = new TypedCode((armnotification, transaction) =>
      respond(member, 'armRsp', { armnotification }, transaction),
    );
    const keypad: Keypad = { ...member, typed, presence: presenceOf(member, host, clock) };
    this.#met.set(device.ieeeAddr, { keypad, repeats: new Repeats() });
    return keypad;
  }

  #keep(ieee: string): void {
    const { storage, backUp } = this.#options;
    storage.set(SET_UP, ieee, 'set up');
    storage.flush();
    backUp();
  }

  /** The keypad in whose place this one was let in is no device of its own any more. */
  #succeed(ieee: string): void {
    const { host, storage } = this.#options;
    const old = this.get(placeOf(ieee, storage));
    if (old === undefined || old.device.ieeeAddr === ieee) return;
    host.onEvent(old.deviceId, { kind: 'replaced' });
    this.forget(old.device.ieeeAddr);
    old.device.removeFromDatabase();
  }

  #tell({ deviceId, device }: Keypad, body: LockEventBody): void {
    const { host, log } = this.#options;
    log.debug({ ieee: device.ieeeAddr, heard: body }, 'a keypad tells');
    host.onEvent(deviceId, body);
  }
}

function end(keypad: Keypad | undefined): void {
  keypad?.typed.stop();
  keypad?.presence.stop();
}
