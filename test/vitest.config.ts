import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;

/**
 * One project per kind of test; `scripts/test` runs them all. Most of the contract and end-to-end tests wait for a radio, a
 * broker or a browser, so more files than processors run at a time.
 */
function project(name: string, testTimeoutMs: number, groupOrder: number, maxWorkers: number) {
  return {
    test: {
      name,
      root,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout: testTimeoutMs,
      hookTimeout: testTimeoutMs,
      maxWorkers,
      // One kind after the other: what measures real time has the machine for itself.
      sequence: { groupOrder },
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      project('unit', 20_000, 0, 2),
      project('contract', 60_000, 1, 4),
      project('scenarios', 60_000, 2, 2),
      project('simulation', 120_000, 3, 2),
      project('e2e', 240_000, 4, 3),
      // Programs of others are large, and need a network the first time.
      ...(process.env['LOCKHUB_TEST_PEERS'] ? [project('peers', 120_000, 5, 1)] : []),
      // A machine of its own, as root, in which hubs hang and are killed by the clock.
      ...(process.env['LOCKHUB_TEST_RIG'] ? [project('rig', 900_000, 6, 1)] : []),
    ],
  },
});
