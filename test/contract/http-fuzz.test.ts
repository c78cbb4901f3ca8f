import { expect, test } from 'vitest';
import { fuzzHttp } from '../fuzz/http/fuzz.ts';
import { temporaryDirectory } from '../unit/store-fixture.ts';

const REQUESTS = process.env['LOCKHUB_TEST_FULL'] === undefined ? 2000 : 20_000;
/** Less than if each request left a kilobyte, beside what a hub keeps of its locks. */
const HEAP_GROWTH_MAX = 16 * 1024 * 1024;

test(
  'no request crashes the hub, gets an answer in no format, or tells somebody more than he may know',
  { timeout: 900_000 },
  async () => {
    const { statuses, heapBytes, byCaller } = await fuzzHttp(temporaryDirectory(), REQUESTS, 7);
    // It would prove nothing if all were refused, or none.
    for (const status of [200, 400, 401, 403, 404]) {
      expect(statuses[status] ?? 0).toBeGreaterThan(REQUESTS / 50);
    }
    for (const count of Object.values(byCaller)) expect(count).toBeGreaterThan(REQUESTS / 50);
    expect(heapBytes[1] - heapBytes[0]).toBeLessThan(HEAP_GROWTH_MAX);
  },
);
