import { startCloud, type Cloud, type CloudOptions } from '../cloud/cloud.ts';
import type { LinkState } from '../cloud/link.ts';
import type { OwnCertificate } from '../cloud/own-certificate.ts';
import type { ClaimView } from '../core/claim-view.ts';
import { SECOND_MS } from '../core/time.ts';
import { Asking } from './asking.ts';
import { readClaim, readyClaim, settleNext, storeRenewal } from './claim.ts';
import { isRenewalDue, type ClaimRecord } from './record.ts';
import { claimViewOf } from './view.ts';

/** Somebody at the hub's terminal may undo the claim; until that is seen it may take so long. */
const LOOK_EVERY_MS = 5 * SECOND_MS;
/** After a failure of the store. */
const PAUSE_MS = 5 * SECOND_MS;

export interface ClaimedCloudOptions extends CloudOptions {
  /** The claim certificate, which is the same for many hubs and may do nothing but claim. */
  readonly claim: { readonly certFile: string; readonly keyFile: string };
  /** How often the request is repeated; default 15 s. */
  readonly askEveryMs?: number;
  /** How often it is looked whether the claim was undone; default 5 s. */
  readonly claimLookMs?: number;
}

export interface ClaimedCloud extends Cloud {
  /** `null` for a moment at the first start. */
  claim(): ClaimView | null;
}

/**
 * The link of a hub to a cloud that has to claim it first: with the claim certificate until somebody tells the cloud the
 * code, and from then on with a certificate of the hub's own. A broker that refuses that one does not bring the claim
 * back; see `src/claim/README.md`.
 */
export function startClaimedCloud(options: ClaimedCloudOptions): ClaimedCloud {
  return new Claiming(options);
}

class Claiming implements ClaimedCloud {
  readonly #options: ClaimedCloudOptions;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #asking: Asking | undefined;
  #cloud: Cloud | undefined;
  #last: LinkState | undefined;
  /** The connection over which a renewed certificate came; later ones use it. */
  #renewedAtSeq = 0;

  constructor(options: ClaimedCloudOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  state(): LinkState {
    if (this.#cloud !== undefined) return this.#cloud.state();
    const link = this.#asking?.state() ?? this.#last ?? STARTING;
    // Connected, but not as what it wants to be.
    return link.status === 'online' ? { ...link, status: 'waiting', lastFailure: NOT_CLAIMED } : link;
  }

  claim(): ClaimView | null {
    const record = readClaim(this.#options);
    if (record === undefined) return null;
    return claimViewOf(record, this.#options.hubId, this.#asking?.isAsked() ?? false);
  }

  radiosChanged(): void {
    this.#cloud?.radiosChanged();
  }

  rotateKeys(isAsked?: boolean): void {
    this.#cloud?.rotateKeys(isAsked);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#asking?.stop(), this.#cloud?.stop()]);
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const record = await readyClaim(this.#options);
        if (signal.aborted) return;
        if (record.certificate === null) await this.#ask(record);
        else await this.#serve();
      } catch (error) {
        log.error({ err: error }, 'the claim of this hub could not be read or written');
        await clock.sleepFor(PAUSE_MS, signal);
      }
    }
  }

  async #ask(record: ClaimRecord): Promise<void> {
    const { url, claim } = this.#options;
    const login = { ...this.#options, ...claim, pairSection: 'cloud.claim' };
    const asking = new Asking({ ...this.#options, url, login }, record);
    this.#asking = asking;
    await asking.untilClaimed();
    await asking.stop();
    this.#last = asking.state();
    this.#asking = undefined;
  }

  /** Until the certificate is taken away, which nothing but a person does. */
  async #serve(): Promise<void> {
    const { clock, claimLookMs = LOOK_EVERY_MS } = this.#options;
    const { signal } = this.#stopping;
    const cloud = startCloud({ ...this.#options, pair: () => this.#pair(), ownCertificate: this.#own() });
    this.#cloud = cloud;
    this.#renewedAtSeq = 0;
    try {
      while (!signal.aborted && readClaim(this.#options)?.certificate !== null) {
        this.#settleNext(cloud.state());
        await clock.sleepFor(claimLookMs, signal);
      }
    } finally {
      await cloud.stop();
      this.#last = cloud.state();
      this.#cloud = undefined;
    }
  }

  /** A cloud can make a mistake, and then the hub must not be lost to it. */
  #settleNext({ status, connectionSeq }: LinkState): void {
    if (connectionSeq <= this.#renewedAtSeq || readClaim(this.#options)?.next == null) return;
    if (status !== 'online' && status !== 'refused') return;
    const isLetIn = status === 'online';
    settleNext(this.#options, isLetIn);
    const { log } = this.#options;
    if (isLetIn) log.info('this hub has its next certificate');
    else log.warn('the broker refuses the next certificate of this hub, which goes on with the one before');
  }

  #pair(): { readonly cert: string; readonly key: string } | null {
    const { certificate, next, private_key: key } = readClaim(this.#options) ?? {};
    const { pem: cert } = next ?? certificate ?? {};
    return cert && key ? { cert, key } : null;
  }

  #own(): OwnCertificate {
    return {
      dueRequest: () => {
        const record = readClaim(this.#options);
        const isDue = record !== undefined && isRenewalDue(record, this.#options.clock.now().earliest);
        return isDue ? record.csr : null;
      },
      take: (certificates) => {
        const taken = storeRenewal(this.#options, certificates);
        if (taken.kind === 'renewed') this.#renewedAtSeq = this.state().connectionSeq;
        return taken.kind === 'ignored' ? taken.reason : null;
      },
    };
  }
}

const NOT_CLAIMED = 'nobody has claimed this hub yet: tell the cloud the code that its page shows';
const STARTING: LinkState = { status: 'connecting', connectionSeq: 0, protocolVersion: 5, lastFailure: null };
