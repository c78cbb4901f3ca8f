import { lazy, Suspense } from 'preact/compat';
import { useEffect } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import type { LockDetail, StreamMessage } from '../../../http/page/types.ts';
import { Card, Loading, Notice } from '../../ui/parts.tsx';
import { usePage } from '../../use-page.ts';
import { Actions } from './actions.tsx';
import { LockCodes } from './codes.tsx';
import { LockFacts } from './facts.tsx';
import { LockHead } from './head.tsx';
import { History } from './history.tsx';
import { SlotTable } from './slots.tsx';
import { TimelineCard } from './timeline/timeline.tsx';
import { useCommands } from './use-commands.ts';
import './lock.css';

const Measurements = lazy(() => import('./measurements/measurements.tsx'));

/** One lock: how it is, what can be done with it, what it holds, and what happened to it. */
export default function LockView({ deviceId }: { readonly deviceId: string }) {
  const { answer, error } = usePage<LockDetail>('locks', { device_id: deviceId }, (message) =>
    concerns(message, deviceId),
  );
  if (answer === null && error === null) return <Loading what="the lock" />;
  if (answer === null)
    return (
      <>
        <h1>This lock</h1>
        <Notice tone="bad">{error?.message}</Notice>
        <Link href="/">All locks</Link>
      </>
    );
  return (
    <>
      {error !== null && <Notice tone="warn">What is shown may be old: {error.message}</Notice>}
      <Lock key={deviceId} lock={answer} />
    </>
  );
}

function Lock({ lock }: { readonly lock: LockDetail }) {
  const commands = useCommands(lock.device_id, lock.commands);
  const [, navigate] = useLocation();
  const hasRadio = lock.radio !== 'offline';
  const isRemoved = commands.all.some(
    ({ type, state, command_id }) =>
      type === 'remove_device' && state === 'succeeded' && commands.asked.has(command_id),
  );
  useEffect(() => {
    if (isRemoved) navigate('/');
  }, [isRemoved]);
  return (
    <>
      <LockHead lock={lock} />
      {hasRadio && <Actions lock={lock} commands={commands} />}
      {!lock.is_keypad && (
        <>
          <TimelineCard lock={lock} />
          <LockCodes lock={lock} />
        </>
      )}
      {lock.slots.total !== 0 && <SlotTable lock={lock} />}
      {hasRadio && (
        <Card title="Battery and signal">
          <Suspense fallback={<p class="quiet chart-wait">Loading…</p>}>
            <Measurements measurements={lock.measurements} />
          </Suspense>
        </Card>
      )}
      {hasRadio && <History operations={lock.operations} commands={commands.all} lock={lock} />}
      <LockFacts lock={lock} />
    </>
  );
}

function concerns(message: StreamMessage, deviceId: string): boolean {
  return message.kind === 'changed' && message.device_ids.includes(deviceId);
}
