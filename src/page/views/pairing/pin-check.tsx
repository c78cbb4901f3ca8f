import { useState } from 'preact/hooks';
import { ApiError, pagePost } from '../../api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/parts.tsx';
import { KeyGroups } from './admission.tsx';
import { groupsOf } from './label.ts';

const PIN_DIGITS = 5;

/**
 * The lock has said its number, but for the five digits that only its label shows: who can type these stands in front
 * of the lock that is joining.
 */
export function PinCheck({ dsk }: { readonly dsk: string | null }) {
  const [pin, setPin] = useState('');
  const [isSent, setSent] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const send = async (digits: string | null): Promise<void> => {
    setSent(true);
    setFailure(null);
    try {
      await pagePost('pairing/pin', { pin: digits });
    } catch (error) {
      setFailure(error instanceof ApiError ? error.message : String(error));
      setSent(false);
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (pin.length === PIN_DIGITS && !isSent) void send(pin);
  };
  return (
    <form class="pin-check" onSubmit={submit} autocomplete="off">
      {dsk !== null && <KeyGroups groups={[pin.padEnd(PIN_DIGITS, '–'), ...groupsOf(dsk)]} />}
      <div class="field">
        <label for="pairing-pin">The first five digits on the label</label>
        <input
          id="pairing-pin"
          class="digits big"
          inputMode="numeric"
          autocomplete="off"
          maxLength={PIN_DIGITS}
          value={pin}
          aria-describedby="pairing-pin-says"
          onInput={({ currentTarget }) => setPin(currentTarget.value.replaceAll(/\D/g, ''))}
        />
        <p id="pairing-pin-says" class="hint">
          They are underlined or marked PIN. If the other digits differ from the label, another lock is
          joining: cancel.
        </p>
      </div>
      <div class="row">
        <button type="submit" class="primary" disabled={pin.length !== PIN_DIGITS || isSent}>
          {isSent ? 'Checking…' : 'They are the same'}
        </button>
        <button type="button" class="plain" disabled={isSent} onClick={() => setAsking(true)}>
          Go on without…
        </button>
      </div>
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
      {isAsking && (
        <GoOnWithout
          onBack={() => setAsking(false)}
          onGo={() => {
            setAsking(false);
            void send(null);
          }}
        />
      )}
    </form>
  );
}

function GoOnWithout({ onBack, onGo }: { readonly onBack: () => void; readonly onGo: () => void }) {
  return (
    <Dialog title="Go on without the digits?" onClose={onBack}>
      <Notice tone="warn">
        Then nobody has checked that the lock that joins is the one in front of you. Most locks get no codes
        this way, and have to be removed and paired again.
      </Notice>
      <div class="row end">
        <button type="button" onClick={onBack}>
          Back to the digits
        </button>
        <button type="button" class="danger" onClick={onGo}>
          Go on without
        </button>
      </div>
    </Dialog>
  );
}
