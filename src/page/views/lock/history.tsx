import { useState } from 'preact/hooks';
import type { LockDetail, PageCommand, PageOperation } from '../../../http/page/types.ts';
import { Badge, Card, Time } from '../../ui/parts.tsx';
import { deedOf, isBad, standing } from './deeds.ts';
import { TestResult } from './test-result.tsx';
import { outcomeTone, sentence, tookText } from './words.ts';

/** Shown at first. */
const ROWS_FEW = 10;

/** What the radio did at this lock, and what people asked for. */
export function History(props: {
  readonly operations: readonly PageOperation[];
  readonly commands: readonly PageCommand[];
  readonly lock: LockDetail;
}) {
  return (
    <>
      <Operations operations={props.operations} lock={props.lock} />
      <Card title="Commands">
        {props.commands.length === 0 ? (
          <p class="quiet">Nobody asked this lock for anything yet.</p>
        ) : (
          <ul class="standings">
            {props.commands.map((command) => (
              <PastCommand key={command.command_id} command={command} />
            ))}
          </ul>
        )}
      </Card>
    </>
  );
}

function Operations({
  operations,
  lock,
}: {
  readonly operations: readonly PageOperation[];
  readonly lock: LockDetail;
}) {
  const [isFailedOnly, setIsFailedOnly] = useState(false);
  const [isAll, setIsAll] = useState(false);
  const failed = operations.filter((operation) => outcomeTone(operation) === 'bad');
  const wanted = isFailedOnly ? failed : operations;
  const shown = isAll ? wanted : wanted.slice(0, ROWS_FEW);
  return (
    <Card
      title="History of operations"
      aside={
        <label class="check">
          <input
            type="checkbox"
            checked={isFailedOnly}
            onChange={({ currentTarget }) => setIsFailedOnly(currentTarget.checked)}
          />
          Only failures ({failed.length})
        </label>
      }
    >
      {shown.length === 0 ? (
        <p class="quiet">
          {operations.length === 0
            ? 'The radio did nothing at this lock yet.'
            : 'Nothing failed among the operations that are remembered.'}
        </p>
      ) : (
        <OperationRows operations={shown} lock={lock} />
      )}
      {wanted.length > ROWS_FEW && (
        <button type="button" class="more" onClick={() => setIsAll(!isAll)}>
          {isAll ? 'Show fewer' : `Show all ${wanted.length}`}
        </button>
      )}
    </Card>
  );
}

function OperationRows({
  operations,
  lock,
}: {
  readonly operations: readonly PageOperation[];
  readonly lock: LockDetail;
}) {
  const nameOf = new Map(
    [...lock.managed_codes, ...lock.unmanaged_codes].map((code) => [code.access_code_id, code.name]),
  );
  return (
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">Took</th>
          <th scope="col">Outcome</th>
        </tr>
      </thead>
      <tbody>
        {operations.map((operation) => (
          <tr key={operation.operation_id}>
            <td data-name="When">
              <Time iso={operation.begun_at} />
            </td>
            <td data-name="What">
              {sentence(operation.kind)}
              {operation.slot !== null && `, slot ${operation.slot}`}
              {operation.access_code_id !== null && (
                <span class="quiet"> {nameOf.get(operation.access_code_id) ?? ''}</span>
              )}
            </td>
            <td data-name="Took" class="digits">
              {operation.took_ms === null ? '…' : tookText(operation.took_ms)}
            </td>
            <td data-name="Outcome">
              <Badge tone={outcomeTone(operation)}>{sentence(operation.outcome ?? 'under way')}</Badge>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PastCommand({ command }: { readonly command: PageCommand }) {
  return (
    <li class="standing">
      <div class="standing-head">
        <strong>{deedOf(command.type)?.label ?? sentence(command.type)}</strong>
        <span class="quiet">
          <Time iso={command.received_at} />
        </span>
      </div>
      <p class={isBad(command) ? 'tone-bad' : undefined}>{standing(command)}</p>
      {command.result !== null && ['self_test', 'check_link'].includes(command.type) && (
        <details>
          <summary>What it found</summary>
          <TestResult command={command} />
        </details>
      )}
    </li>
  );
}
