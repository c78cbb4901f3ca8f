import type { WeeklyWindow } from './draft.ts';
import { Field } from '../../ui/field.tsx';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
/** The hub takes no more. */
const WINDOWS_MAX = 20;
const WORK_WEEK: WeeklyWindow = { days: DAYS.slice(0, 5), start: '08:00', end: '18:00' };

/** The times of every week at which a code opens; none: at any time. */
export function WeeklyField(props: {
  readonly windows: readonly WeeklyWindow[];
  readonly wrong: string | undefined;
  readonly onWindows: (windows: readonly WeeklyWindow[]) => void;
}) {
  const { windows, onWindows } = props;
  const change = (index: number, next: Partial<WeeklyWindow>): void =>
    onWindows(windows.map((window, at) => (at === index ? { ...window, ...next } : window)));
  return (
    <fieldset class="weekly">
      <legend>Only at certain times of the week</legend>
      {windows.map((window, index) => (
        <OneWindow
          key={index}
          number={index + 1}
          window={window}
          onChange={(next) => change(index, next)}
          onRemove={() => onWindows(windows.filter((_, at) => at !== index))}
        />
      ))}
      {props.wrong !== undefined && <p class="wrong">{props.wrong}</p>}
      <button
        type="button"
        disabled={windows.length >= WINDOWS_MAX}
        onClick={() => onWindows([...windows, WORK_WEEK])}
      >
        {windows.length === 0 ? 'Add a weekly time' : 'Add another'}
      </button>
    </fieldset>
  );
}

function OneWindow(props: {
  readonly number: number;
  readonly window: WeeklyWindow;
  readonly onChange: (change: Partial<WeeklyWindow>) => void;
  readonly onRemove: () => void;
}) {
  const { days, start, end } = props.window;
  const isOvernight = start !== '' && end !== '' && end <= start;
  return (
    <div class="weekly-window" role="group" aria-label={`Weekly time ${props.number}`}>
      <div class="days">
        {DAYS.map((day) => (
          <button
            key={day}
            type="button"
            aria-pressed={days.includes(day)}
            onClick={() =>
              props.onChange({ days: DAYS.filter((one) => (one === day) !== days.includes(one)) })
            }
          >
            {day.slice(0, 2)}
            <span class="unseen">{day.slice(2)}</span>
          </button>
        ))}
      </div>
      <div class="two">
        <Field
          label="From"
          value={start}
          onValue={(value) => props.onChange({ start: value })}
          input={{ type: 'time' }}
        />
        <Field
          label={isOvernight ? 'To, the next day' : 'To'}
          value={end}
          onValue={(value) => props.onChange({ end: value })}
          input={{ type: 'time' }}
        />
        <button type="button" class="plain" onClick={props.onRemove}>
          Remove
        </button>
      </div>
    </div>
  );
}
