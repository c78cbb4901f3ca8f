import { useState } from 'preact/hooks';
import type { Timeline } from '../../../../http/page/types.ts';
import { clusterLabel, length, spanText, text } from './labels.ts';
import { clusters } from './marks.ts';
import type { Row, Span } from './rows.ts';

/** More of one kind than this are only counted. */
const LISTED_MAX = 4;
const MARKS_MAX = 50;

/** The same as the chart, to be read. */
export function TimelineTable({
  timeline,
  rows,
}: {
  readonly timeline: Timeline;
  readonly rows: readonly Row[];
}) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="tl-table" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>The timeline as a table</summary>
      {isOpen && <CodeRows timeline={timeline} rows={rows} />}
      {isOpen && <DoorRows timeline={timeline} rows={rows} />}
    </details>
  );
}

function CodeRows({ timeline, rows }: { readonly timeline: Timeline; readonly rows: readonly Row[] }) {
  const nowMs = Date.parse(timeline.now);
  return (
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">Code</th>
          <th scope="col">Wanted</th>
          <th scope="col">On the lock</th>
          <th scope="col">What differs</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.accessCodeId}>
            <th scope="row">{row.name}</th>
            <td data-name="Wanted">{listText(nearNow(row.wanted, nowMs), spanText)}</td>
            <td data-name="On the lock">
              {listText(
                [...row.held].reverse(),
                (span) => `slot ${span.slot}, ${spanText(span.isOpen ? { ...span, toMs: Infinity } : span)}`,
              )}
            </td>
            <td data-name="Differs">
              {listText(
                [
                  ...row.missing.map((span) => ({ ...span, word: 'missing' })),
                  ...row.leftOver.map((span) => ({ ...span, word: 'still there after its end' })),
                ],
                (span) => `${span.word} for ${length(span)} from ${text(span.fromMs)}`,
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DoorRows({ timeline, rows }: { readonly timeline: Timeline; readonly rows: readonly Row[] }) {
  const nameOf = new Map(rows.map((row) => [row.accessCodeId, row.name]));
  const latest = clusters(timeline.marks, 1).reverse().slice(0, MARKS_MAX);
  return (
    <>
      <h3 class="tl-table-title">At the door, the latest first</h3>
      {latest.length === 0 ? (
        <p class="quiet">Nothing happened at the door in this time.</p>
      ) : (
        <ul>
          {latest.map((cluster) => (
            <li key={cluster.atMs}>{clusterLabel(cluster, nameOf)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What is now or comes next goes first, then what was, the latest first. */
function nearNow(spans: readonly Span[], nowMs: number): Span[] {
  return [
    ...spans.filter(({ toMs }) => toMs > nowMs),
    ...spans.filter(({ toMs }) => toMs <= nowMs).reverse(),
  ];
}

function listText<Item>(items: readonly Item[], textOf: (item: Item) => string): string {
  if (items.length === 0) return '–';
  const listed = items.slice(0, LISTED_MAX).map(textOf).join('; ');
  return items.length > LISTED_MAX ? `${listed}; and ${items.length - LISTED_MAX} more` : listed;
}
