import { useEffect, useState } from 'preact/hooks';
import type { ShownPin } from '../../http/page/types.ts';
import { ApiError, pagePost } from '../api.ts';
import { say } from './toast.tsx';

/** How long a PIN stays on a screen that others may look at. */
const SHOWN_MS = 30_000;

/** A button that shows a PIN for half a minute; the hub writes down that it was shown. */
export function ShowPin({ accessCodeId, name }: { readonly accessCodeId: string; readonly name: string }) {
  const [shown, setShown] = useState<ShownPin | null>(null);
  useEffect(() => {
    if (shown === null) return undefined;
    const hide = (): void => setShown(null);
    const timer = setTimeout(hide, SHOWN_MS);
    document.addEventListener('visibilitychange', hide);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', hide);
    };
  }, [shown]);
  const show = async (): Promise<void> => {
    try {
      setShown(await pagePost<ShownPin>('codes/show', { access_code_id: accessCodeId }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say('failed', error.message);
    }
  };
  if (shown === null)
    return (
      <button type="button" aria-label={`Show PIN of ${name}`} onClick={() => void show()}>
        Show PIN
      </button>
    );
  return (
    <>
      <button type="button" aria-label={`Hide PIN of ${name}`} onClick={() => setShown(null)}>
        Hide
      </button>
      <output class="pin">
        <span class="unseen">PIN: </span>
        {shown.code ?? 'The lock does not show it.'}
      </output>
    </>
  );
}
