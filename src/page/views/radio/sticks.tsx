import { useState } from 'preact/hooks';
import type { PageStick } from '../../../http/page/stick-types.ts';
import { ApiError, pagePost } from '../../api.ts';
import { Badge, Card, Notice } from '../../ui/parts.tsx';

type Use = PageStick['uses'][number];

/** Sticks that were found, each with a button that says what it is. */
export function Sticks({
  sticks,
  onChosen,
}: {
  readonly sticks: readonly PageStick[];
  readonly onChosen: () => void;
}) {
  return (
    <Card title="Sticks">
      {sticks.length === 0 && (
        <Notice tone="warn">
          No stick is plugged in. Plug one in, best by an extension cable, and look again.
        </Notice>
      )}
      <ul class="stick-list">
        {sticks.map((stick) => (
          <Stick key={stick.port} stick={stick} onChosen={onChosen} />
        ))}
      </ul>
      <button type="button" onClick={onChosen}>
        Look again
      </button>
    </Card>
  );
}

function Stick({ stick, onChosen }: { readonly stick: PageStick; readonly onChosen: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { chosen, uses, is_sure: isSure } = stick;
  const choose = async (use: Use): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await pagePost('radio/stick', { port: stick.port, ...use });
      onChosen();
    } catch (error) {
      setFailure(error instanceof ApiError ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <li>
      <div class="row">
        <strong>{stick.name}</strong>
        {chosen !== null && <Badge tone="good">{nameOf(chosen)}, in use</Badge>}
      </div>
      <p class="quiet">
        {stick.port} ({stick.usb_id})
      </p>
      {chosen === null && uses.length === 0 && <p class="quiet">No radio that this hub drives.</p>}
      {chosen === null && uses.length > 0 && !isSure && (
        <p>Its chip is in sticks of several kinds. Look at its label, and say which it is:</p>
      )}
      {chosen === null && (
        <div class="row">
          {uses.map((use) => (
            <button key={nameOf(use)} type="button" disabled={isBusy} onClick={() => void choose(use)}>
              Use it for {nameOf(use)}
            </button>
          ))}
        </div>
      )}
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
    </li>
  );
}

function nameOf({ kind, adapter }: Use): string {
  if (kind === 'zwave') return 'Z-Wave';
  return adapter === 'zstack' ? 'Zigbee (Texas Instruments)' : 'Zigbee (Silicon Labs)';
}
