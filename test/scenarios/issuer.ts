import { igloohomeRules } from '../../drivers/offline/igloohome/rules.ts';
import { oracodeRules } from '../../drivers/offline/oracode/levels.ts';
import type { OfflineIssueOutcome } from '../../src/core/offline/issue.ts';
import type { OfflineVendor } from '../../src/core/offline/window.ts';
import { Pin } from '../../src/core/pin.ts';
import type { OfflineCodeIssuer, OfflineDevice } from '../../src/offline-issuer.ts';
import type { VirtualTime } from '../simulation/virtual-clock.ts';

/** So long an issuer takes to answer. */
const ANSWER_MS = 1000;

/** Digits of the first code that an issuer issues; each further one counts on. */
const FIRST_DIGITS = 804_173_260;

/** What an issuer does about codes, in words. */
export const CONDUCTS = {
  answers: null,
  'is down': retry('vendor_down', null, 'The server of the issuer answers an error.'),
  'is behind a lost internet': retry('no_internet', null, 'The hub has no internet.'),
  'takes no more requests for 20 minutes': retry(
    'rate_limited',
    1_200_000,
    'The issuer was asked too often.',
  ),
  'refuses the token': retry('token_refused', null, 'The issuer does not take the token.'),
  'has no code left': refused('quota_reached', 'No variance is left for this start.'),
  'does not know the account': refused('unauthorized', 'The account may not issue codes for this lock.'),
} as const;

export type Conduct = keyof typeof CONDUCTS;

/** The two user levels that the page prints. */
const PAGE_SLOTS = [
  timeSlot('User 123 D 24H', 123, '00:00', '23:59', '12e0e160-23e6-4f9b-a82a-ea93d543d1fa'),
  timeSlot('User 126 D 7am-7pm', 126, '07:00', '19:00', '3f0b3c81-fcb6-4c60-8fca-ab020e84990e'),
];

/** An issuer of a story: it outlives the hub, and issues one code for one id, however often it is asked. */
export class StoryIssuer {
  readonly vendor: OfflineVendor;
  readonly #time: VirtualTime;
  readonly #devices: OfflineDevice[] = [];
  readonly #issued = new Map<string, Pin>();
  conduct: Conduct = 'answers';
  /** It issues codes, and its answers get lost. */
  isMute = false;

  constructor(vendor: OfflineVendor, time: VirtualTime) {
    this.vendor = vendor;
    this.#time = time;
  }

  addLock(name: string, timezone: string): void {
    const { vendor } = this;
    const rules = vendor === 'dormakaba_oracode' ? oracodeRules(PAGE_SLOTS) : igloohomeRules(timezone);
    const model = vendor === 'dormakaba_oracode' ? 'dormakaba Oracode 660' : 'igloohome Keybox 3';
    this.#devices.push({ vendor, address: name, name, model, rules });
  }

  /** As the hub that runs now knows it. */
  forHub(): OfflineCodeIssuer {
    return {
      vendor: this.vendor,
      devices: () => Promise.resolve([...this.#devices]),
      issue: ({ accessCodeId }) => this.#issue(accessCodeId),
      stop: () => Promise.resolve(),
    };
  }

  /** The digits that it issued for a code, whether or not anybody heard them. */
  digitsOf(accessCodeId: string): string | undefined {
    return this.#issued.get(accessCodeId)?.reveal();
  }

  async #issue(accessCodeId: string): Promise<OfflineIssueOutcome> {
    await this.#time.sleep(ANSWER_MS);
    const failed = CONDUCTS[this.conduct];
    if (failed !== null) return failed;
    const digits = String(FIRST_DIGITS + this.#issued.size);
    const pin = this.#issued.get(accessCodeId) ?? Pin.parse(digits);
    if (pin === undefined) throw new Error('nine digits are a PIN');
    this.#issued.set(accessCodeId, pin);
    if (this.isMute) return retry('timed_out', null, 'The issuer did not answer in time.');
    return { kind: 'issued', pin, reference: null };
  }
}

function retry(
  reason: Extract<OfflineIssueOutcome, { kind: 'retry' }>['reason'],
  afterMs: number | null,
  message: string,
): OfflineIssueOutcome {
  return { kind: 'retry', reason, afterMs, message };
}

function refused(
  reason: Extract<OfflineIssueOutcome, { kind: 'refused' }>['reason'],
  message: string,
): OfflineIssueOutcome {
  return { kind: 'refused', reason, message };
}

function timeSlot(name: string, prefix: number, checkIn: string, checkOut: string, levelId: string) {
  return {
    name,
    prefix,
    is_master: false,
    is_24_hour: checkIn === '00:00',
    is_one_shot: false,
    check_in_time: `${checkIn}:00[Europe/Tirane]`,
    check_out_time: `${checkOut}:00[Europe/Tirane]`,
    is_biweekly_mode: false,
    dormakaba_oracode_user_level_id: levelId,
  };
}
