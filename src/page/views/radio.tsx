import { Link } from 'wouter-preact';
import type { PageNode, RadioView as Answer } from '../../http/page/types.ts';
import { overview } from '../live.ts';
import { Badge, Card, Fact, Notice, type Tone } from '../ui/parts.tsx';
import { usePage } from '../use-page.ts';
import { checkAll, isCheckingAll, stopChecks } from './radio/checks.ts';
import { RouteMap } from './radio/map.tsx';
import { Node } from './radio/node.tsx';
import { Sticks } from './radio/sticks.tsx';
import { inOrder } from './radio/words.ts';
import './radio/radio.css';

type Radio = Answer['radios'][number];

const NAMES = { zwave: 'Z-Wave', zigbee: 'Zigbee' } as const;
const STATES: Readonly<Record<Radio['state'], { readonly tone: Tone; readonly word: string }>> = {
  ready: { tone: 'good', word: 'ready' },
  starting: { tone: 'info', word: 'starting' },
  down: { tone: 'bad', word: 'not there' },
};

/** Every radio with its network: who is in it, by which way, how well. */
export default function RadioView() {
  const { answer, error, refresh } = usePage<Answer>(
    'radio',
    {},
    ({ kind }) => kind === 'changed' || kind === 'command',
  );
  return (
    <>
      <h1>Radio</h1>
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      {answer === null && error === null && <p class="quiet">Loading…</p>}
      {answer?.sticks != null && <Sticks sticks={answer.sticks} onChosen={refresh} />}
      {answer?.radios.length === 0 && answer.sticks === null && (
        <Notice tone="warn">This hub has no radio. Name one in its configuration and start it anew.</Notice>
      )}
      {answer?.radios.map((radio) => (
        <RadioPart key={radio.radio} radio={radio} />
      ))}
    </>
  );
}

function RadioPart({ radio }: { readonly radio: Radio }) {
  const nodes = inOrder(radio.nodes, nameOf);
  const locks = nodes.flatMap(({ device_id }) => device_id ?? []);
  return (
    <>
      <Card
        title={NAMES[radio.radio]}
        aside={<Badge tone={STATES[radio.state].tone}>{STATES[radio.state].word}</Badge>}
      >
        {radio.fault !== null && (
          <Notice tone="bad">
            The hub cannot open its stick: {radio.fault}. It goes on trying by itself.
          </Notice>
        )}
        {radio.state === 'down' && radio.fault === null && (
          <Notice tone="bad">
            The hub cannot reach its stick. Plug it in again, best by an extension cable and away from other
            devices; the hub goes on trying by itself. Codes that are on the locks go on working.
          </Notice>
        )}
        <Facts radio={radio} />
      </Card>
      {nodes.length > 0 && (
        <div class="radio-network">
          <Card title={`${NAMES[radio.radio]} routes`}>
            <RouteMap nodes={radio.nodes} nameOf={nameOf} />
          </Card>
          <Card title={`${NAMES[radio.radio]} nodes`} aside={<CheckAll deviceIds={locks} />}>
            <ul class="node-list">
              {nodes.map((node) => (
                <Node
                  key={node.address}
                  node={node}
                  name={nameOf(node)}
                  nameOfAddress={(address) => nameAt(radio.nodes, address)}
                />
              ))}
            </ul>
          </Card>
        </div>
      )}
      {nodes.length === 0 && radio.state === 'ready' && (
        <Notice tone="info">
          No lock is in this network yet. <Link href="/pairing">Pair the first one.</Link>
        </Notice>
      )}
    </>
  );
}

function Facts({ radio }: { readonly radio: Radio }) {
  const { frames } = radio;
  return (
    <dl class="facts">
      <Fact name="Network">{radio.network ?? 'not known'}</Fact>
      <Fact name="Stick">{radio.controller ?? 'not known'}</Fact>
      <Fact name="Library">{radio.library ?? 'not known'}</Fact>
      <Fact name="Frames since the start">
        {frames === null ? 'not counted' : `${frames.sent} sent, ${frames.received} heard`}
      </Fact>
      <Fact name="Never acknowledged">
        {frames === null
          ? 'not counted'
          : `${frames.failed} (${((100 * frames.failed) / Math.max(frames.sent, 1)).toFixed(1)} %)`}
      </Fact>
    </dl>
  );
}

function CheckAll({ deviceIds }: { readonly deviceIds: readonly string[] }) {
  if (deviceIds.length === 0) return null;
  return isCheckingAll.value ? (
    <button type="button" onClick={stopChecks}>
      Stop after this one
    </button>
  ) : (
    <button type="button" onClick={() => void checkAll(deviceIds)}>
      Check all
    </button>
  );
}

/** What people call a lock; what the radio knows of anything else. */
function nameOf({ device_id, name }: PageNode): string {
  const lock = overview.value?.locks.find((one) => one.device_id === device_id);
  return lock?.name ?? name;
}

function nameAt(nodes: readonly PageNode[], address: number | string): string {
  const node = nodes.find((one) => one.address === address);
  return node === undefined ? String(address) : `${address} (${nameOf(node)})`;
}
