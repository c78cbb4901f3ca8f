import { useLayoutEffect, useState } from 'preact/hooks';
import { ApiError, pagePost } from '../../api.ts';
import { overview } from '../../live.ts';
import { now } from '../../time.ts';
import { Notice } from '../../ui/parts.tsx';
import { say } from '../../ui/toast.tsx';
import { PinCheck } from './pin-check.tsx';
import { countdownText, deedAt, stepsOf, type Current } from './stages.ts';
import { watch } from './watched.ts';

const USUAL = 'This may take a minute or two.';
const LONG = 'It takes longer than usual. If nothing changes for a minute, cancel and begin again.';

const STEP_WORDS = { done: 'done', current: 'now', to_come: 'to come' } as const;

/** What is under way, whoever began it: what to do at the lock, how far it is, how long it may take. */
export function UnderWay({ current }: { readonly current: Current }) {
  const { kind, stage, radio, command_id: commandId } = current;
  useLayoutEffect(() => watch(commandId), [commandId]);
  const name = overview.value?.locks.find(({ device_id }) => device_id === current.device_id)?.name;
  const deed = deedAt(kind, stage, radio);
  const steps = stepsOf(kind, stage, radio);
  return (
    <div class="pairing">
      <h1>{titleOf(kind, name ?? 'a lock')}</h1>
      <section class="card under-way" aria-label="Under way">
        {(kind !== 'remove' || radio === 'zwave') && <Countdown closesAt={current.closes_at} stage={stage} />}
        <p class="deed" aria-live="assertive">
          {deed}
        </p>
        {stage === 'pin_needed' && <PinCheck dsk={current.dsk} />}
        <ol class="steps">
          {steps.map((step) => (
            <li
              key={step.stage}
              class={`step step-${step.state}`}
              aria-current={step.state === 'current' ? 'step' : undefined}
            >
              <span>{step.name}</span>
              <span class="step-word">{STEP_WORDS[step.state]}</span>
              {step.state === 'current' && step.stage === 'interviewing' && (
                <progress aria-label="Interview" max={1} value={current.progress ?? undefined} />
              )}
            </li>
          ))}
        </ol>
        <Cancel />
      </section>
    </div>
  );
}

function Countdown({ closesAt, stage }: { readonly closesAt: string; readonly stage: Current['stage'] }) {
  const leftMs = Date.parse(closesAt) - now.value;
  const isWaiting = stage === 'opening' || stage === 'waiting_for_lock';
  if (!isWaiting || leftMs <= 0) {
    return (
      <p class="countdown">
        <b>{isWaiting ? 'The time is over' : 'The lock is there'}</b>
        <span>{isWaiting ? 'The network closes.' : leftMs > 0 ? USUAL : LONG}</span>
      </p>
    );
  }
  return (
    <p class="countdown">
      <b class="digits" role="timer" aria-label="Time left">
        {countdownText(leftMs)}
      </b>
      <span>left, then the network closes by itself</span>
    </p>
  );
}

function Cancel() {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const cancel = async (): Promise<void> => {
    setBusy(true);
    try {
      await pagePost('commands', { type: 'stop_pairing' });
      say('info', 'The network is being closed.');
    } catch (error) {
      setFailure(error instanceof ApiError ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" class="wide" disabled={isBusy} onClick={() => void cancel()}>
        {isBusy ? 'Cancelling…' : 'Cancel'}
      </button>
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
    </>
  );
}

function titleOf(kind: Current['kind'], name: string): string {
  switch (kind) {
    case 'pair':
      return 'A lock is being paired';
    case 'replace':
      return `Replacing ${name}`;
    case 'remove':
      return `Removing ${name}`;
  }
}
