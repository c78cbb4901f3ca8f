import { useState } from 'preact/hooks';
import type { LockDetail } from '../../../http/page/types.ts';
import { ApiError, apiPost } from '../../api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { say } from '../../ui/toast.tsx';

/** The hub refuses a longer one. */
const NAME_LENGTH_MAX = 200;

/** Gives the lock a name that people know it by; the lock itself is told nothing. */
export function Rename({ lock }: { readonly lock: LockDetail }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Rename
      </button>
      {isOpen && <RenameDialog lock={lock} onClose={() => setOpen(false)} />}
    </>
  );
}

function RenameDialog({ lock, onClose }: { readonly lock: LockDetail; readonly onClose: () => void }) {
  const [name, setName] = useState(lock.name);
  const [wrong, setWrong] = useState<string>();
  const [isUnderWay, setUnderWay] = useState(false);
  const save = async (): Promise<void> => {
    setUnderWay(true);
    try {
      const typed = name.trim();
      await apiPost('devices/update', { device_id: lock.device_id, name: typed === '' ? null : typed });
      say('done', `It is called ${typed === '' ? 'by its model' : typed} now.`);
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setWrong(error.message);
      setUnderWay(false);
    }
  };
  return (
    <Dialog title="Rename the lock" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label="Name"
          hint="Where the lock is, for instance. Empty: it goes by its model."
          wrong={wrong}
          value={name}
          onValue={setName}
          input={{ maxLength: NAME_LENGTH_MAX, autocomplete: 'off' }}
        />
        <div class="row dialog-foot">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isUnderWay}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
