import { useMemo, useState } from 'preact/hooks';
import type { LockDetail } from '../../../../http/page/types.ts';
import { now } from '../../../time.ts';
import { Card } from '../../../ui/parts.tsx';
import { Chart } from './chart.tsx';
import { Shape } from './door.tsx';
import { rowsOf } from './rows.ts';
import { ZOOMS } from './scale.ts';
import { TimelineTable } from './table.tsx';
import './timeline.css';

/** How often what is drawn up to now is drawn anew. */
const STEP_MS = 30_000;

/** The codes of a lock over time: what was wanted, what the lock held, and what happened at the door. */
export function TimelineCard({ lock }: { readonly lock: LockDetail }) {
  const { timeline } = lock;
  const [spanMs, setSpan] = useState<number>(() =>
    window.matchMedia('(max-width: 640px)').matches ? ZOOMS[1].spanMs : ZOOMS[2].spanMs,
  );
  const aheadMs = useMemo(() => Date.parse(timeline.now) - now.peek(), [timeline.now]);
  const nowMs = Math.floor((now.value + aheadMs) / STEP_MS) * STEP_MS;
  const rows = useMemo(() => rowsOf(lock, nowMs), [timeline, lock.managed_codes, nowMs]);
  return (
    <Card
      title="Timeline"
      aside={
        <div class="tl-zooms" role="group" aria-label="How much is seen at once">
          {ZOOMS.map((zoom) => (
            <button
              key={zoom.name}
              type="button"
              aria-pressed={zoom.spanMs === spanMs}
              onClick={() => setSpan(zoom.spanMs)}
            >
              {zoom.name}
            </button>
          ))}
        </div>
      }
    >
      <Chart timeline={timeline} rows={rows} spanMs={spanMs} nowMs={nowMs} />
      {rows.length === 0 && (
        <p class="quiet tl-none">
          No code yet. A code shows here from when it is wanted, and when the lock holds it.
        </p>
      )}
      <Legend />
      <TimelineTable timeline={timeline} rows={rows} />
    </Card>
  );
}

const BARS = [
  { name: 'tl-wanted', text: 'wanted' },
  { name: 'tl-lead', text: 'being prepared' },
  { name: 'tl-held', text: 'on the lock' },
  { name: 'tl-missing', text: 'missing' },
  { name: 'tl-left', text: 'still there after its end' },
  { name: 'tl-offline', text: 'lock offline' },
] as const;

const MARKS = [
  { kind: 'unlocked', text: 'unlocked' },
  { kind: 'locked', text: 'locked' },
  { kind: 'access_denied', text: 'denied' },
  { kind: 'jammed', text: 'jammed, tampered' },
] as const;

function Legend() {
  return (
    <ul class="tl-legend" aria-label="Legend">
      {BARS.map(({ name, text }) => (
        <li key={name}>
          <svg width="24" height="16" aria-hidden="true">
            <rect
              class={name}
              x="1"
              width="22"
              height={name === 'tl-wanted' || name === 'tl-lead' || name === 'tl-offline' ? 14 : 8}
              rx="3"
            />
          </svg>
          {text}
        </li>
      ))}
      {MARKS.map(({ kind, text }) => (
        <li key={kind}>
          <svg width="20" height="20" viewBox="-10 -10 20 20" aria-hidden="true" class={`tl-mark tl-${kind}`}>
            <Shape kind={kind} />
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}
