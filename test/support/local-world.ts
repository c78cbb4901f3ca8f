import { plainRequest, type AccessCodeRequest } from '../../src/core/access-code.ts';
import {
  convertLocal,
  createLocal,
  deleteLocal,
  handBackLocal,
  updateLocal,
  type CodeChange,
  type LocalContext,
} from '../../src/core/request/local.ts';
import type { LocalOutcome } from '../../src/core/request/local-outcome.ts';
import { POLICY, type CoreWorld } from './core-world.ts';

function contextOf(world: CoreWorld, localOverride = false): LocalContext {
  const sources = { draw: world.draw, siblings: () => world.siblings };
  return { sources, policy: POLICY, now: world.reading, localOverride };
}

/** Requests made on the hub itself; a refused one answers its type and message, a taken one `null`. */
export class LocalHands {
  readonly #world: CoreWorld;
  readonly #localOverride: boolean;

  constructor(world: CoreWorld, localOverride = false) {
    this.#world = world;
    this.#localOverride = localOverride;
  }

  create(accessCodeId: string, more: Partial<AccessCodeRequest> = {}, attemptForOfflineDevice = true) {
    const request = { ...plainRequest(accessCodeId), name: accessCodeId, ...more };
    return this.#do((state, context) => createLocal(state, { request, attemptForOfflineDevice }, context));
  }

  update(accessCodeId: string, change: CodeChange) {
    return this.#do((state, context) => updateLocal(state, accessCodeId, change, context));
  }

  delete(accessCodeId: string) {
    return this.#do((state, context) => deleteLocal(state, accessCodeId, context));
  }

  convert(accessCodeId: string, allowExternalModification = false) {
    return this.#do((state, context) =>
      convertLocal(state, accessCodeId, allowExternalModification, context),
    );
  }

  handBack(accessCodeId: string) {
    return this.#do((state, context) => handBackLocal(state, accessCodeId, context));
  }

  #do(act: (state: CoreWorld['state'], context: LocalContext) => LocalOutcome): Refused | null {
    const outcome = act(this.#world.state, contextOf(this.#world, this.#localOverride));
    if (outcome.kind === 'refused') return { type: outcome.type, message: outcome.message };
    this.#world.take(outcome.step);
    return null;
  }
}

interface Refused {
  readonly type: string;
  readonly message: string;
}
