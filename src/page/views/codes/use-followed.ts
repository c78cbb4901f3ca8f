import { useEffect, useState } from 'preact/hooks';
import type { PageCode } from '../../../http/page/types.ts';
import { say } from '../../ui/toast.tsx';

/** Codes that were made or changed here, until it is known what became of them. */
export function useFollowed(codes: readonly PageCode[]): {
  readonly followed: ReadonlySet<string>;
  readonly follow: (ids: readonly string[]) => void;
} {
  const [followed, setFollowed] = useState<ReadonlySet<string>>(new Set());
  const [awaited, setAwaited] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    for (const code of codes) {
      if (!awaited.has(code.access_code_id) || !isDone(code)) continue;
      setAwaited((before) => new Set([...before].filter((id) => id !== code.access_code_id)));
      say('done', doneText(code));
    }
  }, [codes, awaited]);
  return {
    followed,
    follow: (ids) => {
      setFollowed(new Set(ids));
      setAwaited((before) => new Set([...before, ...ids]));
    },
  };
}

/** Nothing is left to be done on the lock for now. */
function isDone({ status, pending_mutations: pending, issue }: PageCode): boolean {
  if (issue !== null) return issue.state === 'issued';
  const isDeferred = pending.every(({ mutation_code: kind }) => kind === 'deferring_creation');
  return (status === 'set' && pending.length === 0) || (status === 'unset' && isDeferred);
}

function doneText({ name, status, issue }: PageCode): string {
  const what = name === null ? 'The code' : `"${name}"`;
  if (issue !== null) return `${what} has its digits.`;
  return status === 'set' ? `${what} is on the lock and works.` : `${what} is taken down for its time.`;
}
