import { HOUR_MS } from '../../src/core/time.ts';
import { testWorlds } from './house-test.ts';

testWorlds('full', 1, 6, 6 * HOUR_MS, 6);
