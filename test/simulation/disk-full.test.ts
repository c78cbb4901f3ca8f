import { HOUR_MS } from '../../src/core/time.ts';
import { testWorlds } from './house-test.ts';

testWorlds('full', 1, 12, 6 * HOUR_MS, 12);
