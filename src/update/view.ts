import type { Config } from '../config.ts';
import { bytesOf } from './download.ts';
import { UpdateError } from './errors.ts';
import { readOffer, type Offer } from './offer.ts';
import { inboxOf } from './places.ts';
import { releaseOf, type Present, type Release } from './release.ts';
import { readLast, type LastUpdate } from './trial.ts';

/** How an update is, for a person. */
export interface UpdateView {
  readonly version: string;
  readonly offered: { readonly version: string; readonly bytes: number; readonly bytesHere: number } | null;
  readonly state: 'none' | 'downloading' | 'unpacking' | 'waiting' | 'changing' | 'proving';
  /** What it waits for; `null`: nothing. */
  readonly waitsFor: string | null;
  /** How the last one ended; `null`: there was none. */
  readonly last: LastUpdate | null;
}

/** What is known of the update of a hub, from its files and from what it is doing about it. */
export function viewOf(
  {
    root,
    config,
    present,
  }: {
    readonly root: string | null;
    readonly config: Pick<Config, 'dataDir'>;
    readonly present: Present;
  },
  state: UpdateView['state'],
  waitsFor: string | null,
): UpdateView {
  const offer = readOffer(config.dataDir);
  const release = offer && releaseIn(offer, present);
  const { archive, part } = inboxOf(config.dataDir);
  return {
    version: present.version,
    offered: release && {
      version: release.version,
      bytes: release.bytes,
      bytesHere: Math.max(bytesOf(archive), bytesOf(part)),
    },
    state,
    waitsFor,
    last: root === null ? null : readLast(root),
  };
}

function releaseIn(offer: Offer, present: Present): Release | null {
  try {
    // What is there may have become what was offered.
    return releaseOf(offer.signature, { ...present, version: '0.0.0' }, true);
  } catch (error) {
    if (error instanceof UpdateError) return null;
    throw error;
  }
}
