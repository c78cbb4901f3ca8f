import { Link } from 'wouter-preact';
import type { LinkCheckResult, PageNode } from '../../../http/page/types.ts';
import { signalSaid } from '../../words.ts';
import { durationText } from '../../time.ts';
import { Badge, Fact, Time } from '../../ui/parts.tsx';
import { check, checks, isCheckingAll } from './checks.ts';
import { securityVerdict } from './security.ts';
import { failuresText, interviewText, ratingWord, routeText, STATUS } from './words.ts';

/** One node of a network: a card on a phone, a row where there is room. */
export function Node(props: {
  readonly node: PageNode;
  readonly name: string;
  readonly nameOfAddress: (address: number | string) => string;
}) {
  const { node, name } = props;
  const status = STATUS[node.status];
  const security = securityVerdict(node.security);
  return (
    <li class="node-row">
      <header class="node-head">
        <h3>{node.device_id === null ? name : <Link href={`/locks/${node.device_id}`}>{name}</Link>}</h3>
        <Badge tone={status.tone}>{status.text}</Badge>
        {node.interview !== null && <Badge tone="info">{interviewText(node.interview)}</Badge>}
      </header>
      <dl class="facts node-facts">
        <Fact name="Address">{node.address}</Fact>
        <Fact name="Last heard">
          {node.last_heard_at === null ? 'not since the start' : <Time iso={node.last_heard_at} ago />}
        </Fact>
        <Fact name="Signal">{signalSaid(node).text}</Fact>
        <Fact name="Round trip">{msText(node.round_trip_ms)}</Fact>
        <Fact name="Route">{routeText(node.route, props.nameOfAddress)}</Fact>
        <Fact name="Lost frames">{failuresText(node.frames)}</Fact>
        <Fact name="Security">
          <span class={`tone-${security.tone}`}>{security.word}</span>
        </Fact>
      </dl>
      {security.meaning !== null && <p class={`notice notice-${security.tone}`}>{security.meaning}</p>}
      {node.device_id !== null && <LinkCheck deviceId={node.device_id} name={name} />}
    </li>
  );
}

function LinkCheck({ deviceId, name }: { readonly deviceId: string; readonly name: string }) {
  const state = checks.value.get(deviceId);
  const isUnderWay = state?.kind === 'running' || state?.kind === 'waiting';
  return (
    <div class="node-check">
      <button
        type="button"
        aria-label={`Check the way to ${name}`}
        disabled={isUnderWay || isCheckingAll.value}
        onClick={() => void check(deviceId)}
      >
        {state?.kind === 'running' ? 'Checking…' : 'Check'}
      </button>
      <div class="check-result" role="status">
        {state?.kind === 'waiting' && <span class="quiet">waits for its turn</span>}
        {state?.kind === 'running' && (
          <span class="quiet">Frames go to the lock and back; this may take half a minute.</span>
        )}
        {state?.kind === 'failed' && <span class="tone-bad">{state.message}</span>}
        {state?.kind === 'done' && <CheckResult result={state.result} />}
      </div>
    </div>
  );
}

function CheckResult({ result }: { readonly result: LinkCheckResult }) {
  const word = ratingWord(result.rating);
  return (
    <details>
      <summary>
        <Badge tone={word.tone}>
          {result.rating} of 10, {word.text}
        </Badge>{' '}
        {result.rounds.length === 1 ? '1 round' : `${result.rounds.length} rounds`}
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Round</th>
            <th scope="col">Round trip</th>
            <th scope="col">Signal</th>
            <th scope="col">Lost</th>
          </tr>
        </thead>
        <tbody>
          {result.rounds.map((round, index) => (
            <tr key={index}>
              <td>{index + 1}</td>
              <td>{msText(round.round_trip_ms)}</td>
              <td>{signalSaid(round).text}</td>
              <td>{round.failed_pings}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function msText(ms: number | null): string {
  if (ms === null) return 'not known';
  return ms < 1000 ? `${Math.round(ms)} ms` : durationText(ms / 1000);
}
