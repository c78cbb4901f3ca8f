import type { AccessCode } from '../../core/access-code.ts';
import type { Explanation, Explanations } from '../../core/plan/explain.ts';
import { explain } from '../../core/plan/explain.ts';
import { deletionRefusal } from '../../core/request/offline.ts';
import { listedCodes, unmanagedCodes } from '../../core/request/unmanaged.ts';
import { instantText } from '../../wire/instant-text.ts';
import { publicAccessCodeOf, publicUnmanagedCodeOf, type View } from '../../wire/view.ts';
import type { ApiParts } from '../route.ts';
import { pageIssueOf } from './offline-object.ts';
import type { PageCode, PageUnmanagedCode, Why } from './types.ts';

/** What is explained of a lock costs a plan, so it is worked out once for all its codes and slots. */
export function explanationsOf({ state, policy, now }: View): Explanations {
  return explain(state, policy, now);
}

/** The managed codes of a lock, without PINs. */
export function pageCodesOf(
  { mayChangeCloudCodes }: Pick<ApiParts, 'mayChangeCloudCodes'>,
  view: View,
  explanations: Explanations,
): readonly PageCode[] {
  const mayChange = ({ origin }: AccessCode): boolean => origin === 'local' || mayChangeCloudCodes;
  return listedCodes(view.state).map((code) => ({
    ...withoutDigits(code, view),
    has_code: code.pin !== null,
    slot: code.slot,
    why: whyOf(explanations.codes.get(code.accessCodeId)),
    can_change: mayChange(code) && code.offline === null,
    can_delete: mayChange(code) && deletionRefusal(code) === null,
    issue: pageIssueOf(code),
  }));
}

/** The codes that the hub found on a lock, without PINs. */
export function pageUnmanagedCodesOf(view: View): readonly PageUnmanagedCode[] {
  return unmanagedCodes(view.state).map((code) => ({
    ...publicUnmanagedCodeOf(code, view),
    has_code: code.pin !== null,
    slot: code.slot,
  }));
}

export function whyOf(explanation: Explanation | undefined): Why | null {
  if (explanation === undefined) return null;
  const { reason, message, at } = explanation;
  return { reason, message, at: instantText(at) };
}

/** An edit of the PIN says that there is one, and `null` in place of both. */
function withoutDigits(
  code: AccessCode,
  view: View,
): Omit<PageCode, 'has_code' | 'slot' | 'why' | 'can_change' | 'can_delete' | 'issue'> {
  const { pending_mutations, ...shown } = publicAccessCodeOf(code, view);
  const hidden = { from: { code: null }, to: { code: null } };
  return {
    ...shown,
    pending_mutations: pending_mutations.map((mutation) =>
      mutation.mutation_code === 'updating_code' ? { ...mutation, ...hidden } : mutation,
    ),
  };
}
