import type { PageTimeFrame } from '../../../http/page/offline-types.ts';
import type { CheckedCode, CodesAnswer, PageCode } from '../../../http/page/types.ts';
import { ApiError, apiPost, pagePost } from '../../api.ts';
import { now } from '../../time.ts';
import { told } from '../../told.ts';
import { capital } from '../../words.ts';
import { changeBody, checkBody, createBody, type Draft, type Field } from './draft.ts';
import { lockLabel } from './lock-label.ts';
import { offlineBody } from './offline-draft.ts';

/** Status of what the hub does not take as it is. */
const REFUSED = 400;

/** The part of the form that a sentence of the hub is about: its messages begin with the parameter. */
const FIELD_OF: Readonly<Record<string, Field | null>> = {
  // Of offline codes; what these say is about all of the code.
  is_offline_access_code: null,
  is_one_time_use: null,
  max_time_rounding: null,
  name: 'name',
  code: 'code',
  starts_at: 'startsAt',
  ends_at: 'endsAt',
  weekly_windows: 'weekly',
  max_uses: 'maxUses',
  device_id: 'deviceIds',
  device_ids: 'deviceIds',
};

/** What the hub does not grant, and the part of the form that it is about; `null`: the whole. */
interface Refusal {
  readonly field: Field | null;
  readonly message: string;
  /** The window that would be taken instead. */
  readonly nearest: PageTimeFrame | null;
}

/** What the hub would do with the draft of an offline code. */
interface Preview {
  /** What was asked, to be sent as it is: who confirms has seen what comes of this and of nothing else. */
  readonly body: Record<string, unknown>;
  readonly frame: PageTimeFrame;
  readonly asked: { readonly starts_at: string; readonly ends_at: string | null };
}

/** What the hub would say to a draft. */
export interface Checked {
  readonly refusal: Refusal | null;
  /** Of an offline code that it would make. */
  readonly preview: Preview | null;
}

/** Answers the ids of what was made or changed. */
export async function send(
  draft: Draft,
  code: PageCode | null,
  zone: string,
  preview: Preview | null,
): Promise<readonly string[]> {
  if (code !== null) {
    const body = changeBody(draft, code, zone, now.peek());
    if (Object.keys(body).length === 0) return [];
    await apiPost('access_codes/update', { access_code_id: code.access_code_id, ...body });
    return [code.access_code_id];
  }
  const body = preview?.body ?? createBody(draft, zone, now.peek());
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

/** Asks the hub what it would say to a draft. Rejects with an `ApiError`. */
export async function check(
  draft: Draft,
  code: PageCode | null,
  zone: string,
  locks: CodesAnswer['locks'],
): Promise<Checked> {
  if (draft.isOffline) return checkOffline(offlineBody(draft, zone, now.peek()), locks);
  const body = checkBody(draft, code, zone, now.peek());
  if (body === null) return { refusal: null, preview: null };
  const { refusal } = await pagePost<CheckedCode>('codes/check', body);
  return { refusal: refusal === null ? null : refusalOf({ message: refusal }, locks), preview: null };
}

async function checkOffline(body: Record<string, unknown>, locks: CodesAnswer['locks']): Promise<Checked> {
  try {
    const { offline_time_frame: frame } = await apiPost<{ offline_time_frame: PageTimeFrame }>(
      'access_codes/preview',
      body,
    );
    const { starts_at, ends_at = null } = body as { starts_at: string; ends_at?: string };
    return { refusal: null, preview: { body, frame, asked: { starts_at, ends_at } } };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== REFUSED) throw error;
    return { refusal: refusalOf(error, locks), preview: null };
  }
}

/** A sentence of the hub, put where it belongs, with the names of locks in place of their ids. */
export function refusalOf(
  {
    message: sentence,
    nearest = null,
  }: { readonly message: string; readonly nearest?: PageTimeFrame | null },
  locks: CodesAnswer['locks'],
): Refusal {
  const [, parameter = '', rest] = /^([a-z_]+): (.*)$/s.exec(sentence) ?? [];
  const field = FIELD_OF[parameter] ?? null;
  const said = Object.hasOwn(FIELD_OF, parameter) ? (rest ?? sentence) : sentence;
  let named = capital(said.replaceAll('starts_at', 'the start').replaceAll('ends_at', 'the end'));
  for (const lock of locks) named = named.replaceAll(lock.device_id, lockLabel(lock, locks));
  return { field, message: told(named), nearest };
}
