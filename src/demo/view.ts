import type { DestinationStream } from 'pino';
import type { Reported, ReportedCode } from '../cloud/messages/up.ts';
import type { CloudEvent } from './backend.ts';
import type { DemoLock } from './locks.ts';

/** What other programs need to know of a running demo; printed as it is with `--json`. */
interface ReadyLine {
  readonly mqtt: string;
  readonly hub_id: string;
  /** The control interface of the simulated house. */
  readonly control: string;
  readonly data_dir: string;
  /** The local API, a key for it, and a link that logs a person in once. */
  readonly http?: string;
  readonly api_key?: string;
  readonly login_url?: string;
}

/** One step of the tour that ended. */
interface StepResult {
  readonly title: string;
  readonly held: boolean;
  /** What was checked, and where. */
  readonly checked: readonly string[];
  /** Of a step that did not hold. */
  readonly expected?: string;
  readonly seen?: string;
}

/** Where the demo shows what happens: lines for a person, or JSON lines for a program. */
export interface View {
  ready(line: ReadyLine): void;
  /** Told once the codes are wanted: what a person may try. */
  hints(lines: readonly string[]): void;
  event(event: CloudEvent): void;
  reported(reported: Reported): void;
  trouble(message: string): void;
  /** The hub has lost its internet, or has it again. */
  internet(isThere: boolean): void;
  step(step: StepResult): void;
  summary(held: number, of: number): void;
  /** Takes the hub's log. */
  readonly log: DestinationStream;
}

type Print = (line: string) => void;

/** Everything as JSON lines; the first is the ready line. */
export function jsonView(print: Print): View {
  const line = (value: unknown): void => print(JSON.stringify(value));
  return {
    ready: line,
    hints: () => undefined,
    event: (event) => line({ type: 'event', ...event }),
    reported: (reported) => line({ type: 'reported', ...reported }),
    trouble: (message) => line({ type: 'trouble', message }),
    internet: (isThere) => line({ type: 'internet', is_there: isThere }),
    step: (step) => line({ type: 'tour_step', ...step }),
    summary: (held, of) => line({ type: 'tour', held, of }),
    log: { write: (text) => print(text.trimEnd()) },
  };
}

/** One readable line for each event and each change of a code. `locks` gives the names of locks met so far. */
export function humanView(print: Print, locks: () => readonly DemoLock[]): View {
  const shown = new Map<string, string>();
  const names = new Map<string, string>();
  const nameOf = (deviceId: string | undefined): string =>
    locks().find((lock) => lock.deviceId === deviceId)?.id ?? deviceId ?? 'hub';
  const live = (who: string, what: string): void => {
    print(`${new Date().toTimeString().slice(0, 8)}  ${who.padEnd(14)} ${what}`);
  };
  return {
    ready: (line) => {
      print(`The hub "${line.hub_id}" runs with a simulated house.`);
      print(`  broker   ${line.mqtt}`);
      print(`  house    ${line.control}`);
      print(`  data     ${line.data_dir}`);
      if (line.login_url === undefined) return;
      print(`  page     ${line.login_url}`);
      print(`  API      ${line.http} (Authorization: Bearer ${line.api_key})`);
    },
    hints: (lines) => lines.forEach(print),
    event: (event) => {
      const code =
        typeof event['access_code_id'] === 'string' ? names.get(event['access_code_id']) : undefined;
      const deviceId = typeof event['device_id'] === 'string' ? event['device_id'] : undefined;
      live(nameOf(deviceId), `${event.event_type}${code === undefined ? '' : ` (${code})`}`);
    },
    reported: (reported) => {
      for (const code of reported.codes) {
        const name = code.name ?? code.access_code_id;
        const text = codeText(code);
        names.set(code.access_code_id, name);
        if (shown.get(code.access_code_id) === text) continue;
        shown.set(code.access_code_id, text);
        live(nameOf(reported.device_id), `code ${name}: ${text}`);
      }
    },
    trouble: (message) => live('cloud', message),
    internet: (isThere) => live('internet', isThere ? 'is back' : 'is cut'),
    step: (step) => {
      print(`${step.held ? 'ok  ' : 'FAIL'}  ${step.title}`);
      for (const line of step.checked) print(`        ${line}`);
      if (!step.held) print(`        expected: ${step.expected}\n        seen:     ${step.seen}`);
    },
    summary: (held, of) => print(held === of ? `All ${of} steps held.` : `${held} of ${of} steps held.`),
    log: { write: (text) => live('hub', logText(text)) },
  };
}

function codeText(code: ReportedCode): string {
  const where = code.slot === null ? 'no slot' : `slot ${code.slot}`;
  const problems = [
    ...code.errors.map((error) => error.error_code),
    ...code.warnings.map((warning) => warning.warning_code),
  ];
  const scheduled = code.is_scheduled_on_device ? ', scheduled on the lock' : '';
  return `${code.status} (${where}, on the lock: ${code.on_lock}${scheduled})${problems.map((problem) => ` ${problem}`).join('')}`;
}

/** A log line without its stack: the demo's terminal is no place for one. */
function logText(text: string): string {
  const line: unknown = JSON.parse(text);
  if (typeof line !== 'object' || line === null) return text.trimEnd();
  const fields = new Map(Object.entries(line));
  const error: unknown = fields.get('err');
  const reason =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : fields.get('reason');
  const suffix = typeof reason === 'string' ? `: ${reason}` : '';
  return `${String(fields.get('level'))}: ${String(fields.get('msg'))}${suffix}`;
}
