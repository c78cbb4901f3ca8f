import { memo } from 'preact/compat';
import { clusterLabel, length, text } from './labels.ts';
import type { Cluster, DoorKind } from './marks.ts';
import type { Span } from './rows.ts';
import { boxOf, type Scale, xOf } from './scale.ts';

export const DOOR_PX = 40;
const MIDDLE_PX = 22;

/** What happened at the door, in one lane: each mark by its shape too. */
export const Door = memo(
  (props: {
    readonly found: readonly Cluster[];
    readonly offline: readonly Span[];
    readonly nameOf: ReadonlyMap<string, string>;
    readonly scale: Scale;
  }) => {
    const { found, offline, nameOf, scale } = props;
    return (
      <svg class="tl-door" width={scale.widthPx} height={DOOR_PX} role="group" aria-label="At the door">
        {offline.map((span) => (
          <g
            key={span.fromMs}
            class="tl-item"
            role="img"
            tabIndex={-1}
            data-item
            aria-label={`Offline for ${length(span)}\nfrom ${text(span.fromMs)}`}
          >
            <rect class="tl-offline-bar" {...boxOf(scale, span)} y="4" height={DOOR_PX - 8} rx="4" />
          </g>
        ))}
        {found.map((cluster) => (
          <g
            key={cluster.atMs}
            class={`tl-item tl-mark tl-${cluster.kind}`}
            role="img"
            tabIndex={-1}
            data-item
            aria-label={clusterLabel(cluster, nameOf)}
            transform={`translate(${xOf(scale, cluster.atMs)} ${MIDDLE_PX})`}
          >
            <rect class="tl-touch" x="-12" y="-20" width="24" height="38" />
            <Shape kind={cluster.kind} />
            {cluster.marks.length > 1 && (
              <text class="tl-count" x="0" y="-11">
                {cluster.marks.length}
              </text>
            )}
          </g>
        ))}
      </svg>
    );
  },
);

/** A ring opens, a square closes, a cross refuses, a diamond is trouble. */
export function Shape({ kind }: { readonly kind: DoorKind }) {
  switch (kind) {
    case 'unlocked':
      return <circle class="tl-shape" r="5" />;
    case 'locked':
      return <rect class="tl-shape" x="-4.5" y="-4.5" width="9" height="9" rx="1.5" />;
    case 'access_denied':
      return <path class="tl-shape" d="M-5-5L5 5M5-5L-5 5" />;
    case 'jammed':
    case 'tampered':
      return <path class="tl-shape" d="M0-8L8 0L0 8L-8 0Z" />;
  }
}
