import { Link } from 'wouter-preact';
import type { LockDetail } from '../../../http/page/types.ts';
import { Badge, Notice, Time } from '../../ui/parts.tsx';
import { told } from '../../told.ts';
import { batterySaid, boltSaid, placeText, signalSaid, stateSaid } from '../../words.ts';
import { LockedOut } from './locked-out.tsx';
import { tookText } from './words.ts';

/** Who it is, where its bolt is, and what is wrong. */
export function LockHead({ lock }: { readonly lock: LockDetail }) {
  const state = stateSaid(lock);
  return (
    <header class="lock-head">
      <Link href="/" class="lock-back">
        ‹ All locks
      </Link>
      <div class="lock-title">
        {!lock.is_keypad && lock.radio !== 'offline' && <BoltIcon lock={lock} />}
        <div>
          <h1>{lock.name}</h1>
          <p class="quiet small lock-place">{placeText(lock)}</p>
          <p class={`lock-bolt tone-${state.tone}`} aria-live="polite">
            {state.text}
          </p>
        </div>
      </div>
      {lock.radio !== 'offline' && <RadioState lock={lock} />}
      <Problems lock={lock} />
      {lock.pending !== null && (
        <Notice tone="info">
          <strong>Next:</strong> {told(lock.pending)}
        </Notice>
      )}
    </header>
  );
}

function RadioState({ lock }: { readonly lock: LockDetail }) {
  const battery = batterySaid(lock);
  const { round_trip_ms: trip } = lock.signal;
  const { used, total } = lock.slots;
  return (
    <ul class="lock-state" aria-label="State">
      <li>
        <Badge tone={lock.online ? 'good' : 'bad'}>{lock.online ? 'Online' : 'Offline'}</Badge>
        <span class="quiet">{heardText(lock)}</span>
      </li>
      <li>
        <span class="lock-label">Battery</span>
        <span class={`tone-${battery.tone}`}>{battery.text}</span>
      </li>
      <li>
        <span class="lock-label">Signal</span> {signalSaid(lock.signal).text}
        {trip !== null && <span class="quiet">answers in {tookText(trip)}</span>}
      </li>
      {total !== 0 && (
        <li>
          <span class="lock-label">Slots</span> {used} of {total ?? '?'} used
        </li>
      )}
    </ul>
  );
}

function heardText({ signal: { last_heard_at: heardAt } }: LockDetail) {
  return heardAt === null ? (
    'not heard yet'
  ) : (
    <>
      heard <Time iso={heardAt} ago />
    </>
  );
}

function Problems({ lock }: { readonly lock: LockDetail }) {
  return (
    <>
      {lock.tampered && <Notice tone="bad">Somebody opened its housing or tore at it.</Notice>}
      <LockedOut lock={lock} />
      {lock.errors.map(({ error_code, message }) => (
        <Notice key={error_code} tone="bad" isCalm>
          {message}
        </Notice>
      ))}
      {lock.warnings.map(({ warning_code, message }) => (
        <Notice key={warning_code} tone="warn">
          {message}
        </Notice>
      ))}
    </>
  );
}

/** A padlock whose shackle says what the word beside it says. */
function BoltIcon({ lock }: { readonly lock: LockDetail }) {
  const bolt = boltSaid(lock);
  const isOpen = lock.locked === false && !lock.jammed;
  return (
    <svg class={`lock-icon tone-${bolt.tone}`} viewBox="0 0 48 48" aria-hidden="true">
      <path
        d={isOpen ? 'M14 22v-7a10 10 0 0 1 19-4' : 'M14 22v-6a10 10 0 0 1 20 0v6'}
        fill="none"
        stroke="currentColor"
        stroke-width="4"
        stroke-linecap="round"
      />
      <rect x="9" y="21" width="30" height="22" rx="5" fill="currentColor" />
      <path
        class="lock-hole"
        d={lock.jammed ? 'M19 27l10 10M29 27l-10 10' : 'M24 30v5'}
        stroke-width="4"
        stroke-linecap="round"
      />
    </svg>
  );
}
