import { useState } from 'preact/hooks';
import type { HubHealth } from '../../../http/page/types.ts';
import { overview } from '../../live.ts';
import { Card, Notice } from '../../ui/parts.tsx';
import { AdmissionForm } from './admission.tsx';
import { useBegin } from './use-begin.ts';

type Radio = HubHealth['radios'][number];

const RADIO_NAMES = { zwave: 'Z-Wave', zigbee: 'Zigbee' } as const;
const RADIO_STATES = {
  starting: 'is starting',
  ready: 'is ready',
  down: 'is not there: look at the stick',
} as const;

/** Lets a new lock in. */
export function PairForm() {
  const radios = overview.value?.hub.radios;
  const [chosen, setChosen] = useState<Radio['radio'] | null>(null);
  const { isBusy, failure, begin } = useBegin();
  if (radios === undefined) return <p class="quiet">Loading…</p>;
  const radio = radios.find((one) => one.radio === chosen) ?? radios[0];
  if (radio === undefined) {
    return <Notice tone="warn">This hub has no radio, so no lock can be paired. Configure one first.</Notice>;
  }
  return (
    <Card title="Pair a new lock">
      <p class="quiet">
        Stand at the lock with its manual and its label. A lock that was used before has to be reset first.
      </p>
      {radios.length > 1 ? (
        <fieldset class="choices">
          <legend>Radio of the lock</legend>
          <p class="quiet small">It stands on the box; a QR code names it by itself.</p>
          {radios.map((one) => (
            <label key={one.radio} class="choice">
              <input
                type="radio"
                name="radio"
                checked={one === radio}
                onChange={() => setChosen(one.radio)}
              />
              <span>
                <b>{RADIO_NAMES[one.radio]}</b>
                <small>{RADIO_STATES[one.state]}</small>
              </span>
            </label>
          ))}
        </fieldset>
      ) : (
        <p>
          Radio: <b>{RADIO_NAMES[radio.radio]}</b>
          {radio.state === 'ready' && `, ${RADIO_STATES.ready}`}
        </p>
      )}
      {radio.state !== 'ready' && (
        <Notice tone="warn">
          The {RADIO_NAMES[radio.radio]} radio {RADIO_STATES[radio.state]}.
        </Notice>
      )}
      <AdmissionForm
        radio={radio.radio}
        onRadio={(named) => radios.some((one) => one.radio === named) && setChosen(named)}
        action="Start pairing"
        isBusy={isBusy}
        onBegin={(admission) => begin({ type: 'start_pairing', radio: radio.radio, ...admission })}
      />
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
    </Card>
  );
}
