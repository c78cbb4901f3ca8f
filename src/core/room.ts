/**
 * How much room the disk has for the hub.
 * `ample`: for everything. `short`: codes and events are written, telemetry is not. `none`: a commit has failed, or the
 * next ones will; the reserve is given up.
 */
export type Room = 'ample' | 'short' | 'none';

/** What was found out about the disk, all in bytes. */
export interface DiskLook {
  /** Free for this user. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** The last thing that was to be committed was not. */
  readonly isRefused: boolean;
}

const MEGABYTE = 1024 * 1024;

/** Bounds of one disk: on a card of several gigabytes the first numbers, on a smaller one a share of it. */
export interface RoomBounds {
  readonly shortBytes: number;
  readonly noneBytes: number;
  /** Kept from others for codes. */
  readonly reserveBytes: number;
}

/** What begins at a bound ends only this far above it, or it would begin and end with each write. */
const RETURN_FACTOR = 1.5;

export function roomBounds(totalBytes: number): RoomBounds {
  return {
    shortBytes: Math.min(64 * MEGABYTE, Math.floor(totalBytes / 8)),
    noneBytes: Math.min(2 * MEGABYTE, Math.floor(totalBytes / 64)),
    reserveBytes: Math.min(8 * MEGABYTE, Math.floor(totalBytes / 16)),
  };
}

/** How much room there is now, after there was `before`. */
export function roomAfter(before: Room, { freeBytes, totalBytes, isRefused }: DiskLook): Room {
  const { shortBytes, noneBytes } = roomBounds(totalBytes);
  const isLeft = (bytes: number, isWithin: boolean): boolean =>
    freeBytes >= bytes * (isWithin ? RETURN_FACTOR : 1);
  if (isRefused || !isLeft(noneBytes, before === 'none')) return 'none';
  return isLeft(shortBytes, before !== 'ample') ? 'ample' : 'short';
}

/** The reserve is there again only when what it takes does not make the disk short. */
export function mayReserve(room: Room, { freeBytes, totalBytes }: DiskLook): boolean {
  const { shortBytes, reserveBytes } = roomBounds(totalBytes);
  return room === 'ample' && freeBytes - reserveBytes >= shortBytes * RETURN_FACTOR;
}
