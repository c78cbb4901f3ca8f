import { useEffect, useState } from 'preact/hooks';
import type { BackupsAnswer, MadeBackupAnswer, RecoveryKeyAnswer } from '../../http/page/backup-types.ts';
import { ApiError, pageGet, pagePost } from '../api.ts';
import { Card, Loading, Notice } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { RestoreCard } from './backup/restore.tsx';

const KILOBYTE = 1024;

/** All of the hub as files: made, taken away and put back. */
export default function BackupView() {
  const [answer, setAnswer] = useState<BackupsAnswer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const load = (): void => {
    pageGet<BackupsAnswer>('backups')
      .then(setAnswer)
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        setFailure(error.message);
      });
  };
  useEffect(load, []);
  return (
    <>
      <h1>Backup</h1>
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
      {answer === null && failure === null && <Loading what="backups" />}
      {answer !== null && (
        <>
          <Backups answer={answer} onMade={load} />
          <RecoveryKey hasKey={answer.has_recovery_key} onMade={load} />
          <RestoreCard />
        </>
      )}
    </>
  );
}

function Backups({ answer, onMade }: { readonly answer: BackupsAnswer; readonly onMade: () => void }) {
  const [isUnderWay, setUnderWay] = useState(false);
  const make = async (): Promise<void> => {
    setUnderWay(true);
    try {
      const { name } = await pagePost<MadeBackupAnswer>('backups/make', {});
      say('done', `${name} was made.`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say('failed', error.message);
    }
    setUnderWay(false);
    onMade();
  };
  return (
    <Card title="Backups">
      <p>
        Codes, locks, radio networks with their keys, and settings, in one sealed file. The hub makes one
        every night when something has changed.
      </p>
      {answer.failure !== null && <Notice tone="bad">{answer.failure}</Notice>}
      {answer.backups.length === 0 && <p class="quiet">There is none yet.</p>}
      <ul class="plain-list">
        {answer.backups.map(({ name, size_bytes: bytes }) => (
          <li key={name}>
            <a href={`/page/backups/file?name=${encodeURIComponent(name)}`} download>
              {name}
            </a>{' '}
            <span class="quiet">{Math.ceil(bytes / KILOBYTE)} kB</span>
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="primary"
        disabled={isUnderWay || answer.is_running}
        onClick={() => void make()}
      >
        {isUnderWay ? 'One moment: the sticks are read…' : 'Make a backup now'}
      </button>
    </Card>
  );
}

function RecoveryKey({ hasKey, onMade }: { readonly hasKey: boolean; readonly onMade: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const [key, setKey] = useState<string | null>(null);
  const make = async (): Promise<void> => {
    const made = await pagePost<RecoveryKeyAnswer>('backups/recovery-key', {});
    setKey(made.recovery_key);
    onMade();
  };
  return (
    <Card title="Recovery key">
      {!hasKey && (
        <Notice tone="warn">
          Backups open only on this hub. Make a recovery key, or they are lost with it.
        </Notice>
      )}
      <p>Whoever has it opens every backup of this hub, on any machine. The hub does not keep it.</p>
      {key !== null && <Notice tone="good">{key}</Notice>}
      {key !== null && <p>Write it down now: it is shown this once.</p>}
      <button type="button" onClick={() => setAsking(true)}>
        {hasKey ? 'Make another recovery key' : 'Make a recovery key'}
      </button>
      {isAsking && (
        <Confirm title="A new recovery key" deed="Make it" act={make} onClose={() => setAsking(false)}>
          <p>
            It opens the backups that are made from now on. Those that are there open with the keys that they
            were made for.
          </p>
        </Confirm>
      )}
    </Card>
  );
}
