import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that try many cases each. The others notice most mutations, in a hundredth of the time. */
const SLOW = /daylight-saving|local-time|states|capacity|generate|pool|tenure/;

class FastFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [
      ...files.filter((file) => !SLOW.test(file.moduleId)),
      ...files.filter((file) => SLOW.test(file.moduleId)),
    ];
  }
}

/**
 * The tests that mutations of the core have to fail. They are named here and not in the mutation tool's own
 * settings, because it never switches on a mutated constant of a module when it is given a list of test files.
 */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/unit/core-*.test.ts', 'test/unit/store-tenure.test.ts'],
    // They share nothing but the code, and starting a worker for each file takes longer than most files.
    isolate: false,
    testTimeout: 60_000,
    sequence: { sequencer: FastFirst },
  },
});
