import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;

/** One project per kind of test; `scripts/test` runs them all. */
function project(name: string, testTimeoutMs: number, groupOrder: number) {
  return {
    test: {
      name,
      root,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout: testTimeoutMs,
      hookTimeout: testTimeoutMs,
      // One kind after the other: what measures real time has the machine for itself.
      sequence: { groupOrder },
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      project('unit', 20_000, 0),
      project('contract', 60_000, 1),
      project('scenarios', 60_000, 2),
      project('simulation', 120_000, 3),
      project('e2e', 240_000, 4),
      // Programs of others are large, and need a network the first time.
      ...(process.env['LOCKHUB_TEST_PEERS'] ? [project('peers', 120_000, 5)] : []),
    ],
  },
});
