import { expect, test } from 'vitest';
import type { ClaimView } from '../../src/core/claim-view.ts';
import type { PageClaim } from '../../src/http/page/cloud-types.ts';
import type { Overview } from '../../src/http/page/types.ts';
import { pageScene } from './page-rig.ts';

const AT = Date.parse('2026-11-22T14:00:00Z');
const UNCLAIMED: ClaimView = {
  state: 'unclaimed',
  isAsked: true,
  refused: null,
  code: '7K4QD-9XM2P-A6HC0-TZVBN',
  codeEndsAt: AT,
  qrText: 'lockhub-claim:1:hub-1:ccf6cc545ad0b7ebc940577e12cc399e:7K4QD9XM2PA6HC0TZVBN',
};
const CLAIMED: ClaimView = { state: 'claimed', owner: 'Hotel Adler', claimedAt: AT, certificateEndsAt: AT };

test('the code is for those who may look into the hub, and the overview says only whose it is', async () => {
  let view: ClaimView | null = null;
  const refused = { status: 'refused', lastFailure: 'revoked' } as const;
  const scene = await pageScene({ claim: () => view, cloudLink: () => refused, hasCloud: true });
  expect(await scene.page<PageClaim>('claim')).toEqual({ state: 'none' });

  view = UNCLAIMED;
  expect(await scene.page<PageClaim>('claim')).toMatchObject({
    state: 'unclaimed',
    code: UNCLAIMED.code,
    code_ends_at: '2026-11-22T14:00:00.000Z',
    qr: expect.arrayContaining([expect.stringMatching(/^00[01]+00$/)]),
  });
  for (const scope of ['read', 'write', 'pins'] as const) {
    const headers = { authorization: `Bearer ${scene.key(scope)}` };
    const answer = await scene.call('/page/claim', { headers });
    expect([answer.status, await answer.text()]).toEqual([403, expect.not.stringContaining(UNCLAIMED.code)]);
  }
  const before = await scene.page<Overview>('overview');
  expect(before.hub.cloud?.claim).toEqual({ owner: null });
  expect(before.hub.problems[0]?.message).toContain('login in the config');
  expect(JSON.stringify(before)).not.toContain('7K4QD');
  const bundle = await scene.call('/page/diagnostics');
  expect(await bundle.text()).not.toContain('7K4QD');

  view = CLAIMED;
  expect(await scene.page<PageClaim>('claim')).toMatchObject({ state: 'claimed', owner: 'Hotel Adler' });
  const after = await scene.page<Overview>('overview');
  expect(after.hub.cloud?.claim).toEqual({ owner: 'Hotel Adler' });
  expect(after.hub.problems[0]?.message).toContain('lockhub claim --again');
});
