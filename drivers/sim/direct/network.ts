import type { LinkRound, NetworkView } from '../../../src/core/radio-view.ts';
import type { LinkOutcome } from '../../../src/lock-driver.ts';
import type { SimLock } from '../lock/lock.ts';
import { exchange, FRAME_MS } from './link.ts';
import type { Radio } from './outcome.ts';

/** Pings of one round, and rounds of a check: few enough that a lock which answers none is known in 20 s. */
const PINGS = 3;
const ROUNDS = 2;

/** By the scale of zwave-js, without what this radio can't measure: 10 is best, 0 that nothing got through. */
function ratingOf({ failedPings }: LinkRound): number {
  if (failedPings === PINGS) return 0;
  return failedPings === 0 ? 10 : 4 - failedPings;
}

/** Sends pings to a lock, in frames that get lost as all others do. */
export async function checkLinkOf(radio: Radio, lock: SimLock): Promise<LinkOutcome> {
  const rounds: LinkRound[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    let failedPings = 0;
    for (let ping = 0; ping < PINGS; ping += 1) {
      const heard = await exchange(radio, lock, () => undefined);
      if (heard.kind === 'radio_down') return { kind: 'radio_down', message: 'The radio is gone.' };
      if (heard.kind !== 'answer' && heard.kind !== 'no_answer') failedPings += 1;
    }
    const roundTripMs = failedPings === PINGS ? null : 2 * FRAME_MS;
    rounds.push({ roundTripMs, rssiDbm: null, failedPings });
  }
  return { kind: 'done', check: { rating: Math.min(...rounds.map(ratingOf)), rounds } };
}

/** What a driver over the lock models knows of its network. */
export function viewOf(
  network: string,
  contacts: readonly { readonly lock: SimLock; readonly deviceId: string; readonly online: boolean }[],
): NetworkView {
  const unknown = { rssiDbm: null, linkQuality: null, roundTripMs: null, frames: null, security: null };
  const nodes = contacts.map(({ lock, deviceId, online }) => ({
    ...unknown,
    lastHeardAt: null,
    address: lock.address,
    deviceId,
    name: lock.model.name,
    isController: false,
    status: online ? ('awake' as const) : ('dead' as const),
    interview: null,
    route: [],
    neighbors: null,
  }));
  return { network, library: 'lockhub simulation', controller: 'simulated radio', frames: null, nodes };
}
