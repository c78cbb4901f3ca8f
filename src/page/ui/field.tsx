import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

interface Explained {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with what stands there; it takes the place of the hint. */
  readonly wrong?: string | undefined;
}

/** An input with its label and the sentence that explains it or says what is wrong. */
export function Field(
  props: Explained & {
    readonly value: string;
    readonly onValue: (value: string) => void;
    readonly input?: InputHTMLAttributes;
    readonly children?: ComponentChildren;
  },
) {
  const id = useId();
  const { wrong, hint } = props;
  const isExplained = wrong !== undefined || hint !== undefined;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <div class="field-line">
        <input
          {...props.input}
          id={id}
          value={props.value}
          aria-invalid={wrong !== undefined}
          aria-describedby={isExplained ? `${id}-why` : undefined}
          onInput={(event) => props.onValue(event.currentTarget.value)}
        />
        {props.children}
      </div>
      {isExplained && (
        <p id={`${id}-why`} class={wrong === undefined ? 'hint' : 'wrong'} aria-live="polite">
          {wrong ?? hint}
        </p>
      )}
    </div>
  );
}

/** A box to be ticked, with its label beside it. */
export function Tick(
  props: Explained & { readonly isTicked: boolean; readonly onTick: (isTicked: boolean) => void },
) {
  const id = useId();
  return (
    <div class="field tick">
      <label>
        <input
          type="checkbox"
          checked={props.isTicked}
          aria-describedby={props.hint === undefined ? undefined : id}
          onChange={(event) => props.onTick(event.currentTarget.checked)}
        />
        {props.label}
      </label>
      {props.hint !== undefined && (
        <p id={id} class="hint">
          {props.hint}
        </p>
      )}
    </div>
  );
}

/** One of a few, all in sight. */
export function Choice<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly { readonly value: Value; readonly label: string }[];
  readonly onValue: (value: Value) => void;
}) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      {props.choices.map(({ value, label }) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            checked={value === props.value}
            onChange={() => props.onValue(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** One of many. */
export function Pick<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly { readonly value: Value; readonly label: string }[];
  readonly onValue: (value: Value) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        value={props.value}
        onChange={({ currentTarget: { value } }) => {
          const chosen = props.choices.find((choice) => choice.value === value);
          if (chosen !== undefined) props.onValue(chosen.value);
        }}
      >
        {props.choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}
