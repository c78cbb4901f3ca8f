import { Link } from 'wouter-preact';
import type { LockSummary } from '../../../http/page/types.ts';
import { Meter } from '../../ui/meter.tsx';
import { Badge, Fact, Notice, Time } from '../../ui/parts.tsx';
import { told } from '../../told.ts';
import { batterySaid, codesText, placeText, signalSaid, stateSaid } from '../../words.ts';
import { LockedOut } from '../lock/locked-out.tsx';

/** One lock at a glance; the whole card leads to it. */
export function LockCard({ lock }: { readonly lock: LockSummary }) {
  const state = stateSaid(lock);
  return (
    <li class={`card lock-card ${lock.errors.length > 0 ? 'lock-card-bad' : ''}`}>
      <header class="card-head">
        <div>
          <h3>
            <Link href={`/locks/${lock.device_id}`} class="cover">
              {lock.name}
            </Link>
          </h3>
          <span class="quiet small">{placeText(lock)}</span>
        </div>
        <span class="row">
          {!lock.online && <Badge tone="bad">Offline</Badge>}
          <Badge tone={state.tone}>{state.text}</Badge>
        </span>
      </header>
      <Problems lock={lock} />
      {lock.radio !== 'offline' && <Numbers lock={lock} />}
      <p class="lock-card-foot">
        {lock.is_keypad ? 'Its codes are those of the lock that it opens.' : codesText(lock.codes)}
        {lock.pending !== null && <span class="quiet"> · {told(lock.pending)}</span>}
      </p>
    </li>
  );
}

function Problems({ lock }: { readonly lock: LockSummary }) {
  return (
    <>
      {lock.tampered && <Notice tone="bad">Somebody opened its housing or tore at it.</Notice>}
      <LockedOut lock={lock} />
      {lock.errors.map((error) => (
        <Notice key={error.error_code} tone="bad" isCalm>
          {error.message}
        </Notice>
      ))}
      {lock.warnings.map((warning) => (
        <Notice key={warning.warning_code} tone="warn">
          {warning.message}
        </Notice>
      ))}
    </>
  );
}

function Numbers({ lock }: { readonly lock: LockSummary }) {
  const { slots, signal, battery_level: level } = lock;
  const battery = batterySaid(lock);
  const isFull = slots.total !== null && slots.used >= slots.total;
  return (
    <dl class="facts facts-two">
      <Fact name="Battery">
        {battery.text}
        {level !== null && <Meter part={level} tone={battery.tone} />}
      </Fact>
      {slots.total !== 0 && (
        <Fact name="Slots used">
          {slots.total === null ? 'Not known yet' : `${slots.used} of ${slots.total}`}
          {slots.total !== null && <Meter part={slots.used / slots.total} tone={isFull ? 'warn' : 'info'} />}
        </Fact>
      )}
      <Fact name="Last heard">
        {signal.last_heard_at === null ? 'Not known' : <Time iso={signal.last_heard_at} ago />}
      </Fact>
      <Fact name="Signal">{signalSaid(signal).text}</Fact>
    </dl>
  );
}
