import type { Logger } from 'pino';
import type { Clock } from '../../src/clock.ts';
import type { TimeReading } from '../../src/core/time.ts';
import type { RadioStorage } from '../../src/lock-driver.ts';
import type { ZigbeeAdapter } from './controller.ts';
import type { ZigbeeNetworkKeys } from './keys.ts';
import type { AnswerTimes } from './lock.ts';

/** What a Zigbee radio needs. */
export interface ZigbeeDriverOptions {
  /** Serial path or `tcp://host:port`. */
  readonly port: string;
  readonly adapter: ZigbeeAdapter;
  /** Other programs that have the port, by name, as far as the system shows them; absent: nobody looks. */
  readonly holders?: () => readonly string[];
  readonly storage: RadioStorage;
  /** A folder in memory, for what the library keeps in files; `null`: there is none, and the radio stays down. */
  readonly memoryPlace?: string | null;
  readonly keys: ZigbeeNetworkKeys;
  /** The site's zone (IANA), which locks are given with the time. */
  readonly zone: string;
  /** The hub's time, which locks are given and compared with; the machine's, if absent. */
  readonly now?: () => TimeReading;
  /** IEEE addresses of the locks and keypads that the hub has now, for what its library has lost; absent: none. */
  readonly known?: () => readonly string[];
  readonly log: Logger;
  /** Longest an operation may take, counted from the call; at most 28 s, also if absent. */
  readonly executeDeadlineMs?: number;
  readonly answerTimes?: AnswerTimes;
  /** The machine's own, if absent. */
  readonly clock?: Clock;
}
