import type { PageCode, PageUnmanagedCode } from '../../../http/page/types.ts';
import { apiPost } from '../../api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Notice } from '../../ui/parts.tsx';
import { say } from '../../ui/toast.tsx';

/** What somebody wants to do with a code. */
export type Deed =
  | { readonly kind: 'create' }
  | { readonly kind: 'change'; readonly code: PageCode }
  | { readonly kind: 'delete'; readonly code: PageCode | PageUnmanagedCode }
  | { readonly kind: 'pull'; readonly code: PageCode }
  | { readonly kind: 'adopt'; readonly code: PageUnmanagedCode };

type AskedFirst = Exclude<Deed, { readonly kind: 'create' | 'change' }>;

/** Asks once, and says what the deed will do. */
export function DeedDialog(props: {
  readonly deed: AskedFirst;
  readonly lockName: string;
  readonly isLockOnline: boolean;
  readonly onClose: () => void;
}) {
  const { deed, lockName, isLockOnline, onClose } = props;
  const { title, button, path, consequence, done } = wordsOf(deed, lockName);
  return (
    <Confirm
      title={title}
      deed={button}
      isDangerous={deed.kind === 'delete'}
      onClose={onClose}
      act={async () => {
        await apiPost(path, { access_code_id: deed.code.access_code_id });
        say('info', done);
      }}
    >
      <p>{consequence}</p>
      {deed.kind === 'delete' && !isLockOnline && (
        <Notice tone="warn">
          The lock is offline: the code opens it until the hub reaches it again and takes it off.
        </Notice>
      )}
    </Confirm>
  );
}

/** What is asked, by which call it is done, and what is said then. */
function wordsOf({ kind, code }: AskedFirst, lockName: string) {
  const name = code.name === null ? 'this code' : `"${code.name}"`;
  switch (kind) {
    case 'delete':
      if ('issue' in code && code.is_offline_access_code)
        return {
          title: 'Delete the code?',
          button: 'Delete',
          path: 'access_codes/delete',
          consequence: `Nobody has asked for the digits of ${name} yet, and nobody will.`,
          done: 'The code is deleted.',
        };
      return {
        title: 'Delete the code?',
        button: 'Delete',
        path: code.is_managed ? 'access_codes/delete' : 'access_codes/unmanaged/delete',
        consequence: `${lockName} will not open to ${name} any more. This can not be undone.`,
        done: 'The code is being taken off the lock.',
      };
    case 'pull':
      return {
        title: 'Use a backup code?',
        button: 'Use one',
        path: 'access_codes/pull_backup_access_code',
        consequence: `${lockName} has spare codes that work already. One of them will stand in for ${name} until that one ends. It has another PIN, which somebody has to tell the guest.`,
        done: 'A backup code stands in now. It is in the list, with its PIN.',
      };
    case 'adopt':
      return {
        title: 'Adopt the code?',
        button: 'Adopt',
        path: 'access_codes/unmanaged/convert_to_managed',
        consequence: `From now on the hub keeps ${name} on ${lockName} as its own: it can be named, timed and deleted here, and is put back if somebody changes it at the lock.`,
        done: 'The hub looks after this code now.',
      };
  }
}
