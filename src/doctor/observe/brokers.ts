import { X509Certificate } from 'node:crypto';
import { openConnection } from '../../cloud/connection.ts';
import type { Failure } from '../../cloud/failure.ts';
import { readLogin, type LoginFiles } from '../../cloud/login.ts';
import { topicsOf } from '../../cloud/messages/topics.ts';
import type { Config } from '../../config.ts';
import { SECOND_MS, type Instant } from '../../core/time.ts';
import type { BrokerSeen, HubWords } from '../observations.ts';
import { textAt } from './text-file.ts';

const ANSWER_MS = 10 * SECOND_MS;
const CLOSE_MS = SECOND_MS;

interface Broker extends LoginFiles {
  readonly section: string;
  readonly url: string | readonly string[];
  /** What a hub reads there. */
  readonly filter: string;
}

/** The brokers of a config, by what the running hub says of them; where none runs, by a connection of our own. */
export function seeBrokers(
  config: Config,
  words: HubWords | null,
  isFree: boolean,
): Promise<readonly BrokerSeen[]> {
  return Promise.all(
    brokersOf(config).map(async (broker) => ({
      section: broker.section,
      url: [broker.url].flat().map(withoutPath).join(', '),
      failure: isFree ? await tryAny(broker, config.hubId) : failureIn(words, broker.section),
      certificateEndsAt: endOf(broker.certFile),
    })),
  );
}

function brokersOf({ hubId, cloud, homeAssistant }: Config): readonly Broker[] {
  const own = cloud === null ? [] : [{ ...cloud, section: 'cloud', filter: topicsOf(hubId).down }];
  if (homeAssistant === null || homeAssistant.section === 'cloud') return own;
  return [...own, { ...homeAssistant, filter: `${homeAssistant.discoveryPrefix}/status` }];
}

function failureIn(words: HubWords | null, section: string): BrokerSeen['failure'] {
  const link = words?.links.find((one) => one.section === section);
  if (link === undefined || link.status === 'online' || link.lastFailure === null) return null;
  return { isRefusal: link.status === 'refused', reason: link.lastFailure };
}

/** `null` when one of the nodes takes us. */
async function tryAny(broker: Broker, hubId: string): Promise<BrokerSeen['failure']> {
  let last: Failure | null = null;
  for (const url of [broker.url].flat()) {
    last = await tryOne(url, broker, hubId);
    if (last === null) return null;
  }
  return last === null ? null : { isRefusal: last.kind === 'refused', reason: last.reason };
}

/**
 * Connects as the hub would, with a name of its own and a session that ends with it: the hub's session, with all that
 * waits in it, is left alone. There is no last will, for the doctor is not the hub.
 */
async function tryOne(url: string, broker: Broker, hubId: string): Promise<Failure | null> {
  const read = await readLogin(broker);
  if (!read.ok) return { kind: 'unreachable', reason: read.reason };
  const late = AbortSignal.timeout(ANSWER_MS);
  const attempt = (protocolVersion: 4 | 5) =>
    openConnection({
      url,
      login: read.login,
      clientId: `lockhub-${hubId}-doctor`,
      protocolVersion,
      keepaliveSeconds: 60,
      will: null,
      filters: [broker.filter],
      keepsSession: false,
      seq: 0,
      pubackTimeoutMs: ANSWER_MS,
      receive: () => () => undefined,
      giveUp: late,
    });
  let opened = await attempt(5);
  if (!opened.ok && opened.otherVersion !== 'no' && !late.aborted) {
    const second = await attempt(4);
    if (second.ok || second.otherVersion === 'no') opened = second;
  }
  if (opened.ok) {
    await opened.connection.close({ kind: 'stopped', reason: 'looked at' }, CLOSE_MS);
    return null;
  }
  if (late.aborted) return { kind: 'unreachable', reason: `no answer within ${ANSWER_MS / SECOND_MS} s` };
  return opened.failure;
}

/** When a certificate ends; `null`: there is none that can be read. */
export function endOf(file: string | null | undefined): Instant | null {
  const text = file == null ? null : textAt(file);
  if (text === null) return null;
  try {
    return Date.parse(new X509Certificate(text).validTo);
  } catch {
    return null;
  }
}

/** What stands around scheme, host and port may be a secret. */
function withoutPath(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
