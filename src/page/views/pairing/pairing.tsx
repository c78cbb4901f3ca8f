import { Link, useSearch } from 'wouter-preact';
import type { PairingState } from '../../../http/page/types.ts';
import { Notice } from '../../ui/parts.tsx';
import { usePage } from '../../use-page.ts';
import { Ended } from './ended.tsx';
import { PairForm } from './pair.tsx';
import { RemoveForm } from './remove.tsx';
import { ReplaceForm } from './replace.tsx';
import { UnderWay } from './under-way.tsx';
import { watched } from './watched.ts';
import './pairing.css';

const TASKS = [
  { task: 'pair', name: 'Pair', href: '/pairing' },
  { task: 'replace', name: 'Replace', href: '/pairing?replace=' },
  { task: 'remove', name: 'Remove', href: '/pairing?remove=' },
] as const;

/**
 * Locks are let into the network, replaced and taken out. One of these is under way at a time for the whole hub,
 * whoever began it, so this view shows that one before it offers another.
 */
export default function PairingView() {
  const { answer, error } = usePage<PairingState>('pairing', {}, ({ kind }) => kind === 'pairing');
  const asked = new URLSearchParams(useSearch());
  if (answer === null) {
    return (
      <>
        <h1>Pairing</h1>
        {error === null ? <p class="quiet">Loading…</p> : <Notice tone="bad">{error.message}</Notice>}
      </>
    );
  }
  const { current } = answer;
  if (current !== null && current.ended === null) return <UnderWay current={current} />;
  if (current !== null && current.ended !== null && current.command_id === watched.value) {
    return <Ended current={current} ended={current.ended} />;
  }
  const replaced = asked.get('replace');
  const removed = asked.get('remove');
  const task = replaced !== null ? 'replace' : removed !== null ? 'remove' : 'pair';
  return (
    <div class="pairing">
      <h1>Pairing</h1>
      <nav class="tasks" aria-label="What to do">
        {TASKS.map(({ task: one, name, href }) => (
          <Link key={one} href={href} aria-current={one === task ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      {task === 'pair' && <PairForm />}
      {task === 'replace' && <ReplaceForm deviceId={replaced ?? ''} />}
      {task === 'remove' && <RemoveForm deviceId={removed ?? ''} />}
    </div>
  );
}
