import type { Logger } from 'pino';
import { readClaim } from '../claim/claim.ts';
import { openConnection } from '../cloud/connection.ts';
import { readLogin, type Login } from '../cloud/login.ts';
import type { Result } from '../cloud/messages/command.ts';
import { MAJOR_VERSION } from '../cloud/messages/payload.ts';
import { topicsOf } from '../cloud/messages/topics.ts';
import type { Config } from '../config.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import { notedText } from '../wire/instant-text.ts';
import type { WipeMark } from './mark.ts';

/** A broker that takes longer is gone; the hub is wiped by then, and nobody waits. */
const FAREWELL_MAX_MS = 20 * SECOND_MS;
const PUBACK_MAX_MS = 10 * SECOND_MS;
const KEEPALIVE_SECONDS = 60;
const OVER = { kind: 'stopped', reason: 'the hub was wiped' } as const;

/** How the hub logs in, in memory only, while its store still says so; `null`: it has no cloud, or no login any more. */
export async function loginBefore({ cloud }: Config, store: Store): Promise<Login | null> {
  if (cloud === null) return null;
  const record = cloud.claim === null ? null : (readClaim({ store }) ?? null);
  if (cloud.claim !== null && record?.certificate == null) return null;
  const pair = record?.certificate == null ? null : { cert: record.certificate.pem, key: record.private_key };
  const read = await readLogin({ ...cloud, pair: () => pair });
  return read.ok ? read.login : null;
}

/** What came of the order, for the contract. */
export function resultOf(mark: WipeMark): NonNullable<Result['result']> {
  const { wiped_at, unreached, codes_left, sticks_reset, left } = mark;
  return { wiped_at: notedText(wiped_at ?? 0), unreached, codes_left, sticks_reset, left };
}

/** The last message of the hub that was, over a connection of its own. True when a broker has it. Never rejects. */
export async function sayFarewell(
  { hubId, cloud }: Config,
  mark: WipeMark,
  login: Login,
  log: Logger,
): Promise<boolean> {
  if (cloud === null) return false;
  const topics = topicsOf(hubId);
  const result: Result = {
    v: MAJOR_VERSION,
    command_id: mark.command_id,
    type: 'wipe',
    state: 'succeeded',
    at: notedText(mark.wiped_at ?? 0),
    result: resultOf(mark),
  };
  const giveUp = AbortSignal.timeout(FAREWELL_MAX_MS);
  for (const url of [cloud.url].flat()) {
    for (const protocolVersion of [5, 4] as const) {
      const opened = await openConnection({
        url,
        login,
        clientId: `lockhub-${hubId}`,
        protocolVersion,
        keepaliveSeconds: KEEPALIVE_SECONDS,
        will: null,
        filters: [topics.down],
        // What the broker kept for the hub that was is of no use to anybody.
        keepsSession: false,
        seq: 0,
        pubackTimeoutMs: PUBACK_MAX_MS,
        receive: () => () => undefined,
        giveUp,
      });
      if (!opened.ok) continue;
      const isTaken = await opened.connection.publish(topics.result, JSON.stringify(result), false);
      await opened.connection.close(OVER, PUBACK_MAX_MS);
      if (isTaken) return true;
    }
  }
  log.warn('the cloud could not be told that this hub was wiped');
  return false;
}
