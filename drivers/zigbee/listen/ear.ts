import type { Events } from 'zigbee-herdsman';
import type { LockEventBody } from '../../../src/core/lock-event.ts';
import type { BoltPlace } from '../bolt-place.ts';
import type { ZigbeeLock } from '../lock.ts';
import { BoltWatch } from './bolt-watch.ts';
import { meaningsOf } from './listen.ts';
import { Repeats } from './repeats.ts';

/** Makes of the messages of one lock what they mean, each thing once. */
export class Ear {
  readonly #tell: (body: LockEventBody) => void;
  readonly #place: BoltPlace;
  readonly #repeats = new Repeats();
  readonly #bolt: BoltWatch;

  /** `tell` is also called a while after a message: what it says may have to be completed by another. */
  constructor({ profile }: ZigbeeLock, place: BoltPlace, tell: (body: LockEventBody) => void) {
    this.#tell = tell;
    this.#place = place;
    this.#bolt = new BoltWatch({
      position: place.position,
      fromReports: profile.quirks.boltFromReports === true,
      tell: (movement) => {
        place.keep(movement.kind);
        tell(movement);
      },
    });
  }

  hear(message: Events.MessagePayload, lock: ZigbeeLock): void {
    for (const { by, body } of meaningsOf(message, lock, this.#repeats)) {
      if (body.kind === 'locked' || body.kind === 'unlocked') {
        if (by === 'event') this.#bolt.moved(body);
        else this.#bolt.shown(body.kind);
        continue;
      }
      if (body.kind === 'jammed') this.#bolt.stuck();
      this.#tell(body);
    }
  }

  /** The lock was asked where its bolt is, and that is told already. */
  learn(locked: boolean | null): void {
    if (locked === null) return;
    const position = locked ? 'locked' : 'unlocked';
    this.#place.keep(position);
    this.#bolt.learn(position);
  }

  /** Tells what waits to be completed. */
  flush(): void {
    this.#bolt.flush();
  }
}
