import { Pin } from '../../../src/core/pin.ts';
import type { SlotContent } from '../../../src/core/slot.ts';
import { getPinCode, STATUS, TYPE, type Line } from '../door-lock.ts';
import type { Silence } from '../answer.ts';

/** A slot as the lock shows it. `type` is `null` where the lock knows no user types. */
export interface Shown {
  readonly kind: 'shown';
  readonly content: SlotContent;
  readonly type: number | null;
}

/** What a slot holds, by radio. */
export async function readContent(line: Line, slot: number): Promise<Shown | Silence> {
  const answer = await getPinCode(line, slot);
  if (answer.kind !== 'answer') return answer;
  const { userstatus, usertype, pincodevalue } = answer.payload;
  const type = usertype === TYPE.yearDay || usertype === TYPE.weekDay || usertype === 0 ? usertype : null;
  if (userstatus === STATUS.available) return { kind: 'shown', content: { kind: 'empty' }, type };
  if (userstatus !== STATUS.enabled && userstatus !== STATUS.disabled) return { kind: 'unreadable' };
  const enabled = userstatus === STATUS.enabled;
  const text =
    typeof pincodevalue === 'string' ? pincodevalue : Buffer.from(pincodevalue ?? []).toString('latin1');
  const pin = Pin.parse(text);
  // Locks that keep their PINs to themselves show nothing, asterisks or 0xFF.
  const content: SlotContent =
    pin === undefined ? { kind: 'masked', enabled } : { kind: 'pin', pin, enabled };
  return { kind: 'shown', content, type };
}
