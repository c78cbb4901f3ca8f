import { Link } from 'wouter-preact';
import type { LockDetail, PageCode, PageUnmanagedCode } from '../../../http/page/types.ts';
import { Badge, Card } from '../../ui/parts.tsx';
import { statusTone, windowText } from './words.ts';

/** The codes of this lock: how each stands, and why. */
export function LockCodes({ lock }: { readonly lock: LockDetail }) {
  const { managed_codes: managed, unmanaged_codes: unmanaged } = lock;
  const isNone = managed.length + unmanaged.length === 0;
  return (
    <Card
      title={`Codes of this lock${isNone ? '' : ` (${managed.length + unmanaged.length})`}`}
      aside={
        <Link href={`/codes?new=1&device_id=${lock.device_id}`} class="button primary">
          New code
        </Link>
      }
    >
      {isNone && <p class="quiet">No code is on this lock, and none is planned. “New code” makes one.</p>}
      <ul class="lock-codes">
        {managed.map((code) => (
          <ManagedCode key={code.access_code_id} code={code} />
        ))}
        {unmanaged.map((code) => (
          <ForeignCode key={code.access_code_id} code={code} />
        ))}
      </ul>
    </Card>
  );
}

function ManagedCode({ code }: { readonly code: PageCode }) {
  return (
    <li>
      <div class="lock-code-head">
        <strong>{code.name ?? 'Without a name'}</strong>
        <Badge tone={statusTone(code)}>{code.display_status}</Badge>
      </div>
      <p class="quiet">
        {windowText(code)}
        {code.slot !== null && ` · slot ${code.slot}`}
        {code.is_backup === true && ' · backup'}
        {code.origin === 'cloud' && ' · of the cloud'}
      </p>
      {code.errors.map(({ error_code, message }) => (
        <p key={error_code} class="tone-bad">
          {message}
        </p>
      ))}
      {code.warnings.map(({ warning_code, message }) => (
        <p key={warning_code} class="tone-warn">
          {message}
        </p>
      ))}
      {code.why !== null && <p>{code.why.message}</p>}
    </li>
  );
}

function ForeignCode({ code }: { readonly code: PageUnmanagedCode }) {
  return (
    <li>
      <div class="lock-code-head">
        <strong>{code.name ?? `Code in slot ${code.slot}`}</strong>
        <Badge tone="quiet">Not of this hub</Badge>
      </div>
      <p class="quiet">
        {code.status === 'set' ? 'On the lock' : 'On the lock, disabled'} · slot {code.slot}
      </p>
      {code.cannot_be_managed === true && (
        <p class="quiet">The lock does not show its PIN, so the hub can't take it over.</p>
      )}
    </li>
  );
}
