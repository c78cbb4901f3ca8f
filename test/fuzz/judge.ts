import { HUB } from '../../src/cloud/contract/example.ts';
import { idSchema } from '../../src/cloud/messages/topics.ts';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { LockState } from '../../src/core/lock.ts';
import { validatorOf } from '../support/contract.ts';
import type { HubUnderFuzz } from './hub.ts';
import type { Sent } from './messages.ts';
import type { Json } from './mutate.ts';

const BYTES_MAX = 102_400;
const CODES_MAX = 1000;
const LOCKS_MAX = 400;
const UNKEPT_MAX = 1000;
const ROOT = `lockhub/v1/${HUB}/down/`;
const LIFETIME_MAX_MS = 30 * 86_400_000;

type Fields = Readonly<Record<string, Json>>;

/** What the contract as files makes of a message. It shares with the hub only the JSON Schemas. */
export type Meaning =
  /** Nothing may change but that it is counted. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'desired'; readonly deviceId: string; readonly document: Fields }
  | { readonly kind: 'command'; readonly command: Fields; readonly isValid: boolean }
  | { readonly kind: 'ack'; readonly ack: Fields }
  | { readonly kind: 'sync'; readonly sync: Fields };

const NOTHING: Meaning = { kind: 'nothing' };

export function meaningOf({ topic, payload, retain }: Sent): Meaning {
  if (!topic.startsWith(ROOT)) return NOTHING;
  const message = read(payload);
  if (message === undefined) return NOTHING;
  const name = topic.slice(ROOT.length);
  const [, deviceId] = /^desired\/([^/]+)$/.exec(name) ?? [];
  if (deviceId !== undefined) return desired(deviceId, message);
  if (retain) return NOTHING;
  if (name === 'ack' && validatorOf('ack')(message)) return { kind: 'ack', ack: message };
  if (name === 'sync' && validatorOf('sync')(message)) return { kind: 'sync', sync: message };
  if (name !== 'command') return NOTHING;
  const head = { ...message, type: 'diagnostics', params: {} };
  if (typeof message['type'] !== 'string' || !validatorOf('command')(head)) return NOTHING;
  return { kind: 'command', command: message, isValid: validatorOf('command')(message) };
}

function read(payload: Uint8Array): Fields | undefined {
  if (payload.byteLength > BYTES_MAX) return undefined;
  try {
    const value: Json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Entries and tombstones count one by one, so that one mistake does not cost the rest. */
function desired(deviceId: string, document: Fields): Meaning {
  const { codes, tombstones } = document;
  const id = idSchema.safeParse(deviceId);
  if (!id.success || !Array.isArray(codes) || codes.length > CODES_MAX) return NOTHING;
  const dead = tombstones ?? [];
  if (!Array.isArray(dead) || dead.length > CODES_MAX) return NOTHING;
  const isValid = validatorOf('desired')({ ...document, codes: [], tombstones: [] });
  if (!isValid || !names(document, id.data)) return NOTHING;
  return { kind: 'desired', deviceId: id.data, document };
}

function names(of: Fields, deviceId: string): boolean {
  const named = of['device_id'] ?? deviceId;
  return typeof named === 'string' && named.toLowerCase() === deviceId;
}

/** How the hub was before a message. */
export interface Before {
  readonly state: LockState | undefined;
  readonly locks: number;
  readonly acked: number;
  readonly head: number;
  readonly sent: number;
  readonly commits: number;
  readonly known: boolean;
}

export function before(hub: HubUnderFuzz, meaning: Meaning): Before {
  const { store } = hub;
  return {
    state: meaning.kind === 'desired' ? store.lockState(meaning.deviceId) : undefined,
    locks: store.deviceIds().length,
    acked: store.outbox.acked(),
    head: store.outbox.head(),
    sent: hub.sentThrough(),
    commits: hub.commits(),
    known:
      meaning.kind === 'command' && store.commands.get(String(meaning.command['command_id'])) !== undefined,
  };
}

/** Why what the hub made of a message is wrong; `undefined`: it is right. */
export function faultOf(hub: HubUnderFuzz, meaning: Meaning, was: Before): string | undefined {
  switch (meaning.kind) {
    case 'nothing':
      return nothingFault(hub, was);
    case 'desired':
      return desiredFault(hub, meaning.deviceId, meaning.document, was);
    case 'command':
      return commandFault(hub, meaning.command, meaning.isValid, was);
    case 'ack':
      return ackFault(hub, meaning.ack, was);
    case 'sync':
      return syncFault(hub, meaning.sync, was);
  }
}

/** A commit may only be the event that tells of the rejection. */
function nothingFault(hub: HubUnderFuzz, was: Before): string | undefined {
  const { outbox } = hub.store;
  const told = outbox.head() - was.head;
  if (told === 0)
    return hub.commits() === was.commits ? undefined : 'A message that is none changed something.';
  const [row] = outbox.after(was.head, 1);
  const isRejection = told === 1 && row?.event['event_type'] === 'hub.message_rejected';
  return isRejection ? undefined : 'A message that is none caused an event.';
}

function desiredFault(
  { store }: HubUnderFuzz,
  deviceId: string,
  document: Fields,
  was: Before,
): string | undefined {
  const now = store.lockState(deviceId);
  const [generation, version] = [Number(document['generation']), Number(document['version'])];
  const { lock } = was.state ?? {};
  const order = generation - (lock?.generation ?? 0) || version - (lock?.versionReceived ?? 0);
  const hasRoom = was.state !== undefined || was.locks < LOCKS_MAX;
  if (order <= 0 || !hasRoom)
    return now === was.state ? undefined : 'A document that is not newer was taken.';
  if (now?.lock.generation !== generation || now.lock.versionReceived !== version) {
    return 'A newer document was not taken.';
  }
  const entries = entriesOf(deviceId, document);
  for (const code of now.codes) {
    const fault = codeFault(code, entries.get(code.accessCodeId), was.state);
    if (fault !== undefined) return `${code.accessCodeId}: ${fault}`;
  }
  return undefined;
}

interface Entry {
  readonly fields: Fields;
  readonly isValid: boolean;
}

/** The first entry of each id counts. */
function entriesOf(deviceId: string, document: Fields): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const fields of document['codes'] as readonly Fields[]) {
    const id = fields?.['access_code_id'];
    if (typeof id !== 'string' || found.has(id)) continue;
    const alone = { v: 1, generation: 1, version: 1, codes: [fields] };
    found.set(id, { fields, isValid: validatorOf('desired')(alone) && names(fields, deviceId) });
  }
  return found;
}

/** A code in force is as a valid entry asks for it, or as it was; all else is told as rejected, or on its way out. */
function codeFault(
  code: AccessCode,
  entry: Entry | undefined,
  was: LockState | undefined,
): string | undefined {
  if (code.isBackup || code.removingSince !== null) return undefined;
  const old = was?.codes.find(({ accessCodeId }) => accessCodeId === code.accessCodeId);
  if (code.rejected !== null) {
    // Nothing was in force where there was no PIN, but for one that the hub is to make up.
    const isKept = old?.pin == null ? code.pin === null || code.isPinDrawn : isInForce(old, code);
    return isKept ? undefined : 'A rejected change was taken in part.';
  }
  if (entry === undefined) return 'It stays, and no entry asks for it.';
  if (!entry.isValid) return 'An invalid entry was taken.';
  const { name = null, code: digits = null, max_uses: maxUses = null, ends_at: endsAt = null } = entry.fields;
  // Half a character has no UTF-8.
  if (code.name !== (typeof name === 'string' ? name.toWellFormed() : null))
    return 'The name is another one.';
  if (typeof digits === 'string' && code.pin?.reveal() !== digits) return 'The PIN is another one.';
  if (code.maxUses !== maxUses) return 'The number of uses is another one.';
  const isOngoing = entry.fields['type'] === 'ongoing' || endsAt === null;
  if (code.endsAt !== (isOngoing ? null : Date.parse(textOf(endsAt)))) return 'The end is another one.';
  return undefined;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : '';
}

function isInForce(old: AccessCode, code: AccessCode): boolean {
  return (
    old.pin === code.pin &&
    old.name === code.name &&
    old.startsAt === code.startsAt &&
    old.endsAt === code.endsAt
  );
}

function commandFault(
  { store, clock }: HubUnderFuzz,
  command: Fields,
  isValid: boolean,
  was: Before,
): string | undefined {
  const found = store.commands.get(String(command['command_id']));
  if (found === undefined) return 'A command that can be answered was not stored.';
  if (was.known) return undefined;
  const { state } = found.outcome;
  const leftMs = Date.parse(String(command['expires_at'])) - clock.now().earliest;
  const mayHappen = isValid && leftMs > 0 && leftMs <= LIFETIME_MAX_MS;
  if (mayHappen || state === 'failed' || state === 'expired') return undefined;
  return `A command that is wrong or too late is ${state}.`;
}

function ackFault({ store }: HubUnderFuzz, ack: Fields, was: Before): string | undefined {
  const acked = store.outbox.acked();
  const isOurs = String(ack['epoch']).toLowerCase() === store.outbox.epoch.toLowerCase();
  if (!isOurs && acked !== was.acked) return 'An acknowledgement of another log was taken.';
  const right = Math.max(was.acked, Math.min(Number(ack['seq']), was.sent));
  // While events are on their way, what the cloud has of them is written down only now and then.
  const isRight = acked <= right && acked >= Math.max(was.acked, right - UNKEPT_MAX);
  if (isOurs && !isRight) return `Acknowledged are ${acked}, and should be ${right}.`;
  return undefined;
}

function syncFault({ store }: HubUnderFuzz, sync: Fields, was: Before): string | undefined {
  const devices = (sync['devices'] ?? []) as readonly Fields[];
  const forgotten = new Set(
    devices
      .filter(({ verdict }) => verdict === 'forget')
      .map((device) => String(device['device_id']).toLowerCase()),
  );
  if (was.locks - store.deviceIds().length > forgotten.size) return 'More was forgotten than asked for.';
  for (const deviceId of forgotten) {
    if (store.lockState(deviceId)?.lock.radio === null)
      return 'A lock that nobody has met was not forgotten.';
  }
  return undefined;
}
