import { randomInt } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { ClaimAnswer, ClaimRequest } from '../cloud/messages/claim.ts';
import { MAJOR_VERSION } from '../cloud/messages/payload.ts';
import type { Store } from '../store/store.ts';
import { newCode } from './code.ts';
import { makeIdentity } from './identity.ts';
import { requestProof } from './proof.ts';
import {
  claimRecordSchema,
  newRecord,
  settledNext,
  takeAnswer,
  takeRenewal,
  withCode,
  type ClaimRecord,
  type Taken,
} from './record.ts';

/** Name of the record among the hub's secrets. */
const SECRET = 'claim';

/** Whose claim it is, and where it is kept. */
export interface ClaimPlace {
  readonly hubId: string;
  readonly store: Pick<Store, 'secrets' | 'transaction' | 'append'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** What is remembered of the claim; `undefined` before the hub has a key. Throws when the store does. */
export function readClaim({ store }: Pick<ClaimPlace, 'store'>): ClaimRecord | undefined {
  const text = store.secrets.get(SECRET);
  return text === undefined ? undefined : claimRecordSchema.parse(JSON.parse(text));
}

/** The same, with a code that is good now where nobody has claimed the hub; makes what is missing. */
export async function readyClaim(place: ClaimPlace): Promise<ClaimRecord> {
  // Made before the transaction, which can't wait; another process may have made one meanwhile, and then that counts.
  const made = readClaim(place) === undefined ? newRecord(await makeIdentity(place.hubId)) : undefined;
  return place.store.transaction(() => {
    const before = readClaim(place) ?? made;
    if (before === undefined) throw new Error('The record of the claim went away.');
    const after = withCode(before, place.clock.now().earliest, () => newCode(randomInt));
    if (after !== before || made === before) write(place, after);
    return after;
  });
}

/** Forgets the certificate, and the key with it: whoever had a reason for that trusts neither. */
export async function unclaim(place: ClaimPlace): Promise<ClaimRecord> {
  const fresh = newRecord(await makeIdentity(place.hubId));
  place.store.transaction(() => write(place, fresh));
  return readyClaim(place);
}

/** What the hub asks its cloud; `undefined` when there is nothing to be asked. */
export function requestOf(
  { claim_id, csr, code }: ClaimRecord,
  hubId: string,
  version: string,
): ClaimRequest | undefined {
  if (code === null) return undefined;
  const proof = requestProof(code.text, claim_id, hubId, csr);
  return { v: MAJOR_VERSION, hub_id: hubId, version, csr, proof };
}

/** Takes an answer to the request. What follows from it is on the disk when this returns. Throws when the store does. */
export function storeAnswer(place: ClaimPlace, answer: ClaimAnswer): Taken {
  return stored(place, (record, now) => takeAnswer(record, place.hubId, answer, now));
}

/** Takes a renewed certificate, in the same way. */
export function storeRenewal(place: ClaimPlace, certificates: readonly string[]): Taken {
  return stored(place, (record) => takeRenewal(record, place.hubId, certificates));
}

/** Keeps the renewed certificate, or gives it up; what follows is on the disk when this returns. */
export function settleNext(place: ClaimPlace, isLetIn: boolean): void {
  place.store.transaction(() => {
    const record = readClaim(place);
    if (record !== undefined) write(place, settledNext(record, isLetIn));
  });
}

function stored(place: ClaimPlace, take: (record: ClaimRecord, now: number) => Taken): Taken {
  return place.store.transaction(() => {
    const record = readClaim(place);
    if (record === undefined) return { kind: 'ignored', reason: 'nothing was asked' };
    const taken = take(record, place.clock.now().earliest);
    if ('record' in taken) write(place, taken.record);
    if (taken.kind === 'claimed') tell(place, taken.record);
    return taken;
  });
}

function tell({ store, clock }: ClaimPlace, { certificate }: ClaimRecord): void {
  const details = { owner: certificate?.owner ?? '' };
  store.append([{ event_type: 'hub.claimed', occurredAt: clock.now().earliest, details }]);
}

function write({ store }: ClaimPlace, record: ClaimRecord): void {
  store.secrets.set(SECRET, JSON.stringify(record));
}
