import { useState } from 'preact/hooks';
import type { CodesAnswer, PageCode } from '../../../http/page/types.ts';
import { ApiError, apiPost } from '../../api.ts';
import { instantsOf } from '../../site-time.ts';
import { timezone } from '../../time.ts';
import { Choice, Field, Tick } from '../../ui/field.tsx';
import { say } from '../../ui/toast.tsx';
import { choosesPin, chosenLocks, pinHint, sentence, type Draft, type Wrong } from './draft.ts';
import { lockLabel, roomText } from './lock-label.ts';

export interface Part {
  readonly draft: Draft;
  readonly change: (next: Partial<Draft>) => void;
  readonly wrong: Wrong;
  readonly answer: CodesAnswer;
  readonly code: PageCode | null;
}

const PIN_LENGTH_MAX = 12;
const NAME_LENGTH_MAX = 200;

/** The locks that a new code is for, each with the room that it has left. */
export function LocksField({ draft, change, wrong, answer }: Part) {
  const { deviceIds } = draft;
  const toggle = (id: string, isTicked: boolean): void =>
    change({ deviceIds: isTicked ? [...deviceIds, id] : deviceIds.filter((other) => other !== id) });
  return (
    <fieldset class="locks">
      <legend>{deviceIds.length > 1 ? 'Locks, all with the same PIN' : 'Locks'}</legend>
      {answer.locks.map((lock) => (
        <Tick
          key={lock.device_id}
          label={lockLabel(lock, answer.locks)}
          hint={roomText(lock)}
          isTicked={deviceIds.includes(lock.device_id)}
          onTick={(isTicked) => toggle(lock.device_id, isTicked)}
        />
      ))}
      {wrong.deviceIds !== undefined && <p class="wrong">{wrong.deviceIds}</p>}
    </fieldset>
  );
}

export function NameField({ draft, change, wrong }: Part) {
  return (
    <Field
      label="Name"
      hint="Who it is for. It shows in the log when somebody enters."
      wrong={wrong.name}
      value={draft.name}
      onValue={(name) => change({ name })}
      input={{ maxLength: NAME_LENGTH_MAX, autocomplete: 'off' }}
    />
  );
}

/** The PIN, typed or drawn; what the locks want of it stands below, and what is wrong while it is typed. */
export function PinField({ draft, change, wrong, answer, code }: Part) {
  const locks = chosenLocks(draft, answer.locks);
  const [first] = locks;
  const [isDrawing, setDrawing] = useState(false);
  const draw = async (deviceId: string): Promise<void> => {
    setDrawing(true);
    try {
      const drawn = await apiPost<{ generated_code: { code: string } }>('access_codes/generate_code', {
        device_id: deviceId,
      });
      change({ code: drawn.generated_code.code });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say('failed', error.message);
    }
    setDrawing(false);
  };
  if (!choosesPin(locks))
    return <p class="field hint">The hub makes up the PINs of this lock: none can be chosen.</p>;
  const wish = code === null ? 'Empty: the hub makes one up' : 'Empty: it stays as it is';
  return (
    <Field
      label="PIN"
      hint={first === undefined ? `${wish}.` : `${wish}. ${sentence(`Takes ${pinHint(locks)}`)}`}
      wrong={wrong.code}
      value={draft.code}
      onValue={(typed) => change({ code: typed.trim() })}
      input={{ inputMode: 'numeric', maxLength: PIN_LENGTH_MAX, autocomplete: 'off', class: 'digits' }}
    >
      <button
        type="button"
        disabled={first === undefined || isDrawing}
        onClick={() => first !== undefined && void draw(first.device_id)}
      >
        Draw one
      </button>
    </Field>
  );
}

/** From when to when it opens, in the wall time of the site. */
export function TimesField({ draft, change, wrong, answer }: Part) {
  const zone = timezone.value;
  const time = (value: string): string =>
    instantsOf(value, zone).length > 1
      ? 'This time comes twice that night, for clocks go back; the later one is meant.'
      : '';
  return (
    <>
      <Choice
        label="How long"
        value={draft.span}
        choices={[
          { value: 'always', label: 'Until it is deleted' },
          { value: 'window', label: 'From a time to a time' },
        ]}
        onValue={(span) => change({ span })}
      />
      {draft.span === 'window' && (
        <>
          <div class="two two-wide">
            <Field
              label="Starts"
              hint={time(draft.startsAt) || 'Empty: at once.'}
              wrong={wrong.startsAt}
              value={draft.startsAt}
              onValue={(startsAt) => change({ startsAt })}
              input={{ type: 'datetime-local' }}
            />
            <Field
              label="Ends"
              hint={time(draft.endsAt) || 'Empty: without an end.'}
              wrong={wrong.endsAt}
              value={draft.endsAt}
              onValue={(endsAt) => change({ endsAt })}
              input={{ type: 'datetime-local' }}
            />
          </div>
          <p class="field hint">
            In the time of the site, {zone}. {strategyText(chosenLocks(draft, answer.locks), draft)}
          </p>
        </>
      )}
    </>
  );
}

function strategyText(locks: CodesAnswer['locks'], { endsAt, weekly }: Draft): string {
  const ownTimes = locks.filter((lock) => lock.has_native_schedules);
  if (locks.length === 0 || endsAt === '' || weekly.length > 0) return '';
  if (ownTimes.length === locks.length)
    return 'The lock keeps these times itself: it gets the code days ahead, and opens and shuts it out by its own clock.';
  if (ownTimes.length === 0)
    return 'This lock keeps no times: the hub puts the code on shortly before the start, and takes it off at the end.';
  return 'Some of these locks keep the times themselves; on the others the hub puts the code on shortly before the start, and takes it off at the end.';
}

/** What few codes need. */
export function Options({ draft, change, wrong, code }: Part) {
  return (
    <details class="more">
      <summary>More options</summary>
      <Field
        label="Number of uses"
        hint="Empty: as often as one likes. After so many the code is taken off."
        wrong={wrong.maxUses}
        value={draft.maxUses}
        onValue={(maxUses) => change({ maxUses: maxUses.trim() })}
        input={{ inputMode: 'numeric', autocomplete: 'off' }}
      />
      <Tick
        label="Never open before the start"
        hint="Otherwise a lock that keeps no times itself may open to it a while earlier."
        isTicked={draft.strictStart}
        onTick={(strictStart) => change({ strictStart })}
      />
      <Tick
        label="Leave it alone when somebody changes it at the lock"
        hint="Otherwise the hub puts it back and reports it."
        isTicked={draft.allowsChange}
        onTick={(allowsChange) => change({ allowsChange })}
      />
      {code === null && (
        <Tick
          label="Keep backup codes on the lock"
          hint="Ready PINs for guests whose own code does not get through. For codes with an end."
          isTicked={draft.keepsBackups}
          onTick={(keepsBackups) => change({ keepsBackups })}
        />
      )}
    </details>
  );
}
