import { useId, useState } from 'preact/hooks';
import { pageUpload } from '../../api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { Card, Notice } from '../../ui/parts.tsx';

/** Makes the hub what a file says. */
export function RestoreCard() {
  const fileId = useId();
  const [file, setFile] = useState<File | null>(null);
  const [key, setKey] = useState('');
  const [isAsking, setAsking] = useState(false);
  const [isDone, setDone] = useState(false);
  const restore = async (): Promise<void> => {
    if (file === null) return;
    const headers: Record<string, string> = key.trim() === '' ? {} : { 'x-recovery-key': sendable(key) };
    await pageUpload('backups/restore', file, headers);
    setDone(true);
  };
  return (
    <Card title="Restore">
      <p>
        The hub becomes what it was when the backup was made, and starts anew. It looks at every slot before
        it writes, and asks its cloud for what changed since.
      </p>
      {isDone && (
        <Notice tone="good">Restored. The hub starts anew: log in again, with what counted then.</Notice>
      )}
      <div class="field">
        <label for={fileId}>Backup file</label>
        <input
          id={fileId}
          type="file"
          accept=".lockhub-backup"
          onChange={({ currentTarget }) => setFile(currentTarget.files?.[0] ?? null)}
        />
      </div>
      <Field
        label="Recovery key"
        hint="Not needed for a backup of this very hub."
        value={key}
        onValue={setKey}
        input={{ autocomplete: 'off', spellcheck: false }}
      />
      <button type="button" class="danger" disabled={file === null} onClick={() => setAsking(true)}>
        Restore
      </button>
      {isAsking && file !== null && (
        <Confirm
          title="Restore this backup?"
          deed="Restore"
          isDangerous
          act={restore}
          onClose={() => setAsking(false)}
        >
          <p>
            What was made on this hub itself since then is set aside. <b>{file.name}</b>
          </p>
        </Confirm>
      )}
    </Card>
  );
}

/** A header takes no other signs, and a key has none. */
function sendable(key: string): string {
  return key.replaceAll(/[^\x21-\x7e]/g, '');
}
