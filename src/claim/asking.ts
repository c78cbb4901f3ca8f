import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Connection } from '../cloud/connection.ts';
import type { AfterAck, DownMessage } from '../cloud/inbox.ts';
import { Link, LINK_TIMES, type LinkState } from '../cloud/link.ts';
import type { LoginFiles } from '../cloud/login.ts';
import { claimAnswerSchema, claimTopicsOf } from '../cloud/messages/claim.ts';
import { readPayload } from '../cloud/messages/payload.ts';
import { SECOND_MS } from '../core/time.ts';
import { readyClaim, requestOf, storeAnswer, type ClaimPlace } from './claim.ts';
import type { ClaimRecord } from './record.ts';

/** A cloud that was not there hears of the request with the next one. */
const ASK_EVERY_MS = 15 * SECOND_MS;
/** How often it is looked whether the code is to be followed by another one. */
const LOOK_EVERY_MS = SECOND_MS;

const nothing: AfterAck = () => {};

export interface AskingOptions extends ClaimPlace {
  readonly url: string | readonly string[];
  /** With the claim certificate. */
  readonly login: LoginFiles;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** How often the request is repeated; default 15 s. */
  readonly askEveryMs?: number | undefined;
  readonly refusedPauseMs?: number | undefined;
  readonly loginLookMs?: number | undefined;
}

/** A hub without an owner on its broker: it says who it is, again and again, until the cloud knows the code. */
export class Asking {
  readonly #options: AskingOptions;
  readonly #link: Link;
  readonly #claimId: string;
  readonly #topics;
  readonly #stopping = new AbortController();
  #connection: Connection | undefined;
  #isAsked = false;
  /** The code of the last request. */
  #asked: string | undefined;
  #askedAtMs = -Infinity;

  constructor(options: AskingOptions, { claim_id: claimId }: ClaimRecord) {
    this.#options = options;
    this.#claimId = claimId;
    this.#topics = claimTopicsOf(claimId);
    const { url, login, clock, log, random } = options;
    this.#link = new Link({
      peer: 'the cloud, to be claimed',
      url,
      login,
      // The name of the topics too, so that a broker can keep each hub to its own.
      clientId: claimId,
      filters: [this.#topics.answer],
      keepsSession: false,
      clock,
      log,
      random,
      pubackTimeoutMs: LINK_TIMES.pubackTimeoutMs,
      refusedPauseMs: options.refusedPauseMs ?? LINK_TIMES.refusedPauseMs,
      loginLookMs: options.loginLookMs ?? LINK_TIMES.loginLookMs,
      receive: (message) => this.#receive(message),
      offline: () => null,
      connected: (connection) => {
        this.#connection = connection;
        this.#askedAtMs = -Infinity;
      },
    });
  }

  state(): LinkState {
    return this.#link.state();
  }

  /** Whether the broker has the request with the code that is shown. */
  isAsked(): boolean {
    return this.#isAsked && this.#link.state().status === 'online';
  }

  /** Resolves when the hub is claimed, when somebody had it make another key, or at `stop`. */
  async untilClaimed(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const record = await readyClaim(this.#options);
        if (record.certificate !== null || record.claim_id !== this.#claimId) return;
        this.#ask(record);
      } catch (error) {
        // A full disk, for one: the hub goes on, and so does this.
        log.error({ err: error }, 'the claim of this hub could not be read or written');
      }
      await clock.sleepFor(LOOK_EVERY_MS, signal);
    }
  }

  /** At most 2 s. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#link.stop();
  }

  #ask(record: ClaimRecord): void {
    const { hubId, version, clock, askEveryMs = ASK_EVERY_MS } = this.#options;
    const connection = this.#connection;
    if (record.code?.text !== this.#asked) this.#isAsked = false;
    if (connection === undefined || connection.signal.aborted) return;
    const nowMs = clock.monotonicMs();
    if (record.code?.text === this.#asked && nowMs - this.#askedAtMs < askEveryMs) return;
    const request = requestOf(record, hubId, version);
    if (request === undefined) return;
    this.#asked = record.code?.text;
    this.#askedAtMs = nowMs;
    void connection
      .publish(this.#topics.request, JSON.stringify(request), false)
      .then((taken) => (this.#isAsked ||= taken));
  }

  /** What follows from an answer is on the disk when this returns, and only then the broker has its acknowledgement. */
  #receive({ topic, payload }: DownMessage): AfterAck {
    const { log } = this.#options;
    const read = topic === this.#topics.answer ? readPayload(payload) : undefined;
    const answer = claimAnswerSchema.safeParse(read?.ok === true ? read.value : undefined);
    if (!answer.success) {
      log.warn('an answer to the claim of this hub was not readable');
      return nothing;
    }
    const taken = storeAnswer(this.#options, answer.data);
    switch (taken.kind) {
      case 'claimed':
        log.info({ owner: taken.record.certificate?.owner }, 'this hub was claimed');
        break;
      case 'refused':
        log.warn({ reason: taken.record.refused }, 'the cloud refuses to have this hub claimed');
        break;
      case 'ignored':
        log.warn({ reason: taken.reason }, 'an answer to the claim of this hub was not taken');
        break;
      case 'renewed':
      case 'same':
    }
    return nothing;
  }
}
