import type { PageCode, PageUnmanagedCode } from '../../../http/page/types.ts';
import { apiPost } from '../../api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { say } from '../../ui/toast.tsx';

/** What somebody wants to do with a code. */
export type Deed =
  | { readonly kind: 'create' }
  | { readonly kind: 'change'; readonly code: PageCode }
  | { readonly kind: 'delete'; readonly code: PageCode | PageUnmanagedCode }
  | { readonly kind: 'pull'; readonly code: PageCode }
  | { readonly kind: 'adopt'; readonly code: PageUnmanagedCode };

/** Asks once, and says what the deed will do. */
export function DeedDialog(props: {
  readonly deed: Exclude<Deed, { readonly kind: 'create' | 'change' }>;
  readonly lockName: string;
  readonly isLockOnline: boolean;
  readonly onClose: () => void;
}) {
  const { deed, lockName, onClose } = props;
  const id = { access_code_id: deed.code.access_code_id };
  const later = props.isLockOnline ? '' : ' The lock is offline, so this happens when it is back.';
  const name = deed.code.name === null ? 'this code' : `"${deed.code.name}"`;
  switch (deed.kind) {
    case 'delete':
      return (
        <Confirm
          title="Delete the code?"
          deed="Delete"
          isDangerous
          onClose={onClose}
          act={async () => {
            const path = deed.code.is_managed ? 'access_codes/delete' : 'access_codes/unmanaged/delete';
            await apiPost(path, id);
            say('info', 'The code is being taken off the lock.');
          }}
        >
          <p>
            {lockName} will not open to {name} any more. This can not be undone.{later}
          </p>
        </Confirm>
      );
    case 'pull':
      return (
        <Confirm
          title="Use a backup code?"
          deed="Use one"
          onClose={onClose}
          act={async () => {
            await apiPost('access_codes/pull_backup_access_code', id);
            say('done', 'A backup code stands in now. It is in the list, with its PIN.');
          }}
        >
          <p>
            {lockName} has spare codes that work already. One of them will stand in for {name} until that one
            ends. It has another PIN, which somebody has to tell the guest.
          </p>
        </Confirm>
      );
    case 'adopt':
      return (
        <Confirm
          title="Adopt the code?"
          deed="Adopt"
          onClose={onClose}
          act={async () => {
            await apiPost('access_codes/unmanaged/convert_to_managed', id);
            say('done', 'The hub looks after this code now.');
          }}
        >
          <p>
            From now on the hub keeps {name} on {lockName} as its own: it can be named, timed and deleted
            here, and is put back if somebody changes it at the lock.
          </p>
        </Confirm>
      );
  }
}
