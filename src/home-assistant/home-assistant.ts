import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { AfterAck, DownMessage } from '../cloud/inbox.ts';
import { Link, LINK_TIMES, type LinkState } from '../cloud/link.ts';
import type { LoginFiles } from '../cloud/login.ts';
import type { LockLink } from '../core/lock-event.ts';
import type { Store } from '../store/store.ts';
import { takeCommand } from './commands.ts';
import { PAYLOADS } from './discovery.ts';
import { Publisher } from './publisher.ts';
import { BIRTH, topicsOf } from './topics.ts';

/** Characters of a topic that the log shows. */
const TOPIC_CHARS_MAX = 100;

/** The broker of the config's `home_assistant`, and the parts of the hub that Home Assistant may touch. */
export interface HomeAssistantOptions extends LoginFiles {
  /** `mqtt`, `mqtts`, `ws` or `wss`; several for the nodes of one cluster. */
  readonly url: string | readonly string[];
  /** Where Home Assistant looks for devices. */
  readonly discoveryPrefix: string;
  readonly hubId: string;
  readonly version: string;
  readonly store: Store;
  readonly clock: Clock;
  /** Whether a radio of this hub answers. */
  readonly isRadioUp: (radio: LockLink) => boolean;
  /** Tells the loop of a lock that there is something to do. */
  readonly wake: (deviceId: string) => void;
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
  const { store, clock, hubId } = options;
  const log = options.log.child({ part: 'home_assistant' });
  const topics = topicsOf(hubId, options.discoveryPrefix);
  const publisher = new Publisher({
    topics,
    version: options.version,
    store,
    clock,
    log,
    isRadioUp: options.isRadioUp,
  });

  const receive = ({ topic, payload, retain }: DownMessage): AfterAck => {
    const text = new TextDecoder().decode(payload);
    // A retained message is of another time: what was wanted then must not move a bolt now.
    if (retain) return nothing;
    if (topic === topics.birth) {
      if (text === BIRTH) publisher.announce();
      return nothing;
    }
    const deviceId = topics.deviceOf(topic);
    const trouble = deviceId === undefined ? 'unknown topic' : takeCommand(deviceId, text, store, clock);
    if (deviceId !== undefined && trouble === null) return () => options.wake(deviceId);
    log.warn(
      { topic: topic.slice(0, TOPIC_CHARS_MAX), trouble },
      'a message of Home Assistant was not taken',
    );
    return nothing;
  };

  const link = new Link({
    peer: 'Home Assistant',
    url: options.url,
    login: options,
    clientId: `lockhub-${hubId}-home-assistant`,
    filters: [topics.birth, topics.commands],
    // A command that waited at the broker while the hub was away would move a bolt that nobody wants moved any more.
    keepsSession: false,
    clock,
    log,
    random: options.random,
    ...LINK_TIMES,
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
