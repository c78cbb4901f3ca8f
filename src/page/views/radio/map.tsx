import type { PageNode } from '../../../http/page/types.ts';
import { mapOf, type Place } from './layout.ts';
import { STATUS } from './words.ts';

/** Names fit under their nodes as long as there are few. */
const NAMES_MAX = 14;
const NAME_CHARS_MAX = 13;
const RADIUS = 17;
/** More characters than this need smaller ones: the end of a Zigbee address. */
const MARK_CHARS_USUAL = 3;

/** The ways that frames take, from the hub in the middle. All that it says stands in the list too. */
export function RouteMap(props: {
  readonly nodes: readonly PageNode[];
  readonly nameOf: (node: PageNode) => string;
}) {
  const { places, links, box } = mapOf(props.nodes);
  const hasNames = places.length <= NAMES_MAX;
  return (
    <figure class="route-map">
      <svg
        viewBox={`${box.left} ${box.top} ${box.width} ${box.height}`}
        role="img"
        aria-label={`Map of ${places.length - 1} nodes around the hub. The list has each route as text.`}
      >
        {links.map(({ from, to, isBroken }) => (
          <line
            key={`${from.node.address}>${to.node.address}`}
            class={isBroken ? 'link link-broken' : 'link'}
            x1={from.x}
            y1={from.y}
            x2={to.x}
            y2={to.y}
          />
        ))}
        {places.map((place) => (
          <MapNode key={place.node.address} place={place} name={hasNames ? props.nameOf(place.node) : null} />
        ))}
      </svg>
      <figcaption class="quiet">
        A line is the way that the last frames took; dashed: the lock does not answer. Without a line the way
        is not known.
      </figcaption>
    </figure>
  );
}

function MapNode({ place, name }: { readonly place: Place; readonly name: string | null }) {
  const { node, x, y } = place;
  if (node.is_controller) {
    return (
      <g class="node node-hub">
        <circle cx={x} cy={y} r={RADIUS + 5} />
        <text class="node-mark" x={x} y={y}>
          Hub
        </text>
      </g>
    );
  }
  const mark = node.status === 'dead' ? '✕' : String(node.address).slice(-4);
  return (
    <g class={`node node-${STATUS[node.status].tone}`}>
      <circle cx={x} cy={y} r={RADIUS} />
      <text class={mark.length > MARK_CHARS_USUAL ? 'node-mark node-mark-long' : 'node-mark'} x={x} y={y}>
        {mark}
      </text>
      {name !== null && (
        <text class="node-name" x={x} y={y + RADIUS + 14}>
          {name.length > NAME_CHARS_MAX ? `${name.slice(0, NAME_CHARS_MAX - 1)}…` : name}
        </text>
      )}
    </g>
  );
}
