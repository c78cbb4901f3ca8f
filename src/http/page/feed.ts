import { isSettled, type Command } from '../../core/command.ts';
import { eventObjectOf } from '../events.ts';
import type { ApiParts } from '../route.ts';
import { pageCommandOf } from './command-object.ts';
import { pairingStateOf } from './radio.ts';
import type { StreamMessage } from './types.ts';

/** Changes within this time are told together. */
const TOGETHER_MS = 100;
/** How often what nobody tells of is looked at: the cloud, and what waits for it. */
const LOOK_EVERY_MS = 500;
/** Events that are told at once; of more, the page is told that something changed and reads them itself. */
const EVENTS_MAX = 200;
/** Newest commands that are looked at: all that are open, and some that ended just now. */
const COMMANDS_MAX = 150;

export type FeedParts = Pick<
  ApiParts,
  'store' | 'hubId' | 'radios' | 'cloudLink' | 'claim' | 'pairing' | 'onRadioChange'
> & { readonly log: ApiParts['log'] };

type Listener = (message: StreamMessage) => void;

/** What changes on the hub, as messages for all pages that are open. Without any it costs nothing. */
export class Feed {
  readonly #parts: FeedParts;
  readonly #listeners = new Set<Listener>();
  readonly #changedIds = new Set<string>();
  #isHubChanged = false;
  #hasEvents = false;
  #hasCommands = false;
  #toldSeq = 0;
  /** Outcomes as they were told, by the id of their command. */
  #toldCommands = new Map<string, string>();
  #toldPairing = '';
  #toldHub = '';
  #telling: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #unlisten: () => void = () => undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
    parts.store.onCommit(({ deviceIds, events, commands }) => {
      if (this.#listeners.size === 0) return;
      for (const id of deviceIds) this.#changedIds.add(id);
      this.#hasEvents ||= events;
      this.#hasCommands ||= commands;
      this.#tellSoon();
    });
  }

  /** Tells of every change from now on, until what it returns is called. */
  listen(listener: Listener): () => void {
    if (this.#listeners.size === 0) this.#begin();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  #begin(): void {
    const { store, onRadioChange } = this.#parts;
    this.#toldSeq = store.outbox.head();
    this.#toldCommands = new Map(this.#commands().map((command) => [command.commandId, textOf(command)]));
    this.#toldPairing = this.#pairingText();
    this.#toldHub = this.#hubText();
    this.#unlisten = onRadioChange(() => this.#tellSoon());
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  #end(): void {
    this.#unlisten();
    clearInterval(this.#looking);
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#changedIds.clear();
    this.#isHubChanged = false;
    this.#hasEvents = false;
    this.#hasCommands = false;
  }

  #look(): void {
    if (this.#hubText() !== this.#toldHub) this.#tellSoon();
  }

  #tellSoon(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      try {
        this.#tell();
      } catch (error) {
        // The page reads all anew when it is told that something changed, so nothing is lost by a turn that fails.
        this.#parts.log.error({ err: error }, 'what changed could not be told to the page');
      }
    }, TOGETHER_MS);
  }

  #tell(): void {
    const messages = [...this.#newEvents(), ...this.#newCommands(), ...this.#newPairing()];
    const hub = this.#hubText();
    const isHubChanged = this.#isHubChanged || hub !== this.#toldHub;
    const device_ids = [...this.#changedIds];
    this.#toldHub = hub;
    this.#isHubChanged = false;
    this.#changedIds.clear();
    if (device_ids.length > 0 || isHubChanged)
      messages.push({ kind: 'changed', device_ids, hub: isHubChanged });
    for (const message of messages) for (const listener of this.#listeners) listener(message);
  }

  #newEvents(): StreamMessage[] {
    if (!this.#hasEvents) return [];
    this.#hasEvents = false;
    const { store, hubId } = this.#parts;
    const found: StreamMessage[] = [];
    while (found.length < EVENTS_MAX) {
      const next = store.events.next(this.#toldSeq, null);
      if (next === undefined) return found;
      this.#toldSeq = next.seq;
      found.push({ kind: 'event', event: eventObjectOf(next, hubId) });
    }
    this.#toldSeq = store.outbox.head();
    this.#isHubChanged = true;
    return found;
  }

  #newCommands(): StreamMessage[] {
    if (!this.#hasCommands) return [];
    this.#hasCommands = false;
    const before = this.#toldCommands;
    const commands = this.#commands();
    this.#toldCommands = new Map(commands.map((command) => [command.commandId, textOf(command)]));
    return commands.toReversed().flatMap((command): StreamMessage[] => {
      const told = before.get(command.commandId);
      if (told === this.#toldCommands.get(command.commandId)) return [];
      const shown = pageCommandOf(command);
      return shown === undefined ? [] : [{ kind: 'command', command: shown }];
    });
  }

  #newPairing(): StreamMessage[] {
    const text = this.#pairingText();
    if (text === this.#toldPairing) return [];
    this.#toldPairing = text;
    return [{ kind: 'pairing', pairing: pairingStateOf(this.#parts) }];
  }

  #commands(): readonly Command[] {
    return this.#parts.store.commands.newest(null, null, COMMANDS_MAX);
  }

  #pairingText(): string {
    return JSON.stringify(pairingStateOf(this.#parts));
  }

  /** All of the hub that a page shows and that no commit tells of. */
  #hubText(): string {
    const { radios, cloudLink, claim, store } = this.#parts;
    const states = radios().map(({ radio, state }) => ({ radio, state }));
    return JSON.stringify({ states, cloud: cloudLink(), claim: claim(), waiting: store.outbox.depth() });
  }
}

function textOf({ outcome }: Command): string {
  return isSettled(outcome) ? 'settled' : outcome.state;
}
