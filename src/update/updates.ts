import { existsSync, rmSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { failed, type CommandOutcome } from '../core/command.ts';
import { MINUTE_MS, SECOND_MS, type Instant } from '../core/time.ts';
import { updateTime } from '../core/timing/update-time.ts';
import type { Store } from '../store/store.ts';
import { download } from './download.ts';
import { removeDurably, writeJson } from './durable.ts';
import { UpdateError } from './errors.ts';
import { readOffer, writeOffer, type Offer } from './offer.ts';
import { inboxOf } from './places.ts';
import { Proving, type Provable } from './proving.ts';
import { releaseOf, type Present, type Release } from './release.ts';
import { eventOf, isTold } from './told.ts';
import {
  readLast,
  readReady,
  readTrial,
  type Expects,
  type LastUpdate,
  type UpdateRequest,
} from './trial.ts';
import { viewOf, type UpdateView } from './view.ts';

const LOOK_EVERY_MS = SECOND_MS;
/** A download that failed is tried again after this, and each time after twice as long, up to the latter. */
const RETRY_MIN_MS = 5 * SECOND_MS;
const RETRY_MAX_MS = 60 * MINUTE_MS;
/** Within this root has taken what it was asked for, where the service for it is there. */
const TAKEN_WITHIN_MS = MINUTE_MS;
/** Within this it has done it, or something ended it: it is asked again. */
const DONE_WITHIN_MS = 30 * MINUTE_MS;

export interface UpdatesOptions extends Provable {
  /** The folder of all versions; `null`: this program was not installed as one of several. */
  readonly root: string | null;
  readonly config: Pick<Config, 'dataDir' | 'policy'>;
  readonly present: Present;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** The disk has room for what can be missed. */
  readonly hasRoom: () => boolean;
  /** A radio is spoken over. */
  readonly isRadioBusy: () => boolean;
}

interface Asked {
  readonly step: UpdateRequest['step'];
  readonly atMs: number;
}

/** Sees an update through, from the offer to the word that it works; what is known of it is in files, so a restart costs nothing. */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  readonly #proving: Proving | null;
  #asked: Asked | null = null;
  #retryAtMs = 0;
  #attempt = new AbortController();
  #retryMs = RETRY_MIN_MS;
  #state: UpdateView['state'] = 'none';
  #waitsFor: string | null = null;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    const trial = options.root === null ? null : readTrial(options.root);
    const isOwn = trial?.phase === 'trial' && trial.to === options.present.version;
    this.#proving = isOwn ? new Proving(options, trial.expects) : null;
    this.#running = this.#run();
  }

  /** Takes an offer, in place of the one before. Throws `UpdateError` when it is not for this hub. */
  offer(offer: Offer): void {
    const { root, config, present } = this.#options;
    if (offer.url !== null && !URL.canParse(offer.url)) throw new UpdateError('The address is none.');
    if (root === null) throw new UpdateError('This hub was not installed as one that updates itself.');
    const before = readOffer(config.dataDir);
    if (before?.id === offer.id || readLast(root)?.id === offer.id) return;
    if (readTrial(root) !== null) throw new UpdateError('An update is under way.');
    releaseOf(offer.signature, present, offer.allow_downgrade);
    this.#attempt.abort();
    if (before !== null) this.#end(before, failed('interrupted', 'Another update was offered.'));
    writeOffer(config.dataDir, offer);
  }

  view(): UpdateView {
    return viewOf(this.#options, this.#state, this.#waitsFor);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        log.warn({ err: error }, 'the update could not be looked after');
      }
      await clock.sleepFor(LOOK_EVERY_MS, signal);
    }
  }

  async #look(): Promise<void> {
    const { root, config, present } = this.#options;
    if (root === null) return;
    const trial = readTrial(root);
    if (trial !== null) return this.#prove(trial.id);
    const offer = readOffer(config.dataDir);
    if (offer === null) return this.#is('none', null);
    const last = readLast(root);
    if (last?.id === offer.id) return this.#told(offer, last);
    try {
      await this.#goOn(root, offer, releaseOf(offer.signature, present, offer.allow_downgrade));
    } catch (error) {
      if (!(error instanceof UpdateError)) throw error;
      this.#refuse(offer, error.message);
    }
  }

  async #goOn(root: string, offer: Offer, release: Release): Promise<void> {
    const { config, clock } = this.#options;
    if (offer.expires_at !== null && clock.now().earliest >= offer.expires_at) {
      return this.#end(offer, { state: 'expired' });
    }
    if (this.#isAsked(offer)) return;
    if (readReady(root)?.id === offer.id) return this.#changeInTime(offer);
    if (existsSync(inboxOf(config.dataDir).archive)) return this.#ask(offer, 'unpack');
    await this.#download(offer, release);
  }

  async #download({ url }: Offer, release: Release): Promise<void> {
    const { config, clock, log, hasRoom } = this.#options;
    if (url === null) throw new UpdateError('The archive of the update is not there any more.');
    if (clock.monotonicMs() < this.#retryAtMs) return;
    if (!hasRoom()) return this.#is('waiting', 'room on the disk');
    this.#is('downloading', null);
    this.#attempt = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, this.#attempt.signal]);
    try {
      await download(url, release, inboxOf(config.dataDir), signal);
      this.#retryMs = RETRY_MIN_MS;
    } catch (error) {
      if (error instanceof UpdateError || !(error instanceof Error)) throw error;
      if (signal.aborted) return;
      const reason = error.cause instanceof Error ? error.cause.message : error.message;
      log.warn({ reason }, 'the update could not be downloaded');
      this.#is('waiting', `its download, which failed (${reason})`);
      this.#retryAtMs = clock.monotonicMs() + this.#retryMs;
      this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MAX_MS);
    }
  }

  #changeInTime(offer: Offer): void {
    const { store, clock, config, isRadioBusy } = this.#options;
    const codes = store.deviceIds().flatMap((deviceId) => store.lockState(deviceId)?.codes ?? []);
    const time = updateTime(codes, config.policy.timezone, clock.now());
    switch (time.kind) {
      case 'code':
        return this.#is(
          'waiting',
          `a time without codes that begin or end, at the earliest ${isoOf(time.until)}`,
        );
      case 'clock_uncertain':
        return this.#is('waiting', 'a clock that is sure');
      case 'now':
        if (isRadioBusy()) return this.#is('waiting', 'the end of what a radio does');
        return this.#ask(offer, 'change');
    }
  }

  /** From here on root does it, which may end this process. */
  #ask({ id, signature, allow_downgrade }: Offer, step: UpdateRequest['step']): void {
    const { config, clock, log } = this.#options;
    const request: UpdateRequest = { id, step, signature, allow_downgrade, expects: this.#expects() };
    writeJson(inboxOf(config.dataDir).request, request, 0o600);
    this.#asked = { step, atMs: clock.monotonicMs() };
    log.info({ step }, 'the update goes on');
    this.#is(step === 'unpack' ? 'unpacking' : 'changing', null);
  }

  /** Root was asked, and does it or is about to. */
  #isAsked(offer: Offer): boolean {
    const { root, config, clock } = this.#options;
    if (this.#asked === null || root === null) return false;
    const { step, atMs } = this.#asked;
    const forMs = clock.monotonicMs() - atMs;
    const { request } = inboxOf(config.dataDir);
    const isDone = step === 'unpack' && readReady(root)?.id === offer.id;
    if (isDone || forMs > DONE_WITHIN_MS) {
      this.#asked = null;
      return false;
    }
    if (forMs > TAKEN_WITHIN_MS && existsSync(request)) {
      removeDurably(request);
      throw new UpdateError('Nobody took it: see whether lockhub-update.path is enabled.');
    }
    return true;
  }

  /** What has to be there again afterwards. */
  #expects(): Expects {
    const { radios, cloudLink } = this.#options;
    const ready = radios().filter(({ state }) => state === 'ready');
    return { radios: ready.map(({ radio }) => radio), cloud: cloudLink()?.status === 'online' };
  }

  async #prove(id: string): Promise<void> {
    const { config, log } = this.#options;
    if (this.#proving === null) return this.#is('changing', null);
    const { proof } = inboxOf(config.dataDir);
    if (existsSync(proof) && this.#state === 'proving' && this.#waitsFor === null) return;
    const isProven = await this.#proving.look();
    this.#is('proving', this.#proving.missing);
    if (!isProven) return;
    writeJson(proof, { id }, 0o600);
    log.info('this version works as the one before did');
  }

  #told(offer: Offer, last: LastUpdate): void {
    const { from, to, outcome, reason } = last;
    if (outcome === 'done')
      return this.#end(offer, { state: 'succeeded', result: { from, version: to } }, last);
    const message = reason ?? 'The new version did not work.';
    this.#end(offer, failed(outcome === 'back' ? 'update_failed' : 'update_refused', message), last);
  }

  #refuse(offer: Offer, reason: string): void {
    const { version } = this.#options.present;
    const last = {
      from: version,
      to: version,
      outcome: 'refused',
      reason,
      database_restored: false,
    } as const;
    this.#end(offer, failed('update_refused', reason), { id: offer.id, ...last });
  }

  /** Tells how it ended, once; then it is forgotten. */
  #end({ id }: Offer, outcome: CommandOutcome, last?: LastUpdate): void {
    const { store, clock, config, log } = this.#options;
    const at = clock.now().earliest;
    store.transaction(() => {
      if (last !== undefined && !isTold(store, id)) store.append([eventOf(last, at)]);
      const command = store.commands.get(id);
      if (command?.outcome.state === 'accepted') store.commands.settle(id, outcome, at);
    });
    log.info({ outcome: outcome.state, ...(last && { from: last.from, to: last.to }) }, 'the update ended');
    const { folder: _folder, ...files } = inboxOf(config.dataDir);
    for (const file of Object.values(files)) rmSync(file, { force: true });
    removeDurably(files.offer);
    this.#asked = null;
    this.#retryAtMs = 0;
    this.#is('none', null);
  }

  #is(state: UpdateView['state'], waitsFor: string | null): void {
    if (state === this.#state && waitsFor === this.#waitsFor) return;
    this.#state = state;
    this.#waitsFor = waitsFor;
    this.#options.log.info({ state, waitsFor }, 'update');
  }
}

function isoOf(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}
