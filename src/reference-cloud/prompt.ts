import { randomUUID } from 'node:crypto';
import { commandParams } from '../cloud/messages/command-params.ts';
import { refused, type Answer } from './answer.ts';
import type { ReferenceCloud } from './cloud.ts';
import type { Made } from './commands.ts';
import { findCode, findLock, onlyHub, type Addressee, type FoundLock } from './find.ts';
import { codeList, eventList, hubList, lockList, statusList } from './show.ts';
import { readLine, type Typed } from './words.ts';

const LIFETIME_SECONDS = 60;
const LIFETIME_SECONDS_MAX = 86_400;
/** A thief may keep the hub from the internet for a while; a hub takes at most 30 days. */
const WIPE_LIFETIME_SECONDS = 29 * 86_400;

const HELP = `hubs                          the hubs that were heard of
locks [HUB]                   their locks
codes LOCK                    the codes that are wanted, and what the hub says of each
set LOCK CODE_ID field=value  want a code, or change its fields; "field=" drops one; CODE_ID "new" makes an id.
                              code=1234 name="Anna B." starts_at=2026-12-01T15:00:00+01:00 ends_at=... and so on
delete LOCK CODE_ID           want it gone, also one that was found on the lock
forget LOCK                   have a lock forgotten that has left its radio network
send TYPE [LOCK] [CODE_ID] [field=value] [expires=SECONDS]
                              ${Object.keys(commandParams).join(' ')}
secret [HUB]                  give the hub a new secret of offline codes
offline LOCK FROM TO [number=1]
                              the offline code of a door for a window in full hours, made here; number: one-time
claim CODE [owner=NAME]       have a hub claimed that waits: the code that its page shows, or the text of its QR
revoke HUB                    have the broker refuse a hub: writes --crl-file; tell it to wipe itself before
wipe HUB [codes=remove] [reason=TEXT]
                              have a hub that was stolen forget all keys; codes=remove: take all codes off the locks first
release HUB                   have the name of a hub free for another one
events [HUB] [N]              the last events
wait [SECONDS]                until every document is applied and every command has its end
status                        the connection, and what is open
help, quit
LOCK and CODE_ID may be cut to a beginning that only one has; HUB may be left out where there is only one.`;

/** How the connection is; known to whoever keeps it. */
export interface Surroundings {
  readonly connection: () => string;
  /** Waits until nothing is open any more, or the time is over; true: nothing is. */
  readonly settled: (withinMs: number) => Promise<boolean>;
  /** Writes the list of revoked certificates where the broker reads it; where, or `null`: there is no such place. */
  readonly writeRevoked: () => Promise<string | null>;
}

/** Carries out one line. `quit`: it is to end. */
export async function carryOut(
  line: string,
  cloud: ReferenceCloud,
  surroundings: Surroundings,
): Promise<Answer | 'nothing' | 'quit'> {
  const typed = readLine(line);
  if (typed === undefined) return 'nothing';
  switch (typed.verb) {
    case 'hubs':
      return hubList(cloud);
    case 'locks':
      return lockList(cloud, typed);
    case 'codes':
      return withLock(cloud, typed.words[0], codeList);
    case 'set':
      return withLock(cloud, typed.words[0], (found) => set(cloud, found, typed));
    case 'delete':
      return withLock(cloud, typed.words[0], (found) => remove(cloud, found, typed));
    case 'forget':
      return withLock(cloud, typed.words[0], (found) => forget(cloud, found));
    case 'send':
      return send(cloud, typed);
    case 'secret':
      return giveSecret(cloud, typed);
    case 'offline':
      return withLock(cloud, typed.words[0], (found) => offline(cloud, found, typed));
    case 'claim':
      return claim(cloud, typed);
    case 'release':
      return release(cloud, typed);
    case 'revoke':
      return revoke(cloud, typed, surroundings);
    case 'wipe':
      return wipe(cloud, typed);
    case 'events':
      return eventList(cloud, typed);
    case 'wait':
      return wait(typed, surroundings);
    case 'status':
      return statusList(cloud, surroundings.connection());
    case 'help':
      return { ok: true, lines: HELP.split('\n'), value: HELP };
    case 'quit':
    case 'exit':
      return 'quit';
  }
  return refused(`"${typed.verb}" is no command; try help.`);
}

function withLock(
  cloud: ReferenceCloud,
  word: string | undefined,
  act: (found: FoundLock) => Answer,
): Answer {
  const found = findLock(cloud, word);
  return typeof found === 'string' ? refused(found) : act(found);
}

function set(
  cloud: ReferenceCloud,
  { hub, deviceId }: FoundLock,
  { words: [, word], fields }: Typed,
): Answer {
  if (word === undefined) return refused('set LOCK CODE_ID field=value');
  const id = word === 'new' ? randomUUID() : word;
  return changed(cloud.set(hub, deviceId, id, fields), id);
}

function remove(cloud: ReferenceCloud, found: FoundLock, { words: [, word] }: Typed): Answer {
  const id = findCode(found, word);
  return id === undefined
    ? refused('No such code on this lock.')
    : changed(cloud.delete(found.hub, found.deviceId, id), id);
}

function forget(cloud: ReferenceCloud, { hub, deviceId }: FoundLock): Answer {
  if (!cloud.forget(hub, deviceId)) return refused(`${hub.hubId} is not online, so it would not hear it.`);
  return { ok: true, lines: [`${deviceId}: forgotten, unless it is in the radio network`], value: deviceId };
}

function changed(change: ReturnType<ReferenceCloud['set']>, id: string): Answer {
  if (!change.ok) return refused(change.message);
  const { generation, version } = change.document;
  return {
    ok: true,
    lines: [`${id}: wanted by document ${generation}/${version}`],
    value: { access_code_id: id, generation, version },
  };
}

function send(cloud: ReferenceCloud, { words: [type, ...words], fields }: Typed): Answer {
  if (type === undefined || !Object.hasOwn(commandParams, type)) {
    return refused(`send TYPE: ${Object.keys(commandParams).join(', ')}`);
  }
  const { expires, ...given } = fields;
  const seconds = expires ?? LIFETIME_SECONDS;
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= LIFETIME_SECONDS_MAX)) {
    return refused(`expires: seconds, up to ${LIFETIME_SECONDS_MAX}.`);
  }
  const found: Addressee | string = isAboutLock(cloud, type, words[0])
    ? findLock(cloud, words[0])
    : onlyHub(cloud, words[0]);
  if (typeof found === 'string') return refused(found);
  const { hub, deviceId } = found;
  const params = { ...(deviceId !== null && { device_id: deviceId }), ...codeOf(found, words[1]), ...given };
  const made = cloud.send(hub, type, params, seconds * 1000);
  return sent(made);
}

function sent(made: Made): Answer {
  if (!made.ok) return refused(made.message);
  const { commandId, type } = made.command;
  return { ok: true, lines: [`${type} sent as ${commandId}`], value: { command_id: commandId, type } };
}

async function giveSecret(cloud: ReferenceCloud, { words: [word] }: Typed): Promise<Answer> {
  const found = onlyHub(cloud, word);
  if (typeof found === 'string') return refused(found);
  return sent(await cloud.giveSecret(found.hub, LIFETIME_SECONDS * 1000));
}

const CLAIMS_NONE = 'This cloud claims no hubs: start it with --issuer-cert and --issuer-key.';

async function claim({ claims }: ReferenceCloud, { words, fields }: Typed): Promise<Answer> {
  if (claims === null) return refused(CLAIMS_NONE);
  if (words.length === 0) return refused('claim CODE [owner=NAME]');
  const { owner = 'the reference cloud' } = fields;
  const claimed = await claims.claim(
    words.join(''),
    typeof owner === 'string' ? owner : JSON.stringify(owner),
  );
  if (!claimed.ok) return refused(claimed.message);
  const { hubId, claimId } = claimed;
  const line = `${hubId} is claimed, with the key ${claimId}`;
  return { ok: true, lines: [line], value: { hub_id: hubId, claim_id: claimId } };
}

function release({ claims }: ReferenceCloud, { words: [hubId = ''] }: Typed): Answer {
  if (claims === null) return refused(CLAIMS_NONE);
  return claims.release(hubId)
    ? { ok: true, lines: [`${hubId} can be claimed with another key`], value: hubId }
    : refused(`No hub ${hubId} was claimed.`);
}

async function revoke(
  { claims }: ReferenceCloud,
  { words: [hubId = ''] }: Typed,
  { writeRevoked }: Surroundings,
): Promise<Answer> {
  if (claims === null) return refused(CLAIMS_NONE);
  const count = claims.revoke(hubId);
  const file = await writeRevoked();
  if (count === 0) return refused(`No certificate of ${hubId} is left to revoke.`);
  const then = file === null ? 'no --crl-file was given' : `${file} has it: have the broker read it`;
  return { ok: true, lines: [`${count} certificates of ${hubId} count no more; ${then}`], value: count };
}

function wipe(cloud: ReferenceCloud, { words: [word], fields }: Typed): Answer {
  const found = word === undefined ? 'wipe HUB' : onlyHub(cloud, word);
  if (typeof found === 'string') return refused(found);
  const { codes = 'keep', reason = '' } = fields;
  if (codes !== 'keep' && codes !== 'remove') return refused('codes: keep or remove.');
  const order = { codes, reason: typeof reason === 'string' ? reason : JSON.stringify(reason) } as const;
  return sent(cloud.wipe(found.hub, order, WIPE_LIFETIME_SECONDS * 1000));
}

function offline(
  cloud: ReferenceCloud,
  { hub, deviceId }: FoundLock,
  { words: [, startsAt, endsAt], fields: { number } }: Typed,
): Answer {
  if (startsAt === undefined || endsAt === undefined) return refused('offline LOCK FROM TO [number=1]');
  const oneTime = typeof number === 'number' ? { oneTimeNumber: number } : {};
  try {
    const code = cloud.offlineCode(hub, { deviceId, startsAt, endsAt, ...oneTime });
    return code === undefined
      ? refused(`${hub.hubId} has no secret yet; "secret" gives it one.`)
      : { ok: true, lines: [`${code} opens ${deviceId} from ${startsAt} to ${endsAt}`], value: { code } };
  } catch (error) {
    if (error instanceof RangeError) return refused(error.message);
    throw error;
  }
}

/** A code that nobody knows is sent as it was typed, for the hub to refuse. */
function codeOf({ hub, deviceId }: Addressee, word: string | undefined): Readonly<Record<string, unknown>> {
  if (deviceId === null || word === undefined) return {};
  return { access_code_id: findCode({ hub, deviceId }, word) ?? word };
}

/** `ping` and `audit` are about a lock only where one is named. */
function isAboutLock(cloud: ReferenceCloud, type: string, word: string | undefined): boolean {
  const shape = commandParams[type as keyof typeof commandParams].shape;
  if (!('device_id' in shape)) return false;
  if (!shape.device_id.safeParse(undefined).success) return true;
  return word !== undefined && !cloud.hubs().some(({ hubId }) => hubId === word);
}

async function wait({ words: [seconds = '60'] }: Typed, { settled }: Surroundings): Promise<Answer> {
  if (!/^\d{1,4}$/.test(seconds)) return refused('wait [SECONDS]');
  const isSettled = await settled(Number(seconds) * 1000);
  return isSettled
    ? { ok: true, lines: ['all is applied'], value: 'settled' }
    : refused(`something is still open after ${seconds} s; see status.`);
}
