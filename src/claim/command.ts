import { encodeQR } from 'qr';
import { SystemClock } from '../clock.ts';
import type { ClaimView } from '../core/claim-view.ts';
import type { Store } from '../store/store.ts';
import { instantText } from '../wire/instant-text.ts';
import { readyClaim, unclaim } from './claim.ts';
import { claimViewOf } from './view.ts';

/** What `lockhub claim` prints, line by line. `again` undoes the claim first. Works beside a running hub. */
export async function claimLines(store: Store, hubId: string, again: boolean): Promise<readonly string[]> {
  const place = { hubId, store, clock: new SystemClock() };
  const record = again ? await unclaim(place) : await readyClaim(place);
  const view = claimViewOf(record, hubId, false);
  if (view === null) throw new Error('A claim that is ready has a code or a certificate.');
  return linesOf(view);
}

function linesOf(view: ClaimView): readonly string[] {
  if (view.state === 'claimed') {
    const { owner, claimedAt, certificateEndsAt } = view;
    const times = `since ${instantText(claimedAt)}; its certificate ends ${instantText(certificateEndsAt)}`;
    return [`This hub is claimed by ${owner}, ${times}.`];
  }
  const refused = view.refused === null ? [] : [`The cloud refused: ${view.refused}.`];
  return [
    ...encodeQR(view.qrText, 'ascii', { border: 2 }).trimEnd().split('\n'),
    `claim code ${view.code}`,
    `good until ${instantText(view.codeEndsAt)}, or until it was used, while the hub runs`,
    ...refused,
  ];
}
