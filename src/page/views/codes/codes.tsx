import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import type { CodesAnswer } from '../../../http/page/types.ts';
import { usePage } from '../../use-page.ts';
import { Loading, Notice } from '../../ui/parts.tsx';
import { countText } from '../../words.ts';
import { CodeRow } from './code-row.tsx';
import { DeedDialog, type Deed } from './deeds.tsx';
import { EditDialog } from './edit.tsx';
import { Filters } from './filters.tsx';
import { groupedCodes, NO_FILTER, type Filter, type LockCodes } from './listing.ts';
import { lockLabel, slotsText } from './lock-label.ts';
import { UnmanagedRow } from './unmanaged-row.tsx';
import { useFollowed } from './use-followed.ts';
import '../../style/codes.css';

/** The codes of all locks, or of the one that the address names; with `isNew`, a new one is begun at once. */
export default function CodesView(props: {
  readonly deviceId?: string | undefined;
  readonly isNew?: boolean;
}) {
  const { answer, error } = usePage<CodesAnswer>('codes', {}, ({ kind }) => kind === 'changed');
  return (
    <>
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      {answer === null ? (
        <>
          <h1>Codes</h1>
          {error === null && <Loading what="the codes" />}
        </>
      ) : (
        <Codes
          key={props.deviceId}
          answer={answer}
          deviceId={props.deviceId ?? null}
          isNew={props.isNew === true}
        />
      )}
    </>
  );
}

function Codes(props: {
  readonly answer: CodesAnswer;
  readonly deviceId: string | null;
  readonly isNew: boolean;
}) {
  const { answer } = props;
  const [, goTo] = useLocation();
  const [filter, setFilter] = useState<Filter>({ ...NO_FILTER, deviceId: props.deviceId });
  const [deed, setDeed] = useState<Deed | null>(props.isNew ? { kind: 'create' } : null);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const { followed, follow } = useFollowed(answer.codes);
  const groups = groupedCodes(answer, filter);
  const close = (): void => {
    setDeed(null);
    // Who comes back to this address later does not want another new code.
    if (props.isNew) goTo(`/codes/${props.deviceId}`, { replace: true });
  };
  const saved = (ids: readonly string[]): void => {
    follow(ids);
    setOpened(new Set(ids));
  };
  if (answer.locks.length === 0) return <NoLocks />;
  return (
    <>
      <header class="list-head first">
        <h1>Codes</h1>
        <button type="button" class="primary" onClick={() => setDeed({ kind: 'create' })}>
          New code
        </button>
      </header>
      <Filters
        filter={filter}
        locks={answer.locks}
        onFilter={(next) => setFilter((before) => ({ ...before, ...next }))}
      />
      {groups.map((group) => (
        <Group
          key={group.lock.device_id}
          group={group}
          all={answer.locks}
          opened={opened}
          followed={followed}
          onOpen={(id, isOpen) =>
            setOpened((before) => new Set(isOpen ? [...before, id] : [...before].filter((one) => one !== id)))
          }
          onDeed={setDeed}
        />
      ))}
      {groups.length === 0 && <Nothing hasAny={answer.codes.length > 0} onAll={() => setFilter(NO_FILTER)} />}
      {deed !== null && (
        <Asked deed={deed} answer={answer} deviceId={filter.deviceId} onSaved={saved} onClose={close} />
      )}
    </>
  );
}

function Group(props: {
  readonly group: LockCodes;
  readonly all: CodesAnswer['locks'];
  readonly opened: ReadonlySet<string>;
  readonly followed: ReadonlySet<string>;
  readonly onOpen: (id: string, isOpen: boolean) => void;
  readonly onDeed: (deed: Deed) => void;
}) {
  const { lock, codes, unmanaged } = props.group;
  return (
    <section class="card codes-of-lock" aria-labelledby={`of-${lock.device_id}`}>
      <header class="card-head">
        <h2 id={`of-${lock.device_id}`}>
          <Link href={`/locks/${lock.device_id}`}>{lockLabel(lock, props.all)}</Link>
        </h2>
        <span class="quiet small">
          {countText(codes.length + unmanaged.length, 'code')}; {slotsText(lock)}
        </span>
      </header>
      <ul class="plain-list">
        {codes.map((code) => (
          <CodeRow
            key={code.access_code_id}
            code={code}
            isOpen={props.opened.has(code.access_code_id)}
            isNew={props.followed.has(code.access_code_id)}
            onOpen={(isOpen) => props.onOpen(code.access_code_id, isOpen)}
            onDeed={props.onDeed}
          />
        ))}
        {unmanaged.map((code) => (
          <UnmanagedRow key={code.access_code_id} code={code} onDeed={props.onDeed} />
        ))}
      </ul>
    </section>
  );
}

/** The dialog of what somebody wants to do. */
function Asked(props: {
  readonly deed: Deed;
  readonly answer: CodesAnswer;
  readonly deviceId: string | null;
  readonly onSaved: (ids: readonly string[]) => void;
  readonly onClose: () => void;
}) {
  const { deed, answer, deviceId, onSaved, onClose } = props;
  if (deed.kind === 'create' || deed.kind === 'change') {
    const code = deed.kind === 'change' ? deed.code : null;
    return <EditDialog answer={answer} code={code} deviceId={deviceId} onSaved={onSaved} onClose={onClose} />;
  }
  const lock = answer.locks.find(({ device_id: id }) => id === deed.code.device_id);
  return (
    <DeedDialog
      deed={deed}
      lockName={lock?.name ?? 'The lock'}
      isLockOnline={lock?.online === true}
      onClose={onClose}
    />
  );
}

function NoLocks() {
  return (
    <>
      <h1>Codes</h1>
      <section class="card empty" aria-label="No lock">
        <h2>No lock yet</h2>
        <p class="quiet">Codes live on locks, so the first thing to do is to pair one.</p>
        <Link href="/pairing" class="button primary">
          Pair a lock
        </Link>
      </section>
    </>
  );
}

function Nothing({ hasAny, onAll }: { readonly hasAny: boolean; readonly onAll: () => void }) {
  return (
    <section class="card empty" aria-label="No codes">
      <h2>{hasAny ? 'No code is like that' : 'No codes yet'}</h2>
      <p class="quiet">
        {hasAny ? 'Try another word, or look at all of them.' : '"New code" above makes the first one.'}
      </p>
      {hasAny && (
        <button type="button" onClick={onAll}>
          Show all codes
        </button>
      )}
    </section>
  );
}
