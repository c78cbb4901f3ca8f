import { instantText } from '../instant-text.ts';
import type { Instant } from '../time.ts';

/** What can't be asked of an offline code: its digits follow from its window, and nobody can tell the lock otherwise. */
export type FixedRequest =
  | { readonly kind: 'choose_pin' }
  | { readonly kind: 'update' }
  | { readonly kind: 'delete'; readonly endsAt: Instant };

/** Why it is refused, with what can be asked for instead. */
export function fixedRefusal(request: FixedRequest): string {
  switch (request.kind) {
    case 'choose_pin':
      return 'code: must be left out, the digits of an offline code are computed from its window.';
    case 'update':
      return 'access_code_id: an offline code can not be changed; create another one beside it.';
    case 'delete':
      return `access_code_id: an offline code can not be taken back; it ends at ${instantText(request.endsAt)}.`;
  }
}
