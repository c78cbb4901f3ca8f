import { useEffect, useState } from 'preact/hooks';
import type { DoctorAnswer } from '../../http/page/doctor-types.ts';
import { ApiError, pageGet } from '../api.ts';
import { Badge, Loading, Notice, Time } from '../ui/parts.tsx';
import { UpdateCard } from './doctor/update-card.tsx';
import './doctor/doctor.css';

type Finding = DoctorAnswer['findings'][number];

/** What is wrong with hub and machine right now, and what to do about it. */
export default function DoctorView() {
  const [answer, setAnswer] = useState<DoctorAnswer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isLooking, setLooking] = useState(false);
  const look = async (): Promise<void> => {
    setLooking(true);
    try {
      setAnswer(await pageGet<DoctorAnswer>('doctor'));
      setFailure(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error.message);
    }
    setLooking(false);
  };
  useEffect(() => void look(), []);
  return (
    <>
      <header class="list-head first">
        <h1>Doctor</h1>
        <button type="button" class="primary" disabled={isLooking} onClick={() => void look()}>
          {isLooking ? 'Looking…' : 'Look again'}
        </button>
      </header>
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
      {answer === null && failure === null && <Loading what="the check-up" />}
      {answer !== null && <Findings answer={answer} />}
      <UpdateCard />
    </>
  );
}

function Findings({ answer: { at, findings, unchecked } }: { readonly answer: DoctorAnswer }) {
  return (
    <>
      <p role="status">
        {countText(findings.length)}{' '}
        <span class="quiet">
          Looked at <Time iso={at} />.
        </span>
      </p>
      <ul class="plain-list">
        {findings.map((finding) => (
          <FindingCard key={`${finding.id} ${finding.subject}`} finding={finding} />
        ))}
      </ul>
      {unchecked.length > 0 && (
        <section class="card" aria-label="Not checked">
          <h2>Not checked</h2>
          <ul class="unchecked quiet">
            {unchecked.map(({ check, reason }) => (
              <li key={check}>
                {check}: {reason}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function FindingCard({ finding: { id, severity, subject, what, fix, seen } }: { readonly finding: Finding }) {
  const isError = severity === 'error';
  return (
    <li class={`card finding finding-${severity}`}>
      <div class="card-head">
        <h2>
          {subject !== null && <span class="quiet">{subject}: </span>}
          {what}
        </h2>
        <Badge tone={isError ? 'bad' : 'warn'}>{isError ? 'Error' : 'Warning'}</Badge>
      </div>
      <p>
        <b>To do:</b> {fix}
      </p>
      <p class="small quiet seen">
        <code>{id}</code> · {seen}
      </p>
    </li>
  );
}

function countText(count: number): string {
  if (count === 0) return 'Nothing is wrong with this hub and its machine.';
  return count === 1 ? '1 thing is wrong.' : `${count} things are wrong.`;
}
