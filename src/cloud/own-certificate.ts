import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { HOUR_MS } from '../core/time.ts';
import type { Connection } from './connection.ts';
import { MAJOR_VERSION } from './messages/payload.ts';

/** A cloud that does not answer, or with something of no use, is asked again so often. */
const ASK_EVERY_MS = 6 * HOUR_MS;

/** The certificate that the cloud gave this hub, with a key that the hub made. */
export interface OwnCertificate {
  /** PKCS#10, DER as base64, when the certificate is near its end; otherwise `null`. Throws when the store does. */
  dueRequest(): string | null;
  /** Stores a certificate that came (DER as base64). Answers why not, or `null`. Throws when the store does. */
  take(certificates: readonly string[]): string | null;
}

interface RenewalOptions {
  readonly ownCertificate?: OwnCertificate | undefined;
  readonly topic: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Asks the cloud for the next certificate in time. The link notices by itself that there is another one. */
export class Renewal {
  readonly #options: RenewalOptions;
  #connection: Connection | undefined;
  #askedAtMs = -Infinity;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  connected(connection: Connection): void {
    this.#connection = connection;
    this.look();
  }

  /** To be called now and then. */
  look(): void {
    const { ownCertificate, clock, topic, log } = this.#options;
    const connection = this.#connection;
    if (ownCertificate === undefined || connection === undefined || connection.signal.aborted) return;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#askedAtMs < ASK_EVERY_MS) return;
    const csr = ownCertificate.dueRequest();
    if (csr === null) return;
    this.#askedAtMs = nowMs;
    log.info('the certificate of this hub is near its end: asking for the next one');
    void connection.publish(topic, JSON.stringify({ v: MAJOR_VERSION, csr }), false);
  }
}
