import { memo } from 'preact/compat';
import type { Timeline } from '../../../../http/page/types.ts';
import { heldAlone, heldLabel, length, text, windowLabel } from './labels.ts';
import type { Row, Span } from './rows.ts';
import { boxOf, type Scale, xOf } from './scale.ts';

export const ROW_PX = 44;
const BAR_PX = 20;
const BAND_PX = 8;

/** The bars of one code: what is wanted as a frame, what the lock holds as the band in it. */
export const Bars = memo(
  (props: {
    readonly row: Row;
    readonly index: number;
    readonly scale: Scale;
    readonly unlocks: Timeline['marks'];
  }) => {
    const { row, index, scale } = props;
    const foreign = row.isManaged ? '' : ' tl-foreign';
    return (
      <svg
        class={`tl-row${foreign}`}
        y={index * ROW_PX}
        width={scale.widthPx}
        height={ROW_PX}
        role="group"
        aria-label={row.name}
      >
        {row.lead !== null && (
          <Item
            label={`${row.name}\nThe hub may write it from ${text(row.lead.fromMs)}, ${length(row.lead)} before it opens`}
          >
            <Bar class="tl-lead" scale={scale} span={row.lead} />
          </Item>
        )}
        {row.wanted.map((window) => (
          <Item key={window.fromMs} label={windowLabel(row, window)}>
            <Bar class="tl-wanted" scale={scale} span={window} />
          </Item>
        ))}
        {heldAlone(row).map((span) => (
          <Item key={span.fromMs} label={heldLabel(row, span)}>
            <Bar class="tl-touch" scale={scale} span={span} />
          </Item>
        ))}
        <g class="tl-mute">
          {row.held.map((span) => (
            <Band key={span.fromMs} class="tl-held" scale={scale} span={span} />
          ))}
          {row.missing.map((span) => (
            <Band key={span.fromMs} class="tl-missing" scale={scale} span={span} />
          ))}
          {row.leftOver.map((span) => (
            <Band key={span.fromMs} class="tl-left" scale={scale} span={span} />
          ))}
          {props.unlocks.map(({ at }) => (
            <circle key={at} class="tl-use" cx={xOf(scale, Date.parse(at))} r="3" />
          ))}
        </g>
      </svg>
    );
  },
);

function Item({ label, children }: { readonly label: string; readonly children: preact.ComponentChildren }) {
  return (
    <g class="tl-item" role="img" tabIndex={-1} aria-label={label} data-item>
      {children}
    </g>
  );
}

interface Drawn {
  readonly class: string;
  readonly scale: Scale;
  readonly span: Span;
}

function Bar({ class: name, scale, span }: Drawn) {
  const box = boxOf(scale, span);
  return <rect class={name} {...box} height={BAR_PX} rx={Math.min(5, box.width / 4)} />;
}

function Band({ class: name, scale, span }: Drawn) {
  return <rect class={name} {...boxOf(scale, span)} height={BAND_PX} rx="2" />;
}
