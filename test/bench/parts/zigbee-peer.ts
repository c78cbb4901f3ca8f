import { type PeerHouse } from '../../peers/house.ts';
import { until } from '../../peers/until.ts';
import { Zigbee2Mqtt, type PeerOptions } from '../../peers/zigbee2mqtt.ts';
import type { Side, Wanted } from './zigbee-side.ts';

const SET_WITHIN_MS = 300_000;
/** An answer to a question may get lost between its many; then it is asked again. */
const ASK_AGAIN_MS = 5000;

/** zigbee2mqtt as a careful program would use it: each PIN is set, and its user is asked for right behind it. */
export class PeerSide implements Side {
  readonly house: PeerHouse;
  readonly #peer: Zigbee2Mqtt;
  readonly #users = new Map<string, number>();

  constructor(house: PeerHouse, peer: Zigbee2Mqtt) {
    this.house = house;
    this.#peer = peer;
  }

  static async start(house: PeerHouse, options: PeerOptions, lockCount: number): Promise<PeerSide> {
    const peer = await Zigbee2Mqtt.start(options);
    await peer.letIn(lockCount);
    return new PeerSide(house, peer);
  }

  async setPins(wanted: Wanted): Promise<void> {
    const since = this.#peer.told;
    const open = [...wanted].flatMap(([ieee, pins]) =>
      pins.map((pin) => ({ ieee, user: this.#nextUser(ieee), pin })),
    );
    for (const { ieee, user, pin } of open) {
      void this.#peer.setPin(ieee, user, pin);
      void this.#peer.askForPin(ieee, user);
    }
    let askedMs = performance.now();
    let missing = open;
    await until('zigbee2mqtt has read back each PIN', SET_WITHIN_MS, () => {
      missing = missing.filter(({ ieee, user, pin }) => {
        return !this.#peer.heard(ieee, ({ users }) => String(users?.[user]?.pin_code) === pin, since);
      });
      if (missing.length === 0) return true;
      if (performance.now() - askedMs < ASK_AGAIN_MS) return false;
      askedMs = performance.now();
      for (const { ieee, user } of missing) void this.#peer.askForPin(ieee, user);
      return false;
    });
  }

  async clearPins(): Promise<void> {
    for (const [ieee, last] of this.#users)
      for (let user = 1; user <= last; user += 1) await this.#peer.setPin(ieee, user, null);
    this.#users.clear();
    await until('zigbee2mqtt has cleared the locks', SET_WITHIN_MS, async () =>
      (await this.house.locks()).every(({ slots }) => slots.length === 0),
    );
  }

  end(): Promise<void> {
    return this.#peer.stop();
  }

  #nextUser(ieee: string): number {
    const user = (this.#users.get(ieee) ?? 0) + 1;
    this.#users.set(ieee, user);
    return user;
  }
}
