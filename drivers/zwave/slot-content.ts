import { UserIDStatus } from '@zwave-js/cc';
import { Pin } from '../../src/core/pin.ts';
import type { SlotContent } from '../../src/core/slot.ts';

/**
 * What an occupied slot holds. A lock that masks answers asterisks, some answer nothing at all (field note 7);
 * both mean that only our own table knows the digits.
 */
export function contentOf(shown: string | Uint8Array | undefined, enabled: boolean): SlotContent {
  const text = typeof shown === 'string' ? shown : Buffer.from(shown ?? []).toString('ascii');
  const pin = Pin.parse(text);
  return pin === undefined ? { kind: 'masked', enabled } : { kind: 'pin', pin, enabled };
}

/**
 * What a User Code Report says. Status beats value: a cleared slot may show `0000` (field note 7).
 * `undefined`: the lock says that it has no such slot.
 */
export function contentOfReport(
  status: UserIDStatus,
  shown: string | Uint8Array | undefined,
): SlotContent | undefined {
  switch (status) {
    case UserIDStatus.Available:
      return { kind: 'empty' };
    case UserIDStatus.Enabled:
    case UserIDStatus.PassageMode:
      return contentOf(shown, true);
    case UserIDStatus.Disabled:
    case UserIDStatus.Messaging:
      return contentOf(shown, false);
    case UserIDStatus.StatusNotAvailable:
      return undefined;
  }
}
