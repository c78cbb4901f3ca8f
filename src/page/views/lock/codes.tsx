import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { LockDetail } from '../../../http/page/types.ts';
import { Card } from '../../ui/parts.tsx';
import { CodeRow } from '../codes/code-row.tsx';
import { type Deed, DeedDialog } from '../codes/deeds.tsx';
import { EditDialog } from '../codes/edit.tsx';
import { groupedCodes, NO_FILTER } from '../codes/listing.ts';
import { UnmanagedRow } from '../codes/unmanaged-row.tsx';
import { useFollowed } from '../codes/use-followed.ts';
import '../../style/codes.css';

/** The codes of this lock, problems first: how each stands, and why; and what can be done with it. */
export function LockCodes({ lock }: { readonly lock: LockDetail }) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [deed, setDeed] = useState<Deed | null>(null);
  const { followed, follow } = useFollowed(lock.managed_codes);
  const answer = { locks: [lock], codes: lock.managed_codes, unmanaged_codes: lock.unmanaged_codes };
  const [group] = groupedCodes(answer, NO_FILTER);
  const open = (id: string, isOpen: boolean): void =>
    setOpened((before) => new Set(isOpen ? [...before, id] : [...before].filter((one) => one !== id)));
  return (
    <Card
      title="Codes of this lock"
      aside={
        <Link href={`/codes/${lock.device_id}/new`} class="button primary">
          New code
        </Link>
      }
    >
      {group === undefined && (
        <p class="quiet">No code is on this lock, and none is planned. “New code” makes one.</p>
      )}
      <ul class="plain-list lock-codes">
        {group?.codes.map((code) => (
          <CodeRow
            key={code.access_code_id}
            code={code}
            isOpen={opened.has(code.access_code_id)}
            isNew={followed.has(code.access_code_id)}
            onOpen={(isOpen) => open(code.access_code_id, isOpen)}
            onDeed={setDeed}
          />
        ))}
        {group?.unmanaged.map((code) => (
          <UnmanagedRow key={code.access_code_id} code={code} onDeed={setDeed} />
        ))}
      </ul>
      {deed !== null && (
        <Asked lock={lock} deed={deed} answer={answer} onSaved={follow} onClose={() => setDeed(null)} />
      )}
    </Card>
  );
}

function Asked(props: {
  readonly lock: LockDetail;
  readonly deed: Deed;
  readonly answer: Parameters<typeof EditDialog>[0]['answer'];
  readonly onSaved: (ids: readonly string[]) => void;
  readonly onClose: () => void;
}) {
  const { lock, deed, answer, onSaved, onClose } = props;
  if (deed.kind === 'create' || deed.kind === 'change') {
    const code = deed.kind === 'change' ? deed.code : null;
    return (
      <EditDialog answer={answer} code={code} deviceId={lock.device_id} onSaved={onSaved} onClose={onClose} />
    );
  }
  return <DeedDialog deed={deed} lockName={lock.name} isLockOnline={lock.online} onClose={onClose} />;
}
