import type { Command, CommandOutcome, WipeRequest } from '../core/command.ts';
import { readMark, writeMark } from './mark.ts';
import { refusalOf, type Ordered } from './order.ts';

interface WipingParts {
  readonly dataDir: string;
  readonly hub: Ordered;
  /** Ends this hub and starts one that sees the mark. */
  readonly restart: () => void;
}

/** Takes an order to wipe. From the mark on it happens, whatever becomes of this process. */
export function wipingOf({ dataDir, hub, restart }: WipingParts) {
  return {
    refusal: (order: Command, request: WipeRequest): CommandOutcome | null => refusalOf(order, request, hub),
    begin: ({ commandId, receivedAt, expiresAt }: Command, { codes, reason }: WipeRequest): void => {
      // The order that is known goes on by itself; another one comes to the same.
      if ((readMark(dataDir)?.phase ?? 'wiped') !== 'wiped') return;
      writeMark(dataDir, {
        command_id: commandId,
        received_at: receivedAt,
        expires_at: expiresAt,
        codes,
        reason,
        phase: 'expiring',
        starts: 0,
        wiped_at: null,
        unreached: [],
        codes_left: 0,
        sticks_reset: [],
        left: [],
      });
      restart();
    },
  };
}
