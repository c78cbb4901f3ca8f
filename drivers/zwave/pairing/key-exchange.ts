import { KEXFailType, type CommandClass } from '@zwave-js/cc';
import { Security2CCKEXFail } from '@zwave-js/cc/Security2CC';
import type { Driver } from 'zwave-js';

/** A command that the library waits for. */
interface Awaited {
  readonly predicate: (command: CommandClass) => boolean;
  readonly handler: (command: CommandClass) => void;
}

/**
 * Ends key exchanges that failed and that zwave-js goes on waiting for, up to four minutes: one of them would take the
 * answer that the next lock sends, and that one would never get its keys (seen with 15.29 after a wrong PIN). Nothing
 * else of the library waits for a failed key exchange, and only one lock at a time is let in. The list is private.
 */
export function endStaleKeyExchanges(driver: Driver): void {
  const awaited: readonly Awaited[] = driver['awaitedCommands'];
  const failure = new Security2CCKEXFail({ nodeId: 1, failType: KEXFailType.BootstrappingCanceled });
  for (const { predicate, handler } of awaited) if (predicate(failure)) handler(failure);
}
