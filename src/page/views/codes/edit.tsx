import { useRef, useState } from 'preact/hooks';
import type { CodesAnswer, PageCode } from '../../../http/page/types.ts';
import { ApiError, apiPost } from '../../api.ts';
import { now, timezone } from '../../time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/parts.tsx';
import { changeBody, createBody, draftOf, emptyDraft, wrongIn, type Draft, type Field } from './draft.ts';
import { LocksField, NameField, Options, PinField, TimesField } from './fields.tsx';
import { WeeklyField } from './weekly.tsx';

/** The part of the form that a sentence of the hub is about: its messages begin with the parameter. */
const FIELD_OF: Readonly<Record<string, Field>> = {
  name: 'name',
  code: 'code',
  starts_at: 'startsAt',
  ends_at: 'endsAt',
  weekly_windows: 'weekly',
  max_uses: 'maxUses',
  device_id: 'deviceIds',
  device_ids: 'deviceIds',
};

/** What the hub did not grant, and the draft for which it said so. */
interface Refused {
  readonly draft: Draft;
  readonly field: Field | null;
  readonly message: string;
}

/** Creates a code on one lock or one PIN on several, or changes a code. Closes when the hub has taken it. */
export function EditDialog(props: {
  readonly answer: CodesAnswer;
  /** The code to be changed; `null`: a new one. */
  readonly code: PageCode | null;
  readonly deviceId: string | null;
  readonly onSaved: (accessCodeIds: readonly string[]) => void;
  readonly onClose: () => void;
}) {
  const { answer, code } = props;
  const zone = timezone.value;
  const [draft, setDraft] = useState<Draft>(() => firstDraft(props));
  const [isTried, setTried] = useState(false);
  const [isUnderWay, setUnderWay] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const change = (next: Partial<Draft>): void => setDraft((before) => ({ ...before, ...next }));
  const found = wrongIn(draft, { ...answer, code, zone, now: now.peek() });
  const isRefused = refused !== null && refused.draft === draft;
  const wrong = {
    // Nobody is blamed for what they have not come to yet.
    ...(isTried ? found : touched(found, draft)),
    ...(isRefused && refused.field !== null && { [refused.field]: refused.message }),
  };
  const save = async (): Promise<void> => {
    setTried(true);
    if (Object.keys(found).length > 0) {
      requestAnimationFrame(() => showFirstWrong(form.current));
      return;
    }
    setUnderWay(true);
    try {
      props.onSaved(await send(draft, code, zone));
      props.onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefused(refusalOf(error, draft));
      setUnderWay(false);
    }
  };
  const part = { draft, change, wrong, answer, code };
  return (
    <Dialog title={code === null ? 'New code' : `Change ${code.name ?? 'the code'}`} onClose={props.onClose}>
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
        {isRefused && refused.field === null && <Notice tone="bad">{refused.message}</Notice>}
        <div class="row dialog-foot">
          <button type="button" onClick={props.onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isUnderWay}>
            {isUnderWay ? 'One moment…' : code === null ? 'Create code' : 'Save'}
          </button>
        </div>
      </form>
    </Dialog>
  );
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

/** Answers the ids of what was made or changed. */
async function send(draft: Draft, code: PageCode | null, zone: string): Promise<readonly string[]> {
  if (code !== null) {
    const body = changeBody(draft, code, zone, now.peek());
    if (Object.keys(body).length === 0) return [];
    await apiPost('access_codes/update', { access_code_id: code.access_code_id, ...body });
    return [code.access_code_id];
  }
  const body = createBody(draft, zone, now.peek());
  if (draft.deviceIds.length === 1) {
    const made = await apiPost<{ access_code: { access_code_id: string } }>('access_codes/create', body);
    return [made.access_code.access_code_id];
  }
  const made = await apiPost<{ access_codes: readonly { access_code_id: string }[] }>(
    'access_codes/create_multiple',
    body,
  );
  return made.access_codes.map(({ access_code_id: id }) => id);
}

function refusalOf({ message }: ApiError, draft: Draft): Refused {
  const [, parameter, rest] = /^([a-z_]+): (.*)$/s.exec(message) ?? [];
  const field = FIELD_OF[parameter ?? ''] ?? null;
  const said = field === null ? message : (rest ?? message);
  return { draft, field, message: `${said.charAt(0).toUpperCase()}${said.slice(1)}` };
}
