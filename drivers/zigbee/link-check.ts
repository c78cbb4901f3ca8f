import type { LinkRound } from '../../src/core/radio-view.ts';
import type { LinkOutcome } from '../../src/lock-driver.ts';
import { isAnswering } from './attributes.ts';
import type { Member } from './lock.ts';
import { within } from './within.ts';

const ROUNDS = 4;
/** The best rating, and the quality of the last hop (0 to 255) from which on it counts as whole. */
const RATING_MAX = 10;
const LQI_GOOD = 150;

/** Sends some questions to a lock and measures the answers. The rating is the share of them, cut by a weak last hop. */
export async function checkLink(lock: Member, lateMs: number): Promise<LinkOutcome> {
  const deadlineAt = performance.now() + lateMs;
  const rounds: LinkRound[] = [];
  while (rounds.length < ROUNDS && performance.now() < deadlineAt) {
    const round = await within(roundTrip(lock), deadlineAt - performance.now());
    if (round === undefined) break;
    rounds.push(round);
  }
  if (rounds.length === 0) return { kind: 'unknown', message: 'The lock took too long.' };
  const answered = rounds.filter(({ roundTripMs }) => roundTripMs !== null).length;
  const quality = Math.min((lock.device.linkquality ?? LQI_GOOD) / LQI_GOOD, 1);
  const rating = Math.round((RATING_MAX * answered * quality) / rounds.length);
  return { kind: 'done', check: { rating: answered > 0 ? Math.max(rating, 1) : 0, rounds } };
}

async function roundTrip(lock: Member): Promise<LinkRound> {
  const sentMs = performance.now();
  const isAnswered = await isAnswering(lock);
  return {
    roundTripMs: isAnswered ? Math.round(performance.now() - sentMs) : null,
    rssiDbm: null,
    failedPings: isAnswered ? 0 : 1,
  };
}
