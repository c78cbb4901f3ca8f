import { useState } from 'preact/hooks';
import type { LockDetail, PageSlot } from '../../../http/page/types.ts';
import { Badge, Card, Time } from '../../ui/parts.tsx';
import { told } from '../../told.ts';
import { contentText, proofText } from './words.ts';

/** More rows than this are shown only when asked for. */
const ROWS_MAX = 60;

/** The code slots as the hub believes them, and what that belief rests on. */
export function SlotTable({ lock }: { readonly lock: LockDetail }) {
  const [isAll, setIsAll] = useState(false);
  const nameOf = new Map(
    [...lock.managed_codes, ...lock.unmanaged_codes].map((code) => [code.access_code_id, code.name]),
  );
  const used = lock.slot_table.filter(isWorthARow);
  const shown = (isAll ? lock.slot_table : used).slice(0, isAll ? undefined : ROWS_MAX);
  const rest = lock.slot_table.length - shown.length;
  return (
    <Card
      title="Slots as believed"
      aside={
        <span class="quiet">
          {lock.audited_at === null ? (
            'Not audited yet'
          ) : (
            <>
              Audited <Time iso={lock.audited_at} ago />
            </>
          )}
        </span>
      }
    >
      {shown.length === 0 ? (
        <p class="quiet">
          {lock.slot_table.length === 0
            ? 'The hub does not know the slots of this lock yet. They come with the interview.'
            : 'All slots are empty.'}
        </p>
      ) : (
        <SlotRows slots={shown} nameOf={nameOf} />
      )}
      {(rest > 0 || isAll) && (
        <button type="button" class="more" onClick={() => setIsAll(!isAll)}>
          {isAll ? 'Only those in use' : `Show the other ${rest} slots`}
        </button>
      )}
    </Card>
  );
}

function SlotRows(props: {
  readonly slots: readonly PageSlot[];
  readonly nameOf: ReadonlyMap<string, string | null>;
}) {
  return (
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">Slot</th>
          <th scope="col">Holds</th>
          <th scope="col">Proof</th>
          <th scope="col">Schedule on the lock</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {props.slots.map((slot) => (
          <tr key={slot.slot}>
            <th scope="row" class="slot-number">
              {slot.slot}
            </th>
            <td data-name="Holds">
              <span class="slot-content">
                {slot.access_code_id !== null && (
                  <strong>{props.nameOf.get(slot.access_code_id) ?? 'Without a name'}</strong>
                )}
                <span>{contentText(slot)}</span>
                {slot.is_writing && <Badge tone="info">Being written</Badge>}
                {slot.access_code_id !== null && !slot.is_managed && (
                  <Badge tone="quiet">Not of this hub</Badge>
                )}
              </span>
            </td>
            <td data-name="Proof">
              {proofText(slot.proof)}
              {slot.proven_at !== null && (
                <span class="quiet">
                  {' '}
                  <Time iso={slot.proven_at} ago />
                </span>
              )}
            </td>
            <td data-name="Schedule">{slot.schedule ?? <span class="quiet">none</span>}</td>
            <td data-name="Why">
              {slot.why === null ? <span class="quiet">nothing to do</span> : told(slot.why.message)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** That an empty slot is empty is no news. */
function isWorthARow(slot: PageSlot): boolean {
  return slot.content !== 'empty' || slot.is_writing || slot.access_code_id !== null;
}
