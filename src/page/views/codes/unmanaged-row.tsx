import type { PageUnmanagedCode } from '../../../http/page/types.ts';
import { Badge, Notice, Time } from '../../ui/parts.tsx';
import { ShowPin } from '../../ui/shown-pin.tsx';
import type { Deed } from './deeds.tsx';

/** A code that somebody put on the lock without the hub. */
export function UnmanagedRow(props: {
  readonly code: PageUnmanagedCode;
  readonly onDeed: (deed: Deed) => void;
}) {
  const { code, onDeed } = props;
  const name = code.name ?? `Code in slot ${code.slot}`;
  return (
    <li class="code-row code-row-plain">
      <div class="code-head">
        <span class="code-name">{name}</span>
        <Badge tone={code.status === 'set' ? 'info' : 'quiet'}>
          {code.status === 'set' ? 'Works' : 'Disabled'}
        </Badge>
        <span class="code-times quiet">
          Not made by the hub; found <Time iso={code.created_at} />
        </span>
      </div>
      {code.errors.map((error) => (
        <Notice key={error.error_code} tone="bad" isCalm>
          {error.message}
        </Notice>
      ))}
      <div class="row code-deeds">
        {code.has_code && <ShowPin accessCodeId={code.access_code_id} name={name} />}
        {code.cannot_be_managed !== true && (
          <button type="button" onClick={() => onDeed({ kind: 'adopt', code })}>
            Adopt
          </button>
        )}
        <button type="button" class="danger" onClick={() => onDeed({ kind: 'delete', code })}>
          Delete
        </button>
      </div>
      {code.cannot_be_managed === true && (
        <p class="quiet small">
          The lock does not show its PIN, so the hub could not put it back: it can not be adopted.
        </p>
      )}
    </li>
  );
}
