/**
 * What to do about a connection that is not there. `unreachable`: try again, it mends itself. `hung_up`: the same,
 * and the other side closed the connection without a reason. `refused`: a person has
 * to mend a login, a certificate, an ACL or a hub id, so trying often is of no use. `unexplained`: refused without a
 * word, which may be meant or pass; the next attempts tell. `renewed`: ended by ourselves, to be made anew at once.
 * `stopped`: the hub ends.
 */
export type FailureKind = 'unreachable' | 'hung_up' | 'refused' | 'unexplained' | 'renewed' | 'stopped';

/** Why there is no connection. `reason` is for people: words of the broker or of the system, no secrets. */
export interface Failure {
  readonly kind: FailureKind;
  readonly reason: string;
}

/** A broker's own words are cut here, in characters. */
const WORDS_MAX = 200;

/**
 * Reason codes of CONNACK, DISCONNECT, SUBACK and PUBACK by which a broker says that it is not well itself: 3 is of
 * MQTT 3.1.1, the others are of MQTT 5 (section 2.4). Any other code says that we are not wanted as we are.
 */
const TEMPORARY_CODES: ReadonlySet<number> = new Set([
  3, 128, 131, 136, 137, 139, 141, 145, 147, 149, 150, 151, 159, 160,
]);
/** DISCONNECT of MQTT 5: the session was taken over by another connection with our client id. */
const SESSION_TAKEN_OVER = 142;
/**
 * SUBACK has codes from here on for failures; MQTT 3.1.1 only this one. An ACL causes it, and so does a cluster that
 * elects its leaders (seen with NATS 2.9).
 */
export const SUBSCRIPTION_FAILURE = 128;

const CODE_WORDS: Readonly<Record<number, string>> = {
  1: 'unacceptable protocol version',
  2: 'client id rejected',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
  128: 'no reason given',
  129: 'malformed packet',
  130: 'protocol error',
  131: 'an error of its own',
  132: 'unsupported protocol version',
  133: 'client id not valid',
  134: 'bad user name or password',
  135: 'not authorized',
  136: 'server unavailable',
  137: 'server busy',
  138: 'banned',
  139: 'server shutting down',
  140: 'bad authentication method',
  141: 'keep-alive timeout',
  143: 'topic filter invalid',
  144: 'topic name invalid',
  147: 'too many messages at once',
  149: 'packet too large',
  150: 'message rate too high',
  151: 'quota exceeded',
  152: 'administrative action',
  154: 'retained messages not supported',
  155: 'QoS not supported',
  156: 'use another server',
  157: 'server moved',
  159: 'connection rate exceeded',
  160: 'maximum connect time',
};

/** What a broker refused, in its own words as far as it has some (the reason string of MQTT 5). */
export interface Refusal {
  /** As in "the broker refuses the login". */
  readonly what: string;
  readonly code: number;
  readonly words?: string | undefined;
}

/** A refusal of the login (CONNACK) or of a message (PUBACK). */
export function refusal({ what, code, words }: Refusal): Failure {
  return {
    kind: TEMPORARY_CODES.has(code) ? 'unreachable' : 'refused',
    reason: `the broker refuses ${what}: ${codeText(code, words)}`,
  };
}

/** A refusal of the subscription: whatever its code, without it nothing arrives. */
export function subscriptionRefusal(filter: string, code: number, words?: string): Failure {
  const what = `the subscription to ${filter}`;
  if (code === SUBSCRIPTION_FAILURE) return { ...refusal({ what, code, words }), kind: 'unexplained' };
  return refusal({ what, code, words });
}

/** A broker that hangs up with a reason, as only MQTT 5 can. */
export function goodbye(code: number, clientId: string, words?: string): Failure {
  if (code === SESSION_TAKEN_OVER) {
    return {
      kind: 'refused',
      reason: `another client took the connection over with our client id ${clientId}: is there a second hub with this hub_id?`,
    };
  }
  const kind = code === 0 || TEMPORARY_CODES.has(code) ? 'unreachable' : 'refused';
  return { kind, reason: `the broker ended the connection: ${codeText(code, words)}` };
}

/** What the library or the system says. Some of it is a broker's way to refuse us. */
export function failureOf(error: unknown, words?: string): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const text = textOf(error);
  if (typeof code === 'number' && text.startsWith('Connection refused')) {
    return refusal({ what: 'the login', code, words });
  }
  if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED') {
    const machine = new Date().toISOString();
    return {
      kind: 'unreachable',
      reason: `${text}: if the clock of this machine is wrong (it says ${machine}), give it a time server`,
    };
  }
  if (typeof code === 'string' && isCertificateAlert(code)) {
    return { kind: 'refused', reason: `the broker refuses the client certificate: ${text}` };
  }
  if (/^Unexpected server response: 40[13]$/.test(text)) {
    return { kind: 'refused', reason: `the broker refuses the WebSocket: HTTP ${text.slice(-3)}` };
  }
  return { kind: 'unreachable', reason: text };
}

/** TLS alerts (RFC 8446, section 6.2) that the other side sends about our certificate, or for lack of one. */
function isCertificateAlert(code: string): boolean {
  return /^ERR_SSL_.*ALERT_(BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(
    code,
  );
}

function codeText(code: number, words: string | undefined): string {
  const known = CODE_WORDS[code];
  const clean = words?.replaceAll(/[^\x21-\x7e\u00a1-\uffff]+/g, ' ').slice(0, WORDS_MAX);
  return [known, clean && `"${clean}"`, `(code ${code})`].filter(Boolean).join(' ');
}

export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An address that resolves to several fails with one error for each and no text of its own.
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  return error.message;
}
