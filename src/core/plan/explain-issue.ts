import type { AccessCode } from '../access-code.ts';
import type { Explanation } from './explain.ts';
import { instantText } from '../instant-text.ts';
import type { OfflineIssue } from '../offline/issue.ts';

/** What an offline code waits for. */
export function explainIssue({ retryAt, endsAt }: AccessCode, { state, trouble }: OfflineIssue): Explanation {
  switch (state) {
    case 'issued':
      return { reason: 'issued', message: 'It has its digits, and opens within its window.', at: endsAt };
    case 'refused':
      return { reason: 'not_issued', message: `It is not issued. ${trouble?.message ?? ''}`, at: retryAt };
    case 'waiting':
    case 'asked': {
      if (retryAt === null)
        return { reason: 'waits_for_issuer', message: 'Its issuer is asked for the digits next.', at: null };
      const message = `It has no digits yet: ${trouble?.message ?? ''} Its issuer is asked again at ${instantText(retryAt)}.`;
      return { reason: 'waits_for_issuer', message, at: retryAt };
    }
  }
}
