import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { mayReserve, roomAfter, roomBounds, type Room } from './core/room.ts';
import { SECOND_MS } from './core/time.ts';
import { StoreError } from './store/errors.ts';
import type { Reserve } from './store/reserve.ts';
import type { Store } from './store/store.ts';

/** Looking costs one call of the system. */
const LOOK_EVERY_MS = 5 * SECOND_MS;

export interface DiskWatchOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the file system with the database, in bytes. */
  readonly disk: () => { readonly freeBytes: number; readonly totalBytes: number };
  /** `undefined`: nothing is kept from others. */
  readonly reserve?: Reserve | undefined;
  /** There is room again after there was none: what could not be stored meanwhile has to be found out. */
  readonly onRelief: () => void;
}

export interface DiskWatch {
  /** There was room for what can be missed when somebody last looked. */
  hasRoom(): boolean;
  /** Looks now. */
  look(): ReturnType<DiskWatchOptions['disk']> & { readonly room: Room };
  stop(): Promise<void>;
}

/** Sees to it that codes have room: telemetry goes first, then the reserve; and all comes back when there is room again. */
export function startDiskWatch(options: DiskWatchOptions): DiskWatch {
  const { clock } = options;
  const watched = new WatchedDisk(options);
  const stopping = new AbortController();
  watched.look();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleepFor(LOOK_EVERY_MS, stopping.signal);
      if (!stopping.signal.aborted) watched.look();
    }
  })();
  return {
    hasRoom: () => watched.room === 'ample',
    look: () => ({ room: watched.look(), ...options.disk() }),
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

class WatchedDisk {
  room: Room = 'ample';
  readonly #options: DiskWatchOptions;
  /** What the last event said. */
  #told: Room = 'ample';

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** Never throws. */
  look(): Room {
    const { disk, store, log } = this.#options;
    try {
      const seen = { ...disk(), isRefused: store.isRefused() };
      const before = this.room;
      this.room = roomAfter(before, seen);
      if (this.room === 'none') this.#options.reserve?.release();
      if (this.room !== before) this.#changed(before, seen.freeBytes);
      if (this.room !== this.#told) this.#tell(seen.freeBytes);
      const { reserve } = this.#options;
      if (reserve?.bytes() === 0 && mayReserve(this.room, seen)) {
        reserve.make(roomBounds(seen.totalBytes).reserveBytes);
      }
    } catch (error) {
      log.warn({ err: error }, 'the disk could not be looked after');
    }
    return this.room;
  }

  #changed(before: Room, freeBytes: number): void {
    const { store, log, clock, onRelief } = this.#options;
    log.warn({ room: this.room, freeBytes }, `the disk has ${WORDS[this.room]}`);
    if (this.room === 'short') store.tidy(clock.now().earliest, true);
    if (before !== 'none') return;
    store.radioStorage.flush();
    onRelief();
  }

  /** What can't be written now is told as soon as it can. */
  #tell(freeBytes: number): void {
    const { store, clock } = this.#options;
    const event_type = this.room === 'ample' ? 'hub.disk_recovered' : 'hub.disk_short';
    const details = { room: this.room, free_bytes: freeBytes };
    try {
      store.append([{ event_type, occurredAt: clock.now().earliest, details }]);
      this.#told = this.room;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

const WORDS: Readonly<Record<Room, string>> = {
  ample: 'room again',
  short: 'little room left: only codes and events are written',
  none: 'no room left: what has ended is taken off all the same',
};
