import { useState } from 'preact/hooks';
import type { CommandWish } from '../../run-command.ts';
import { Camera } from './camera.tsx';
import { QR_CHARS_MAX, radioOfCode, readQr, type QrReading, type RadioKind } from './label.ts';
import { NOT_READY, TEXT_HINTS, WAYS, type Way } from './ways.ts';

const MINUTES = [1, 2, 3, 5] as const;
const MINUTES_USUAL = 3;
const VIBRATE_MS = 80;

/** What a command that lets a lock in is told of it. */
export type Admission = Pick<CommandWish, 'duration_seconds' | 'qr' | 'pin'>;

/** How a lock proves who it is, and how long it may take: the part that pairing and replacing have in common. */
export function AdmissionForm(props: {
  readonly radio: RadioKind;
  /** Told when a code names another radio than that. */
  readonly onRadio?: (radio: RadioKind) => void;
  readonly action: string;
  readonly isBusy: boolean;
  readonly onBegin: (admission: Admission) => void;
}) {
  const [way, setWay] = useState<Way | null>(null);
  const [text, setText] = useState('');
  const [pin, setPin] = useState('');
  const [minutes, setMinutes] = useState<number>(MINUTES_USUAL);
  const { radio } = props;
  const reading = readQr(text, radio);
  const isReady = isComplete(way, reading, pin);
  const given = (found: string): void => {
    const named = radioOfCode(found);
    if (named !== null && named !== radio) props.onRadio?.(named);
    setText(found);
  };
  const scanned = (found: string): void => {
    // Felt through gloves, where the browser can.
    if (found !== text) navigator.vibrate?.(VIBRATE_MS);
    given(found);
  };
  const begin = (event: Event): void => {
    event.preventDefault();
    if (!isReady || props.isBusy) return;
    const qr = way !== 'without' && reading.kind === 'lock' ? reading.text : null;
    const digits = way === 'without' && radio === 'zwave' && pin !== '' ? pin : null;
    props.onBegin({ duration_seconds: minutes * 60, qr, pin: digits });
  };
  return (
    <form onSubmit={begin} autocomplete="off">
      <Ways radio={radio} way={way} onWay={setWay} />
      {way === 'camera' && reading.kind !== 'lock' && <Camera onText={scanned} />}
      {way === 'typed' && <TypedQr radio={radio} text={text} reading={reading} onText={given} />}
      {way === 'without' && radio === 'zwave' && <LabelDigits pin={pin} onPin={setPin} />}
      {way === 'without' && radio === 'zigbee' && <OpenToAll />}
      {(way === 'camera' || way === 'typed') && (
        <QrFound reading={reading} onAgain={() => setText('')} isScanned={way === 'camera'} />
      )}
      <Minutes minutes={minutes} onMinutes={setMinutes} />
      <button type="submit" class="primary wide" disabled={!isReady || props.isBusy}>
        {props.isBusy ? 'Asking the hub…' : props.action}
      </button>
      {!isReady && <p class="quiet small">{way === null ? 'First choose how.' : NOT_READY[way]}</p>}
    </form>
  );
}

function Ways(props: {
  readonly radio: RadioKind;
  readonly way: Way | null;
  readonly onWay: (way: Way) => void;
}) {
  const { radio, way, onWay } = props;
  return (
    <fieldset class="choices">
      <legend>How the lock shows who it is</legend>
      {WAYS[radio].map(({ way: one, name, hint }) => (
        <label key={one} class="choice">
          <input type="radio" name="way" checked={way === one} onChange={() => onWay(one)} />
          <span>
            <b>{name}</b>
            <small>{hint}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Minutes(props: { readonly minutes: number; readonly onMinutes: (minutes: number) => void }) {
  return (
    <div class="field short">
      <label for="minutes">Time to start the lock</label>
      <select
        id="minutes"
        value={props.minutes}
        onChange={({ currentTarget }) => props.onMinutes(Number(currentTarget.value))}
      >
        {MINUTES.map((one) => (
          <option key={one} value={one}>
            {one === 1 ? '1 minute' : `${one} minutes`}
          </option>
        ))}
      </select>
    </div>
  );
}

function isComplete(way: Way | null, reading: QrReading, pin: string): boolean {
  if (way === null) return false;
  return way === 'without' ? pin === '' || /^\d{5}$/.test(pin) : reading.kind === 'lock';
}

function TypedQr(props: {
  readonly radio: RadioKind;
  readonly text: string;
  readonly reading: QrReading;
  readonly onText: (text: string) => void;
}) {
  const { reading } = props;
  return (
    <div class="field">
      <label for="qr">Text of the QR code</label>
      <textarea
        id="qr"
        class="digits"
        rows={4}
        maxLength={QR_CHARS_MAX * 2}
        spellcheck={false}
        value={props.text}
        aria-describedby="qr-says"
        aria-invalid={reading.kind === 'wrong'}
        onInput={({ currentTarget }) => props.onText(currentTarget.value)}
      />
      <p id="qr-says" class={reading.kind === 'wrong' ? 'wrong' : 'hint'} aria-live="polite">
        {reading.kind === 'wrong' || reading.kind === 'partial' ? reading.message : TEXT_HINTS[props.radio]}
      </p>
    </div>
  );
}

/** What was read, to be compared with the label. */
function QrFound(props: {
  readonly reading: QrReading;
  readonly isScanned: boolean;
  readonly onAgain: () => void;
}) {
  const { reading, isScanned } = props;
  if (isScanned && reading.kind === 'wrong') {
    return (
      <p class="notice notice-bad" role="alert">
        {reading.message}
      </p>
    );
  }
  if (reading.kind !== 'lock') return null;
  return (
    <div class="notice notice-good" role="status">
      <p>
        <b>The code is read.</b>
        {' The label of the lock shows the same number:'}
      </p>
      <KeyGroups groups={reading.key} />
      {reading.joinsByItself && (
        <p>It may join by itself as soon as it has power: take a battery out and put it in again.</p>
      )}
      <button type="button" onClick={props.onAgain}>
        {isScanned ? 'Scan another code' : 'Clear'}
      </button>
    </div>
  );
}

/** The number of a label, as it is printed there. */
export function KeyGroups({ groups }: { readonly groups: readonly string[] }) {
  return (
    <ol class="key-groups digits" aria-label="Number on the label">
      {groups.map((group, index) => (
        <li key={index}>{group}</li>
      ))}
    </ol>
  );
}

function OpenToAll() {
  return (
    <p class="hint">
      The network is open to every lock that asks to join while the time runs, so see that it is yours which
      comes in. A lock that joins only with its install code stays outside.
    </p>
  );
}

function LabelDigits({ pin, onPin }: { readonly pin: string; readonly onPin: (pin: string) => void }) {
  return (
    <div class="field short">
      <label for="label-pin">First five digits of the label (optional)</label>
      <input
        id="label-pin"
        class="digits"
        inputMode="numeric"
        autocomplete="off"
        maxLength={5}
        value={pin}
        aria-describedby="label-pin-says"
        onInput={({ currentTarget }) => onPin(currentTarget.value.replaceAll(/\D/g, ''))}
      />
      <p id="label-pin-says" class="hint">
        They are underlined or marked PIN. Leave it empty if you are not sure: the hub asks for them when the
        lock wants them.
      </p>
    </div>
  );
}
