/** How often a condition is looked at. */
const LOOK_EVERY_MS = 100;

/** A step of the tour that did not hold. */
export class NotHeld extends Error {
  readonly expected: string;
  readonly seen: string;

  constructor(expected: string, seen: string) {
    super(`expected ${expected}, seen ${seen}`);
    this.expected = expected;
    this.seen = seen;
  }
}

/** One look at the world; `seen` says it in words. */
export interface Look {
  readonly held: boolean;
  readonly seen: string;
}

/** Looks again and again until it holds; throws `NotHeld` when it does not within `withinMs`. */
export async function until(
  expected: string,
  withinMs: number,
  look: () => Look | Promise<Look>,
): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const { held, seen } = await look();
    if (held) return;
    if (performance.now() - startedMs >= withinMs) {
      throw new NotHeld(`${expected} within ${withinMs / 1000} s`, seen);
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** Throws `NotHeld` unless it holds now. */
export function expectNow(expected: string, look: Look): void {
  if (!look.held) throw new NotHeld(expected, look.seen);
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
