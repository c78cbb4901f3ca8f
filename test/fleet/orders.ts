import type { HubFacts } from './light-hub.ts';
import type { Usage } from './usage.ts';

/** What the fleet asks of a process with hubs. */
export type Order =
  | {
      readonly kind: 'begin';
      readonly hubIds: readonly string[];
      /** Each hub gets a folder of its name in it. */
      readonly folder: string;
      readonly urls: readonly string[];
    }
  /** Somebody types a PIN at the door of a hub. */
  | { readonly kind: 'type'; readonly hubId: string; readonly pin: string }
  | { readonly kind: 'measure' }
  | { readonly kind: 'look' }
  | { readonly kind: 'end' };

/** What such a process says. */
export type Answer =
  /** `empty`: what the process took before the first hub. */
  | { readonly kind: 'begun'; readonly empty: Usage }
  | { readonly kind: 'measured'; readonly usage: Usage }
  | { readonly kind: 'looked'; readonly hubs: readonly HubFacts[] }
  /** Unasked: a hub has a connection. */
  | { readonly kind: 'connected'; readonly hubId: string; readonly atMs: number }
  /** Unasked: a hub logged an error, which it does only for bugs and a failing disk. */
  | { readonly kind: 'error'; readonly line: string };
