import { readFileSync } from 'node:fs';
import type { Instant } from '../core/time.ts';

/** Written by whoever packs the program: the instant as ISO 8601. Absent where it runs from its sources. */
const STAMP = new URL('../../build-date', import.meta.url);

/** The program did not exist before, whatever clocks say. */
const FIRST_WRITTEN = Date.parse('2025-01-01T00:00:00Z');

/** When this program was made, at the earliest: the lowest floor of the hub's clock. */
export function builtAt(): Instant {
  try {
    const at = Date.parse(readFileSync(STAMP, 'utf8').trim());
    return Number.isNaN(at) ? FIRST_WRITTEN : Math.max(at, FIRST_WRITTEN);
  } catch {
    return FIRST_WRITTEN;
  }
}
