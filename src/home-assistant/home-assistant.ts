import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { AfterAck, DownMessage } from '../cloud/inbox.ts';
import { Link, type LinkState } from '../cloud/link.ts';
import type { LoginFiles } from '../cloud/login.ts';
import type { CommandOutcome } from '../core/command.ts';
import type { RadioKind } from '../core/lock-event.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import { PAYLOADS } from './discovery.ts';
import { Publisher } from './publisher.ts';
import type { Move } from './state.ts';
import { BIRTH, topicsOf } from './topics.ts';

const PUBACK_TIMEOUT_MS = 30 * SECOND_MS;
/** Commands to one lock that are under way at one time; more are dropped. */
const MOVES_MAX = 4;
/** Characters of a topic that the log shows. */
const TOPIC_CHARS_MAX = 100;

/** The broker of the config's `home_assistant`, and the parts of the hub that Home Assistant may touch. */
export interface HomeAssistantOptions extends LoginFiles {
  /** `mqtt`, `mqtts`, `ws` or `wss`. */
  readonly url: string;
  /** Where Home Assistant looks for devices. */
  readonly discoveryPrefix: string;
  readonly hubId: string;
  readonly version: string;
  readonly store: Store;
  readonly clock: Clock;
  /** Whether a radio of this hub answers. */
  readonly isRadioUp: (radio: RadioKind) => boolean;
  /** Moves a bolt as a command does; resolves to how that ended. Never rejects. */
  readonly operate: (deviceId: string, move: Move) => Promise<CommandOutcome>;
  readonly log: Logger;
  /** Uniform in [0, 1): jitter of backoff and keep-alive. */
  readonly random: () => number;
}

export interface HomeAssistant {
  state(): LinkState;
  /** A radio went or came back. */
  radiosChanged(): void;
  /** Says that the hub goes and ends the connection. At most 2 s. */
  stop(): Promise<void>;
}

const nothing: AfterAck = () => {};

/** Shows the locks of this hub to Home Assistant, over a connection of its own. Nothing here ever ends the process. */
export function startHomeAssistant(options: HomeAssistantOptions): HomeAssistant {
  const { store, clock, hubId, isRadioUp } = options;
  const log = options.log.child({ part: 'home_assistant' });
  const topics = topicsOf(hubId, options.discoveryPrefix);
  const moves = new Map<string, Move[]>();
  const publisher = new Publisher({
    topics,
    version: options.version,
    store,
    clock,
    log,
    contextOf: ({ lock }) => ({
      isRadioUp: lock.radio === null || isRadioUp(lock.radio),
      move: moves.get(lock.deviceId)?.[0] ?? null,
    }),
  });

  const move = async (deviceId: string, wish: Move): Promise<void> => {
    const underWay = moves.get(deviceId) ?? [];
    if (underWay.length >= MOVES_MAX) return log.warn({ deviceId, wish }, 'too many commands to one lock');
    moves.set(deviceId, [...underWay, wish]);
    publisher.changed([deviceId]);
    const outcome = await options.operate(deviceId, wish);
    log.info({ deviceId, wish, outcome }, 'command of Home Assistant');
    const left = moves.get(deviceId)?.slice(1) ?? [];
    if (left.length > 0) moves.set(deviceId, left);
    else moves.delete(deviceId);
    publisher.changed([deviceId]);
  };

  const receive = ({ topic, payload, retain }: DownMessage): AfterAck => {
    const text = new TextDecoder().decode(payload);
    // A retained message is of another time: what was wanted then must not move a bolt now.
    if (retain) return nothing;
    if (topic === topics.birth) {
      if (text === BIRTH) publisher.announce();
      return nothing;
    }
    const deviceId = topics.deviceOf(topic);
    const wish = wishOf(text);
    const isKnown = deviceId !== undefined && store.lockState(deviceId) !== undefined;
    if (isKnown && wish !== undefined) return () => void move(deviceId, wish);
    log.warn({ topic: topic.slice(0, TOPIC_CHARS_MAX) }, 'a message of Home Assistant was not understood');
    return nothing;
  };

  const link = new Link({
    broker: 'home_assistant',
    url: options.url,
    login: options,
    clientId: `lockhub-${hubId}-home-assistant`,
    filters: [topics.birth, topics.commands],
    // A command that waited at the broker while the hub was away would move a bolt that nobody wants moved any more.
    keepsSession: false,
    clock,
    log,
    random: options.random,
    pubackTimeoutMs: PUBACK_TIMEOUT_MS,
    receive,
    offline: () => ({ topic: topics.availability, payload: PAYLOADS.unavailable }),
    connected: (connection) => void publisher.connected(connection),
  });
  return {
    state: () => link.state(),
    radiosChanged: () => publisher.changed(store.deviceIds()),
    stop: () => link.stop(),
  };
}

function wishOf(text: string): Move | undefined {
  if (text === PAYLOADS.lock) return 'lock';
  return text === PAYLOADS.unlock ? 'unlock' : undefined;
}
