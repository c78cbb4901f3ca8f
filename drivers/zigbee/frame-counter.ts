import { z } from 'zod';

/**
 * Frames that a coordinator sends in years: some a second at most. A lock ignores whoever counts lower than what it has
 * heard, so a stick that gets the network from a backup has to begin above all that was sent since then.
 */
const AHEAD = 10_000_000;
/** From here on a network needs a new key (the counter has 32 bits). */
const COUNTER_MAX = 0xf000_0000;

const counted = z.looseObject({ network_key: z.looseObject({ frame_counter: z.int().nonnegative() }) });

/** The library's backup, with a frame counter that is above any that the locks have heard. Another text stays as it is. */
export function aheadOfAll(backup: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(backup);
  } catch {
    return backup;
  }
  const known = counted.safeParse(parsed);
  if (!known.success) return backup;
  const { network_key: key } = known.data;
  const frameCounter = Math.min(key.frame_counter + AHEAD, COUNTER_MAX);
  return JSON.stringify({ ...known.data, network_key: { ...key, frame_counter: frameCounter } });
}
