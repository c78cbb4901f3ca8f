import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Draw } from '../core/draw.ts';
import type { LockLink, RadioKind } from '../core/lock-event.ts';
import type { Policy } from '../core/lock.ts';
import type { RadioFault } from '../core/radio-fault.ts';
import type { ChosenRadio, SerialStick } from '../core/radio-stick.ts';
import type { NetworkView, PairingNow } from '../core/radio-view.ts';
import type { Scope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { Caller } from './auth/caller.ts';
import type { HubState } from './page/hub-state.ts';
import { invalidParameters, type ApiProblem } from './problem.ts';
import type { Simulation } from './simulation.ts';

export type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What of the hub the local API may touch. It reaches the loops only through `wake` and `wakeRadios`. */
export interface ApiParts extends HubState {
  readonly hubId: string;
  readonly version: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly log: Logger;
  /** Cryptographic randomness, for PINs that the hub makes up. */
  readonly draw: Draw;
  /** Tells the loop that something about a lock changed; what, it reads from the store. */
  readonly wake: (deviceId: string) => void;
  /** Tells whoever lets locks in and out that a command for that waits. */
  readonly wakeRadios: () => void;
  readonly isRadioUp: (radio: LockLink) => boolean;
  readonly radios: () => readonly {
    readonly radio: RadioKind;
    readonly state: 'starting' | 'ready' | 'down';
    /** A sentence for a person. */
    readonly message?: string;
    /** Why its stick can't be opened, where that is why. */
    readonly fault?: RadioFault;
  }[];
  /** With `radios: auto`: the sticks of this machine, and what somebody said they are; absent: the config names them. */
  readonly sticks?: HubSticks | undefined;
  /** Each radio's network as its library knows it; `null`: it is not there. Costs no frame. */
  readonly networks: () => readonly { readonly radio: RadioKind; readonly network: NetworkView | null }[];
  /** The pairing, replacement or removal that is under way, or the last one since the start. */
  readonly pairing: () => PairingNow | null;
  /** Has `listener` told when `radios()` or `pairing()` is another one, until what it returns is called. */
  readonly onRadioChange: (listener: () => void) => () => void;
  /** What the cloud owns may be changed here: there is no cloud, or `http.local_override` is on. */
  readonly mayChangeCloudCodes: boolean;
  /** The simulated house whose locks these are; `null`: they are real. */
  readonly simulation: Simulation | null;
}

/** Sticks, of which a person chooses. */
export interface HubSticks {
  readonly find: () => readonly SerialStick[];
  readonly chosen: () => readonly ChosenRadio[];
  /** Uses a stick as the radio of its kind from now on. */
  readonly use: (radio: ChosenRadio) => Promise<void>;
}

/** The hub, and who asks. */
export interface ApiContext extends ApiParts {
  readonly caller: Caller;
  /** As it was sent; a PUT or DELETE may be one that comes again because its answer was lost. */
  readonly verb: Verb;
  /** PINs go into answers by themselves: the caller is a program whose key has that scope, and not the page. */
  readonly showsPins: boolean;
}

/** The content of an answer, without `ok`. */
type Content = Readonly<Record<string, unknown>>;
export type Result<Answer> = Answer | ApiProblem | Promise<Answer | ApiProblem>;

/** One route as the server takes it. */
export interface Route {
  readonly path: `/${string}`;
  readonly verbs: readonly Verb[];
  readonly scope: Scope;
  /** One sentence for the documentation; `null`: it is for the page alone and not documented. */
  readonly summary: string | null;
  /** An object, or what is made of one; where parameters are read from. */
  readonly params: z.ZodType;
  readonly answer: z.ZodObject;
  /** Reads the parameters and acts. Rejects and throws only on a bug. */
  readonly act: (context: ApiContext, given: unknown) => Result<Content>;
}

/** A route with the types of its own schemas. */
interface TypedRoute<Params extends z.ZodType, Answer extends z.ZodObject> extends Omit<
  Route,
  'params' | 'answer' | 'act'
> {
  readonly params: Params;
  /** The content of the envelope, such as `{ device: deviceSchema }`; the server adds `ok`. */
  readonly answer: Answer;
  readonly act: (context: ApiContext, params: z.output<Params>) => Result<z.output<Answer>>;
}

/** Describes a route: its parameters are checked before `act` sees them. */
export function route<Params extends z.ZodType, Answer extends z.ZodObject>(
  typed: TypedRoute<Params, Answer>,
): Route {
  return {
    ...typed,
    act: (context, given) => {
      const params = typed.params.safeParse(given);
      return params.success ? typed.act(context, params.data) : invalidParameters(params.error);
    },
  };
}
