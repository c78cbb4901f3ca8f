import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { Dialog } from './dialog.tsx';
import { Notice } from './parts.tsx';

/** Asks once before a deed, says what it will do, and stays open with the hub's own sentence where that fails. */
export function Confirm(props: {
  readonly title: string;
  /** The deed, as its button says it. */
  readonly deed: string;
  readonly isDangerous?: boolean;
  readonly act: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const [isUnderWay, setUnderWay] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const act = async (): Promise<void> => {
    setUnderWay(true);
    setFailure(null);
    try {
      await props.act();
      props.onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error.message);
      setUnderWay(false);
    }
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      {props.children}
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
      <div class="row dialog-foot">
        <button type="button" onClick={props.onClose}>
          Cancel
        </button>
        <button
          type="button"
          class={props.isDangerous === true ? 'primary danger' : 'primary'}
          disabled={isUnderWay}
          onClick={() => void act()}
        >
          {isUnderWay ? 'One moment…' : props.deed}
        </button>
      </div>
    </Dialog>
  );
}
