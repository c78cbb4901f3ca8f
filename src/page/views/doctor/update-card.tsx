import { useEffect, useState } from 'preact/hooks';
import type { UpdateAnswer } from '../../../http/page/update-types.ts';
import { ApiError, pageGet } from '../../api.ts';
import { told } from '../../told.ts';
import { Card, Notice } from '../../ui/parts.tsx';

const LOOK_EVERY_MS = 5000;
const MEGABYTE = 1024 * 1024;

/** Which version the hub has, and how far another one is. */
export function UpdateCard() {
  const [answer, setAnswer] = useState<UpdateAnswer | null>(null);
  useEffect(() => {
    const look = (): void => {
      // In safe mode, and while the hub changes over, there is nothing to say.
      pageGet<UpdateAnswer>('update').then(setAnswer, (error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
      });
    };
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (answer === null) return null;
  return (
    <Card title="Version">
      <p>
        This hub has version {answer.version}. {offeredText(answer)}
      </p>
      {answer.last !== null && <Last last={answer.last} />}
    </Card>
  );
}

function offeredText({ offered, state, waits_for: waitsFor }: UpdateAnswer): string {
  const version = offered?.version ?? 'a newer one';
  const forWhat = waitsFor === null ? '' : `, and waits for ${told(waitsFor)}`;
  switch (state) {
    case 'none':
      return 'No other version is offered.';
    case 'downloading':
      return `Version ${version} is downloaded${shareText(offered)}.`;
    case 'unpacking':
      return `Version ${version} is unpacked.`;
    case 'waiting':
      return `Version ${version} is offered${forWhat}.`;
    case 'changing':
      return `The hub changes to version ${version}.`;
    case 'proving':
      return `It is on trial${forWhat}.`;
  }
}

function shareText(offered: UpdateAnswer['offered']): string {
  if (offered === null) return '';
  const [here, all] = [offered.bytes_here, offered.bytes].map((bytes) => Math.round(bytes / MEGABYTE));
  return ` (${here} of ${all} MB)`;
}

function Last({
  last: { from, to, outcome, reason, database_restored: isRestored },
}: {
  readonly last: NonNullable<UpdateAnswer['last']>;
}) {
  switch (outcome) {
    case 'done':
      return (
        <p class="quiet">
          The last update was from {from} to {to}.
        </p>
      );
    case 'back':
      return (
        <Notice tone="warn">
          Version {to} did not work, so {from} is back. {reason}{' '}
          {isRestored &&
            'The database of before the update was restored; the cloud sends again what changed since.'}
        </Notice>
      );
    case 'refused':
      return <Notice tone="warn">The last update was refused. {reason}</Notice>;
  }
}
