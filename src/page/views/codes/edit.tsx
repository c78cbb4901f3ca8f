import { useEffect, useRef, useState } from 'preact/hooks';
import type { CodesAnswer, PageCode } from '../../../http/page/types.ts';
import { ApiError } from '../../api.ts';
import { now, timezone } from '../../time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { chosenLocks, draftOf, emptyDraft, wrongIn, type Draft, type Field } from './draft.ts';
import { LocksField, NameField, Options, PinField, TimesField } from './fields.tsx';
import { settled } from './offline-draft.ts';
import { KindField, OfflineFields, Outcome } from './offline-fields.tsx';
import { check, refusalOf, send, type Checked } from './sending.ts';
import { WeeklyField } from './weekly.tsx';

/** How long somebody has stopped typing before the hub is asked about it. */
const PAUSE_MS = 400;

/** What the hub said, and the draft of which it did. */
interface Told extends Checked {
  readonly draft: Draft;
}

interface EditProps {
  readonly answer: CodesAnswer;
  /** The code to be changed; `null`: a new one. */
  readonly code: PageCode | null;
  readonly deviceId: string | null;
  readonly onSaved: (accessCodeIds: readonly string[]) => void;
  readonly onClose: () => void;
}

/** Creates a code on one lock or one PIN on several, or changes a code. Closes when the hub has taken it. */
export function EditDialog(props: EditProps) {
  const { answer, code, onClose } = props;
  const { draft, change, wrong, told, isUnderWay, save, form } = useDraft(props);
  const part = { draft, change, wrong, answer, code };
  const deed = code === null ? 'Create code' : 'Save';
  // Nobody makes an offline code without having seen when it opens.
  const next = draft.isOffline && told?.preview == null ? 'Check the times' : deed;
  return (
    <Dialog title={code === null ? 'New code' : `Change ${code.name ?? 'the code'}`} onClose={onClose}>
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {code === null && <LocksField {...part} />}
        <NameField {...part} />
        {code === null && <KindField {...part} />}
        {draft.isOffline ? (
          <OfflineFields {...part} />
        ) : (
          <>
            <PinField {...part} />
            <TimesField {...part} />
            <WeeklyField
              windows={draft.weekly}
              wrong={wrong.weekly}
              onWindows={(weekly) => change({ weekly })}
            />
            <Options {...part} />
          </>
        )}
        <div class="row dialog-foot">
          {told !== null && <Outcome {...part} told={told} />}
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isUnderWay}>
            {isUnderWay ? 'One moment…' : next}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The draft, what is wrong with it as far as it is time to say so, and how it is sent. */
function useDraft(props: EditProps) {
  const { answer, code } = props;
  const zone = timezone.value;
  const [draft, setDraft] = useState<Draft>(() => firstDraft(props));
  const [isTried, setTried] = useState(false);
  const [isUnderWay, setUnderWay] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const found = wrongIn(draft, { ...answer, code, zone, now: now.peek() });
  const isComplete = Object.keys(found).length === 0;
  const [current, setTold] = useTold(draft, isComplete, props);
  const refusal = current?.refusal ?? null;
  const save = async (): Promise<void> => {
    setTried(true);
    if (!isComplete) {
      requestAnimationFrame(() => showFirstWrong(form.current));
      return;
    }
    setUnderWay(true);
    try {
      const preview = current?.preview ?? null;
      if (draft.isOffline && preview === null) {
        setTold({ draft, ...(await check(draft, code, zone, answer.locks)) });
        setUnderWay(false);
        return;
      }
      props.onSaved(await send(draft, code, zone, preview));
      props.onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setTold({ draft, preview: null, refusal: refusalOf(error, answer.locks) });
      setUnderWay(false);
      requestAnimationFrame(() => showFirstWrong(form.current));
    }
  };
  return {
    draft,
    change: (next: Partial<Draft>): void =>
      setDraft((before) => settledIn({ ...before, ...next }, answer.locks)),
    wrong: {
      // Nobody is blamed for what they have not come to yet.
      ...(isTried ? found : touched(found, draft)),
      ...(refusal !== null && refusal.field !== null && { [refusal.field]: refusal.message }),
    },
    told: current,
    isUnderWay,
    save,
    form,
  };
}

/** What the hub says to a draft, asked as soon as somebody stops typing. */
function useTold(
  draft: Draft,
  isComplete: boolean,
  { answer, code }: EditProps,
): readonly [Told | null, (told: Told) => void] {
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => {
    if (!isComplete) return undefined;
    let isLate = false;
    const timer = setTimeout(() => {
      // It is a courtesy: what can't be asked now is said when the code is sent.
      check(draft, code, timezone.value, answer.locks)
        .then((checked) => !isLate && setTold({ draft, ...checked }))
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  }, [draft]);
  // What the hub said of another draft may not hold for this one.
  return [told?.draft === draft ? told : null, setTold];
}

function showFirstWrong(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus({ preventScroll: true });
  form?.querySelector('.wrong')?.parentElement?.scrollIntoView({ block: 'nearest' });
}

function firstDraft(props: Parameters<typeof EditDialog>[0]): Draft {
  if (props.code !== null) return draftOf(props.code, timezone.value);
  const [only, ...others] = props.answer.locks;
  const deviceId = props.deviceId ?? (others.length === 0 ? (only?.device_id ?? null) : null);
  return settledIn(emptyDraft(deviceId === null ? [] : [deviceId]), props.answer.locks);
}

function settledIn(draft: Draft, locks: CodesAnswer['locks']): Draft {
  return settled(draft, chosenLocks(draft, locks));
}

/** Of all that is wrong, what somebody typed. */
function touched(found: ReturnType<typeof wrongIn>, draft: Draft): ReturnType<typeof wrongIn> {
  return Object.fromEntries(
    Object.entries(found).filter(([field]) => {
      const value = draft[field as Field];
      return value.length > 0 && field !== 'weekly';
    }),
  );
}
