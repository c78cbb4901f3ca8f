import type { LinkCheckResult, PageCommand, SelfTestResult } from '../../../http/page/types.ts';
import { Badge } from '../../ui/parts.tsx';
import { isSelfTest, STEP_NAMES } from './deeds.ts';
import { minus, tookText } from './words.ts';

/** What a test found out, step by step; nothing for a command that is no test. */
export function TestResult({ command }: { readonly command: PageCommand }) {
  const { result } = command;
  if (isSelfTest(result)) return <SelfTest result={result} />;
  if (isLinkCheck(result)) return <LinkCheck result={result} />;
  return null;
}

function SelfTest({ result }: { readonly result: SelfTestResult }) {
  return (
    <ol class="steps">
      {result.steps.map(({ step, ok, took_ms: tookMs, message }) => (
        <li key={step} class="step">
          <Badge tone={ok ? 'good' : 'bad'}>{ok ? 'OK' : 'Failed'}</Badge>
          <span class="step-name">{STEP_NAMES[step]}</span>
          <span class="quiet digits">{tookText(tookMs)}</span>
          {message !== '' && <p class={ok ? 'quiet' : 'tone-bad'}>{message}</p>}
        </li>
      ))}
    </ol>
  );
}

function LinkCheck({ result: { rating, rounds } }: { readonly result: LinkCheckResult }) {
  const tone = rating >= 7 ? 'good' : rating >= 4 ? 'warn' : 'bad';
  return (
    <>
      <p class="row">
        <Badge tone={tone}>{rating} of 10</Badge> {linkAdvice(rating)}
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Round</th>
              <th scope="col">There and back</th>
              <th scope="col">Signal</th>
              <th scope="col">Lost</th>
            </tr>
          </thead>
          <tbody>
            {rounds.map(({ round_trip_ms: tripMs, rssi_dbm: rssi, failed_pings: lost }, index) => (
              <tr key={index}>
                <td>{index + 1}</td>
                <td class="digits">{tripMs === null ? 'no answer' : tookText(tripMs)}</td>
                <td class="digits">{rssi === null ? 'not told' : `${minus(rssi)} dBm`}</td>
                <td class="digits">{lost}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** What a rating from 0 to 10 means, and what to do about it. */
function linkAdvice(rating: number): string {
  if (rating === 0) return 'Nothing got through: look at its battery, then at the distance.';
  if (rating < 4) return 'Codes will often come late: put a repeater between the hub and this lock.';
  if (rating < 7) return 'It works, with frames sent again now and then.';
  return 'Good.';
}

function isLinkCheck(result: PageCommand['result'] | LinkCheckResult): result is LinkCheckResult {
  return result !== null && Array.isArray(result['rounds' as keyof typeof result]);
}
