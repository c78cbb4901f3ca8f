import { DAY_MS } from '../../src/core/time.ts';
import { testWorlds } from './house-test.ts';

testWorlds('calm', 18, 14 * DAY_MS, 1000);
