import { DAY_MS } from '../../src/core/time.ts';
import { testWorlds } from './house-test.ts';

// Half of the thousand days times locks; the other half runs at the same time on another core.
testWorlds('calm', 1, 9, 14 * DAY_MS, 500);
