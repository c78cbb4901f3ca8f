import type { PageClaim } from '../../../http/page/cloud-types.ts';
import { Card, Fact, Loading, Notice, Time } from '../../ui/parts.tsx';
import { usePage } from '../../use-page.ts';
import { QrCode } from './qr-code.tsx';
import './claim.css';

const REFUSED: Readonly<Record<string, string>> = {
  hub_id_taken:
    'The cloud knows another hub of this name. Have that one set free there, or give this hub another hub_id; then tell the code below.',
  not_allowed: 'The cloud does not want this hub. Ask whoever runs it.',
};

/** Who owns this hub, or how somebody comes to own it. */
export default function ClaimView() {
  const { answer, error } = usePage<PageClaim>(
    'claim',
    {},
    (message) => message.kind === 'changed' && message.hub,
  );
  return (
    <>
      <h1>Claim this hub</h1>
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      {answer === null && error === null && <Loading what="the claim" />}
      {answer?.state === 'none' && <p>Nobody has to claim this hub.</p>}
      {answer?.state === 'claimed' && <Claimed claim={answer} />}
      {answer?.state === 'unclaimed' && <Unclaimed claim={answer} />}
    </>
  );
}

function Claimed({ claim }: { readonly claim: PageClaim & { readonly state: 'claimed' } }) {
  return (
    <Card title="Claimed">
      <p role="status">
        This hub is claimed by <strong>{claim.owner}</strong>.
      </p>
      <dl class="facts">
        {claim.claimed_at !== null && (
          <Fact name="Since">
            <Time iso={claim.claimed_at} />
          </Fact>
        )}
        {claim.certificate_ends_at !== null && (
          <Fact name="Its certificate is renewed before">
            <Time iso={claim.certificate_ends_at} />
          </Fact>
        )}
      </dl>
    </Card>
  );
}

function Unclaimed({ claim }: { readonly claim: PageClaim & { readonly state: 'unclaimed' } }) {
  return (
    <>
      {claim.refused !== null && <Notice tone="bad">{REFUSED[claim.refused] ?? claim.refused}</Notice>}
      <Card title="Tell your cloud this code">
        <div class="claim-code">
          <QrCode rows={claim.qr} name="The claim code as a QR code" />
          <div>
            <p>Scan it with the app of your cloud, or type it there:</p>
            <p class="claim-letters">
              <code>{claim.code}</code>
            </p>
            <p role="status">
              {claim.is_asked
                ? 'The cloud waits for it.'
                : 'The hub does not reach its cloud yet, and goes on trying; the code can be told all the same.'}
            </p>
            <p class="quiet">
              Whoever has the code owns this hub. It works once
              {claim.code_ends_at !== null && (
                <>
                  , and another one follows it on <Time iso={claim.code_ends_at} />
                </>
              )}
              .
            </p>
          </div>
        </div>
      </Card>
    </>
  );
}
