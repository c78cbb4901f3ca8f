import { realpathSync, statSync } from 'node:fs';
import { MACHINE } from '../doctor/observe/places.ts';
import { holdersOf } from '../doctor/observe/programs.ts';

/** Other programs that have a serial port open or locked, as far as the system shows them to this one. */
export function portHolders(port: string): readonly string[] {
  try {
    const path = realpathSync(port);
    return holdersOf(MACHINE, { path, inode: statSync(path).ino }, [process.pid]);
  } catch {
    // It may have been pulled out meanwhile, and then nobody has it.
    return [];
  }
}
