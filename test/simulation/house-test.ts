import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/core/time.ts';
import type { Kind } from './setting.ts';
import { simulate } from './simulate.ts';

/** Trace lines that are shown of a world that failed. */
const TAIL_LINES = 30;

/** Tests that every invariant holds in the worlds of some seeds, and that they come to so many days times locks. */
export function testWorlds(
  kind: Kind,
  from: number,
  seeds: number,
  lastsMs: number,
  lockDaysMin: number,
): void {
  const total = { lockDays: 0, operations: 0, ms: 0 };

  test.each(Array.from({ length: seeds }, (_, index) => from + index))(
    `every invariant holds in the ${kind} world of seed %i`,
    async (seed) => {
      const started = performance.now();
      const run = await simulate(kind, seed, lastsMs);
      total.lockDays += run.lockDays;
      total.operations += run.operations;
      total.ms += performance.now() - started;
      const replay = `scripts/simulate --kind ${kind} --from ${seed} --seeds 1 --days ${lastsMs / DAY_MS} --trace`;
      const tail = run.trace.slice(-TAIL_LINES).join('\n');
      expect(run.failure, `replay: ${replay}\n${tail}`).toBeNull();
      expect(run.operations).toBeGreaterThan(10);
    },
  );

  test(`the ${kind} worlds came to ${lockDaysMin} days times locks`, () => {
    const speed = Math.round((total.lockDays * DAY_MS) / total.ms);
    console.log(
      `${seeds} ${kind} worlds: ${Math.round(total.lockDays)} virtual days times locks, ${total.operations} operations, ` +
        `${speed} times real time`,
    );
    expect(total.lockDays).toBeGreaterThanOrEqual(lockDaysMin);
  });
}
