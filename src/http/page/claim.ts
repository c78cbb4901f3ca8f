import { encodeQR } from 'qr';
import { instantText } from '../../wire/instant-text.ts';
import type { ApiParts, Route } from '../route.ts';
import { NO_PARAMS, pageRoute } from './page-route.ts';
import type { PageClaim } from './cloud-types.ts';

/** White around the code, in its own squares: what readers need to find it. */
const BORDER = 2;

/** `/page/claim`. Who has the code owns the hub, so it is for those who may look into it. */
export const pageClaim: Route = pageRoute({
  path: '/page/claim',
  verbs: ['GET'],
  scope: 'admin',
  params: NO_PARAMS,
  act: pageClaimOf,
});

function pageClaimOf({ claim }: ApiParts): PageClaim {
  const view = claim();
  if (view === null) return { state: 'none' };
  if (view.state === 'claimed') {
    return {
      state: 'claimed',
      owner: view.owner,
      claimed_at: instantText(view.claimedAt),
      certificate_ends_at: instantText(view.certificateEndsAt),
    };
  }
  const squares = encodeQR(view.qrText, 'raw', { border: BORDER });
  return {
    state: 'unclaimed',
    is_asked: view.isAsked,
    refused: view.refused,
    code: view.code,
    code_ends_at: instantText(view.codeEndsAt),
    qr: squares.map((row) => row.map((isDark) => (isDark ? '1' : '0')).join('')),
  };
}
