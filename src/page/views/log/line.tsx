import { memo } from 'preact/compat';
import type { LogLine } from '../../../http/page/types.ts';
import { clockText, fullText } from '../../time.ts';
import { valueText } from './lines.ts';

/** One line; its fields are shown when it is opened. */
export const Line = memo(({ line }: { readonly line: LogLine }) => {
  const fields = Object.entries(line.fields);
  const head = (
    <>
      <time dateTime={line.at} title={fullText(line.at)}>
        {clockText(line.at)}
      </time>
      <span class={`log-level log-${line.level}`}>{line.level}</span>
      <span class="log-message">{line.message}</span>
    </>
  );
  if (fields.length === 0) return <div class="log-line">{head}</div>;
  return (
    <details class="log-line">
      <summary>{head}</summary>
      <dl class="log-fields">
        {fields.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{valueText(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
});
