import type { PageTimeFrame } from '../../../http/page/offline-types.ts';
import { wallTime } from '../../site-time.ts';
import { timezone } from '../../time.ts';
import { Choice, Field, Tick } from '../../ui/field.tsx';
import { Notice } from '../../ui/parts.tsx';
import { chosenLocks } from './draft.ts';
import type { Part } from './fields.tsx';
import { offersOneTime, takesOfflineOnly } from './offline-draft.ts';
import { effectText, frameText, limitsText, vendorText } from './offline-words.ts';
import type { Checked } from './sending.ts';

/** Where a lock takes both: a code on it, or an offline one. */
export function KindField({ draft, change, answer }: Part) {
  const chosen = chosenLocks(draft, answer.locks);
  if (!chosen.some(({ offline }) => offline !== null) || chosen.some(takesOfflineOnly)) return null;
  return (
    <Choice
      label="Kind of code"
      value={draft.isOffline ? 'offline' : 'ordinary'}
      choices={[
        { value: 'ordinary', label: 'On the lock' },
        { value: 'offline', label: 'Offline, for the keypad beside it' },
      ]}
      onValue={(kind) => change({ isOffline: kind === 'offline' })}
    />
  );
}

/** When an offline code is to open, and how far that may be moved to what the lock takes. */
export function OfflineFields(part: Part) {
  const { draft, change, answer } = part;
  const chosen = chosenLocks(draft, answer.locks);
  const offline = chosen.find((lock) => lock.offline !== null)?.offline ?? null;
  return (
    <>
      {offline !== null && (
        <p class="field hint">
          The digits come from {vendorText(offline)}, and nothing is sent to the lock. Once they are there the
          code can neither be changed nor taken back. {limitsText(offline)}
        </p>
      )}
      {offersOneTime(chosen) && (
        <Tick
          label="For one use"
          hint="It opens once, and then never again."
          isTicked={draft.isOneTime}
          onTick={(isOneTime) => change({ isOneTime })}
        />
      )}
      <OfflineTimes {...part} />
      <Choice
        label="Each time may be moved by up to"
        value={draft.rounding}
        choices={[
          { value: '1hour', label: 'An hour' },
          { value: '1day', label: 'A day' },
        ]}
        onValue={(rounding) => change({ rounding })}
      />
    </>
  );
}

function OfflineTimes({ draft, change, wrong }: Part) {
  return (
    <>
      <div class="two two-wide">
        <Field
          label="Starts"
          hint="Empty: now."
          wrong={wrong.startsAt}
          value={draft.startsAt}
          onValue={(startsAt) => change({ startsAt })}
          input={{ type: 'datetime-local' }}
        />
        {!draft.isOneTime && (
          <Field
            label="Ends"
            wrong={wrong.endsAt}
            value={draft.endsAt}
            onValue={(endsAt) => change({ endsAt })}
            input={{ type: 'datetime-local' }}
          />
        )}
      </div>
      <p class="field hint">In the time of the site, {timezone.value}.</p>
    </>
  );
}

/**
 * What the hub would make of the draft: the window of an offline code, or why not, with what it would take instead. It
 * stands by the button, so that nobody confirms what is out of sight.
 */
export function Outcome({
  draft,
  change,
  answer,
  told: { refusal, preview },
}: Part & { readonly told: Checked }) {
  const offline = chosenLocks(draft, answer.locks)[0]?.offline ?? null;
  if (refusal !== null) {
    const { nearest, field } = refusal;
    // A code for one use has no end in the form.
    const isOfNoField = field === null || (field === 'endsAt' && draft.isOneTime);
    return (
      <div class="outcome">
        {isOfNoField && <Notice tone="bad">{refusal.message}</Notice>}
        {nearest !== null && (
          <button type="button" class="wide" onClick={() => change(timesOf(nearest))}>
            Take {frameText(nearest)}
          </button>
        )}
      </div>
    );
  }
  if (preview === null || offline === null) return null;
  return (
    <div class="outcome" role="status">
      <Notice tone="info">{effectText(preview.frame, preview.asked, offline)}</Notice>
    </div>
  );
}

/** A window as the form has it. */
function timesOf({ kind, starts_at: from, ends_at: to }: PageTimeFrame) {
  const zone = timezone.value;
  return { startsAt: wallTime(from, zone), endsAt: wallTime(to, zone), isOneTime: kind === 'one_time' };
}
