import { readFileSync } from 'node:fs';
import type { PeerHouse } from '../../peers/house.ts';

/** PINs by the IEEE address of their lock. */
export type Wanted = ReadonlyMap<string, readonly string[]>;

/** A program that puts PINs on locks, in front of a simulated house of its own. */
export interface Side {
  readonly house: PeerHouse;
  /** Puts more PINs on the locks. Resolves when the program has told by MQTT that it has read back each of them. */
  setPins(wanted: Wanted): Promise<void>;
  /** Takes off all that were set. */
  clearPins(): Promise<void>;
  end(): Promise<void>;
}

/** Resident memory of a process, in MB. */
export function residentMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
