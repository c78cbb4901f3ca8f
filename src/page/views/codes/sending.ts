import type { CheckedCode, CodesAnswer, PageCode } from '../../../http/page/types.ts';
import { apiPost, pagePost } from '../../api.ts';
import { now } from '../../time.ts';
import { told } from '../../told.ts';
import { changeBody, checkBody, createBody, type Draft, type Field } from './draft.ts';
import { lockLabel } from './lock-label.ts';

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

/** What the hub does not grant, and the part of the form that it is about; `null`: the whole. */
export interface Refusal {
  readonly field: Field | null;
  readonly message: string;
}

/** Answers the ids of what was made or changed. */
export async function send(draft: Draft, code: PageCode | null, zone: string): Promise<readonly string[]> {
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

/** What the hub would say to a draft. Rejects with an `ApiError`. */
export async function check(
  draft: Draft,
  code: PageCode | null,
  zone: string,
  locks: CodesAnswer['locks'],
): Promise<Refusal | null> {
  const body = checkBody(draft, code, zone, now.peek());
  if (body === null) return null;
  const { refusal } = await pagePost<CheckedCode>('codes/check', body);
  return refusal === null ? null : refusalOf(refusal, locks);
}

/** A sentence of the hub, put where it belongs, with the names of locks in place of their ids. */
export function refusalOf(sentence: string, locks: CodesAnswer['locks']): Refusal {
  const [, parameter, rest] = /^([a-z_]+): (.*)$/s.exec(sentence) ?? [];
  const field = FIELD_OF[parameter ?? ''] ?? null;
  const said = field === null ? sentence : (rest ?? sentence);
  let named = said.charAt(0).toUpperCase() + said.slice(1);
  for (const lock of locks) named = named.replaceAll(lock.device_id, lockLabel(lock, locks));
  return { field, message: told(named) };
}
