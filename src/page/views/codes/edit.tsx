import { useEffect, useRef, useState } from 'preact/hooks';
import type { CodesAnswer, PageCode } from '../../../http/page/types.ts';
import { ApiError } from '../../api.ts';
import { now, timezone } from '../../time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/parts.tsx';
import { draftOf, emptyDraft, wrongIn, type Draft, type Field } from './draft.ts';
import { LocksField, NameField, Options, PinField, TimesField } from './fields.tsx';
import { check, refusalOf, send, type Refusal } from './sending.ts';
import { WeeklyField } from './weekly.tsx';

/** How long somebody has stopped typing before the hub is asked about it. */
const PAUSE_MS = 400;

/** What the hub does not grant, and the draft for which it said so. */
interface Refused extends Refusal {
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
  const { draft, change, wrong, refusal, isUnderWay, save, form } = useDraft(props);
  const part = { draft, change, wrong, answer, code };
  const deed = code === null ? 'Create code' : 'Save';
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
        <PinField {...part} />
        <TimesField {...part} />
        <WeeklyField windows={draft.weekly} wrong={wrong.weekly} onWindows={(weekly) => change({ weekly })} />
        <Options {...part} />
        {refusal !== null && <Notice tone="bad">{refusal}</Notice>}
        <div class="row dialog-foot">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isUnderWay}>
            {isUnderWay ? 'One moment…' : deed}
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
  const [refused, setRefused] = useState<Refused | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const found = wrongIn(draft, { ...answer, code, zone, now: now.peek() });
  const isComplete = Object.keys(found).length === 0;
  useEffect(() => {
    if (!isComplete) return undefined;
    const timer = setTimeout(() => {
      // It is a courtesy: what can't be asked now is said when the code is sent.
      check(draft, code, zone, answer.locks)
        .then((refusal) => refusal !== null && setRefused({ draft, ...refusal }))
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  // What the hub said of another draft may not hold for this one.
  const current = refused?.draft === draft ? refused : null;
  const save = async (): Promise<void> => {
    setTried(true);
    if (!isComplete) {
      requestAnimationFrame(() => showFirstWrong(form.current));
      return;
    }
    setUnderWay(true);
    try {
      props.onSaved(await send(draft, code, zone));
      props.onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefused({ draft, ...refusalOf(error.message, answer.locks) });
      setUnderWay(false);
      requestAnimationFrame(() => showFirstWrong(form.current));
    }
  };
  return {
    draft,
    change: (next: Partial<Draft>): void => setDraft((before) => ({ ...before, ...next })),
    wrong: {
      // Nobody is blamed for what they have not come to yet.
      ...(isTried ? found : touched(found, draft)),
      ...(current !== null && current.field !== null && { [current.field]: current.message }),
    },
    refusal: current?.field === null ? current.message : null,
    isUnderWay,
    save,
    form,
  };
}

function showFirstWrong(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus({ preventScroll: true });
  form?.querySelector('.wrong')?.parentElement?.scrollIntoView({ block: 'nearest' });
}

function firstDraft(props: Parameters<typeof EditDialog>[0]): Draft {
  if (props.code !== null) return draftOf(props.code, timezone.value);
  const [only, ...others] = props.answer.locks;
  const deviceId = props.deviceId ?? (others.length === 0 ? (only?.device_id ?? null) : null);
  return emptyDraft(deviceId === null ? [] : [deviceId]);
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
