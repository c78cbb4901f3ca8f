import { startClaimedCloud, type ClaimedCloud } from './claim/claimed-cloud.ts';
import { startCloud, type Cloud, type CloudOptions } from './cloud/cloud.ts';
import type { Config } from './config.ts';
import {
  startHomeAssistant,
  type HomeAssistant,
  type HomeAssistantOptions,
} from './home-assistant/home-assistant.ts';
import { startHttp, type Http, type HttpOptions } from './http/http.ts';
import type { HubParts } from './hub-parts.ts';

/** Those that a hub talks with; `null`: the config names none. */
export interface Faces {
  readonly cloud: Cloud | ClaimedCloud | null;
  readonly homeAssistant: HomeAssistant | null;
  readonly http: Http | null;
}

/** What they need of the hub, beside what the config says of each. */
type Shared = Omit<CloudOptions, keyof NonNullable<Config['cloud']>> &
  Omit<HomeAssistantOptions, keyof NonNullable<Config['homeAssistant']>> &
  Omit<HttpOptions, keyof NonNullable<Config['http']> | 'hasCloud' | 'house'>;

export const NO_FACES: Faces = { cloud: null, homeAssistant: null, http: null };

/** Opens all that the config names. */
export function openFaces({ config, house }: HubParts, shared: Shared): Faces {
  const cloud = config.cloud && cloudOf(config.cloud, shared);
  const homeAssistant = config.homeAssistant && startHomeAssistant({ ...config.homeAssistant, ...shared });
  const http = config.http && startHttp({ ...config.http, ...shared, hasCloud: cloud !== null, house });
  return { cloud, homeAssistant, http };
}

/** With a certificate of its own, which it gets by being claimed, or as the files of the config say. */
function cloudOf({ claim, ...login }: NonNullable<Config['cloud']>, shared: Shared): Cloud | ClaimedCloud {
  const options = { ...login, ...shared };
  return claim === null ? startCloud(options) : startClaimedCloud({ ...options, claim });
}
