import { isZWaveError, ZWaveErrorCodes } from '@zwave-js/core';
import type { LinkOutcome } from '../../src/lock-driver.ts';
import type { ZwaveLock } from './lock.ts';
import { rssiOf } from './network-view.ts';

/** Each is ten pings, and where the node can test its own power, a dozen seconds of that. */
const ROUNDS = 2;

/**
 * Sends pings to a lock and has it send some back, as far as it can. Throws what zwave-js throws.
 *
 * @param late stops it at the next ping; what was found by then is the answer
 */
export async function checkLink({ node }: ZwaveLock, late: Promise<unknown>): Promise<LinkOutcome> {
  if (node.isHealthCheckInProgress())
    return { kind: 'unreachable', message: 'The link of this lock is being checked already.' };
  void late.then(() => node.abortHealthCheck());
  try {
    const { rating, results } = await node.checkLifelineHealth(ROUNDS);
    if (results.length === 0) return { kind: 'unknown', message: 'The lock took too long.' };
    const rounds = results.map(({ latency, failedPingsNode }) => ({
      roundTripMs: latency > 0 ? latency : null,
      rssiDbm: rssiOf(node),
      failedPings: failedPingsNode,
    }));
    return { kind: 'done', check: { rating, rounds } };
  } catch (error) {
    if (isZWaveError(error) && error.code === ZWaveErrorCodes.HealthCheck_Busy)
      return { kind: 'unreachable', message: 'The link of this lock is being checked already.' };
    throw error;
  }
}
