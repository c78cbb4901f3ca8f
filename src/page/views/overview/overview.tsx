import { Link } from 'wouter-preact';
import type { HubHealth, LockSummary } from '../../../http/page/types.ts';
import { liveness, overview, overviewFailure } from '../../live.ts';
import { Loading, Notice } from '../../ui/parts.tsx';
import { devicesText } from '../../words.ts';
import { HubCard, HubStrip } from './hub-card.tsx';
import { LockCard } from './lock-card.tsx';
import '../../style/overview.css';

/** How the hub is, and every lock, problems first. */
export function OverviewView() {
  const shown = overview.value;
  const failure = overviewFailure.value;
  return (
    <>
      <h1>Overview</h1>
      {failure !== null && liveness.value.kind === 'live' && <Notice tone="bad">{failure}</Notice>}
      {shown === null && failure === null && <Loading what="the overview" />}
      {shown !== null && (
        <>
          <HubStrip hub={shown.hub} />
          <HubProblems hub={shown.hub} />
          <Locks locks={shown.locks} />
          <HubCard hub={shown.hub} />
        </>
      )}
    </>
  );
}

function HubProblems({ hub }: { readonly hub: HubHealth }) {
  // What the frame says above every view is not said twice.
  const problems = hub.problems.filter(({ code }) => code !== 'safe_mode');
  return (
    <>
      {problems.map(({ code, message }) => (
        <Notice key={code} tone="bad">
          {message}
        </Notice>
      ))}
    </>
  );
}

function Locks({ locks }: { readonly locks: readonly LockSummary[] }) {
  if (locks.length === 0)
    return (
      <section class="card empty" aria-label="Locks">
        <h2>No lock yet</h2>
        <p class="quiet">Bring a lock into the network of this hub; it takes a minute or two at the door.</p>
        <Link href="/pairing" class="button primary">
          Pair a lock
        </Link>
      </section>
    );
  const inTrouble = locks.filter(needsCare).length;
  return (
    <section aria-labelledby="locks">
      <header class="list-head">
        <h2 id="locks">{devicesText(locks)}</h2>
        <span class="quiet">
          {inTrouble === 0
            ? 'nothing to be done'
            : `${inTrouble} ${inTrouble === 1 ? 'needs' : 'need'} a look`}
        </span>
      </header>
      <ul class="grid plain-list">
        {locks.map((lock) => (
          <LockCard key={lock.device_id} lock={lock} />
        ))}
      </ul>
    </section>
  );
}

function needsCare({ errors, warnings, online, jammed, tampered, codes }: LockSummary): boolean {
  return errors.length + warnings.length + codes.with_errors > 0 || !online || jammed || tampered;
}
