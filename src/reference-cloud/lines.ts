import type { Result } from '../cloud/messages/command.ts';
import type { Hello, Reported, ReportedCode } from '../cloud/messages/up.ts';
import type { Told } from './told.ts';
import type { CloudEvent, UpMessage } from './up-message.ts';

/** Fields of an event that are told first, or not at all. */
const OWN_EVENT_FIELDS: ReadonlySet<string> = new Set([
  'seq',
  'event_id',
  'event_type',
  'occurred_at',
  'device_id',
  'access_code_id',
]);

/** What is told, as lines for a person: none where nothing changed. */
export function linesOf(told: Told): readonly string[] {
  return textsOf(told).map((text) => `${told.hubId}  ${text}`);
}

/** What is told, as one JSON object for a program. */
export function jsonOf(told: Told): string {
  switch (told.kind) {
    case 'message': {
      const { kind, raw: _raw, ...message } = { raw: null, ...told.message };
      return JSON.stringify({ kind, hub_id: told.hubId, ...message });
    }
    case 'event':
      return JSON.stringify({ kind: 'event', hub_id: told.hubId, event: told.event });
    case 'pin':
      return JSON.stringify({ kind: 'pin', hub_id: told.hubId, command_id: told.commandId, code: told.code });
    case 'violation':
      return JSON.stringify({ kind: 'violation', hub_id: told.hubId, violation: told.violation });
    case 'note':
      return JSON.stringify({ kind: 'note', hub_id: told.hubId, text: told.text });
  }
}

function textsOf(told: Told): readonly string[] {
  switch (told.kind) {
    case 'message':
      return messageTexts(told.message, told.before);
    case 'event':
      return [eventText(told.event)];
    case 'pin':
      return [`PIN of command ${short(told.commandId)}: ${told.code}`];
    case 'violation':
      return [`VIOLATION ${told.violation.kind}: ${told.violation.message}`];
    case 'note':
      return [told.text];
  }
}

function messageTexts(message: UpMessage, before: Reported | undefined): readonly string[] {
  switch (message.kind) {
    case 'status':
      return [`is ${message.status.state}`];
    case 'hello':
      return [helloText(message.hello)];
    case 'reported':
      return reportTexts(message.report, before);
    case 'event':
      return [];
    case 'result':
      return message.result.type === 'resend_events' ? [] : [resultText(message.result)];
    case 'health': {
      const { devices, queues, uptime_seconds: uptime } = message.health;
      const locks = `${devices.online} of ${devices.known} locks online`;
      return [`health: up ${uptime} s, ${locks}, ${queues.events} events wait`];
    }
    case 'certificate_request':
      return ['asks for its next certificate'];
  }
}

function helloText({ boot_id, connection_seq, version, devices, outbox }: Hello): string {
  const log = `events ${outbox.acked + 1} to ${outbox.head}`;
  return `hello: version ${version}, boot ${short(boot_id)}, connection ${connection_seq}, ${devices.length} locks, ${log}`;
}

/** `events` differ by type, so their fields are told as they are. */
export function eventText(event: CloudEvent): string {
  const { seq, event_type, occurred_at, device_id, access_code_id } = event;
  const about = [device_id, access_code_id].filter((id) => typeof id === 'string').map(short);
  const rest = Object.entries(event).filter(([name]) => !OWN_EVENT_FIELDS.has(name));
  const details = rest.map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [`event ${seq}`, occurred_at, event_type, ...about, ...details].join(' ');
}

function resultText({ command_id, type, state, error, result }: Result): string {
  const more = error ? `: ${error.code}, ${error.message}` : result ? ` ${JSON.stringify(result)}` : '';
  return `${type} (${short(command_id)}) ${state}${more}`;
}

function reportTexts(now: Reported, before: Reported | undefined): readonly string[] {
  const id = short(now.device_id);
  const [is, was] = [deviceText(now), before && deviceText(before)];
  const texts = is === was ? [] : [`lock ${id}: ${is}`];
  const old = new Map(before?.codes.map((code) => [code.access_code_id, codeText(code)]));
  for (const code of now.codes) {
    const text = codeText(code);
    if (old.get(code.access_code_id) !== text) texts.push(`lock ${id} ${text}`);
    old.delete(code.access_code_id);
  }
  for (const gone of old.keys()) texts.push(`lock ${id} code ${gone} is gone`);
  const found = new Set(before?.unmanaged_codes.map((code) => code.access_code_id));
  for (const { access_code_id, slot } of now.unmanaged_codes) {
    if (!found.has(access_code_id))
      texts.push(`lock ${id} has a code of others, ${access_code_id}, in slot ${slot}`);
  }
  return texts;
}

/** One line about a lock. */
export function deviceText({ device, ...versions }: Reported): string {
  const { model, online, locked, jammed, battery_level: battery, errors, warnings } = device;
  const bolt = jammed ? 'jammed' : locked === null ? 'bolt unknown' : locked ? 'locked' : 'unlocked';
  const parts = [model ?? 'not met yet', online ? 'online' : 'offline', bolt];
  if (battery !== null) parts.push(`battery ${Math.round(battery * 100)} %`);
  parts.push(`document ${versions.generation}/${versions.version_received}`);
  if (versions.version_applied < versions.version_received) parts.push(`applied ${versions.version_applied}`);
  return [...parts, ...problemTexts(errors, warnings)].join(', ');
}

/** One line about a code, as the hub reported it. */
export function codeText(code: ReportedCode): string {
  const name = code.name === null ? '' : ` "${code.name}"`;
  const parts = [`code ${code.access_code_id}${name}: ${code.status}`, `on lock: ${code.on_lock}`];
  if (code.slot !== null) parts.push(`slot ${code.slot}`);
  if (code.proof !== null) parts.push(code.proof);
  if (code.explanation !== null) parts.push(code.explanation.reason);
  const own = code.errors.filter((error) => error.is_device_error !== true);
  return [...parts, ...problemTexts(own, code.warnings)].join(', ');
}

function problemTexts(
  errors: readonly { readonly error_code: string }[],
  warnings: readonly { readonly warning_code: string }[],
): readonly string[] {
  const found = errors.map(({ error_code: code }) => `error ${code}`);
  return [...found, ...warnings.map(({ warning_code: code }) => `warning ${code}`)];
}

/** The first block of a UUID, which is enough for a person and for this prompt. */
function short(id: string): string {
  return /^[0-9a-f]{8}-/i.test(id) ? id.slice(0, 8) : id;
}
