import { createHash } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import { VendorServer, type VendorAnswer, type VendorRequest } from './vendor-server.ts';

const DAYS_MAX = 31;

/** A user level as the vendor tells it. */
export interface TimeSlot {
  readonly name: string;
  readonly prefix: number;
  readonly check_in_time: string;
  readonly check_out_time: string;
  readonly is_24_hour: boolean;
  readonly is_one_shot: boolean;
  readonly is_biweekly_mode: boolean;
  readonly is_master: boolean;
  readonly dormakaba_oracode_user_level_id: string;
}

interface Door {
  readonly door_id: string;
  readonly name: string;
  readonly model: string;
  readonly predefined_time_slots: readonly TimeSlot[];
}

/** A code as the lock takes it. */
interface Code {
  readonly doorId: string;
  readonly pin: string;
  readonly from: number;
  readonly to: number;
}

/** `checkIn` and `checkOut` as `16:00`. */
export function timeSlot(
  zone: string,
  checkIn: string,
  checkOut: string,
  over: Partial<TimeSlot> = {},
): TimeSlot {
  return {
    name: `${checkIn} to ${checkOut}`,
    prefix: 123,
    check_in_time: `${checkIn}:00[${zone}]`,
    check_out_time: `${checkOut}:00[${zone}]`,
    is_24_hour: checkIn === '00:00',
    is_one_shot: false,
    is_biweekly_mode: false,
    is_master: false,
    dormakaba_oracode_user_level_id: `level ${checkIn} ${checkOut}`,
    ...over,
  };
}

/** What speaks the contract for Oracode, with the vendor's rules as its documentation has them. */
export class OracodeServer {
  readonly server = new VendorServer((request) => this.#handle(request));
  token = 'oracode-token-of-this-test';
  now: () => number = () => Date.now();
  /** Codes that a door may have at once. */
  quota = 100;
  doors: readonly Door[] = [];
  readonly codes = new Map<string, Code>();
  url = '';

  async listen(): Promise<this> {
    this.url = await this.server.listen();
    return this;
  }

  opens(doorId: string, pin: string, at: number): boolean {
    return [...this.codes.values()].some(
      (code) => code.doorId === doorId && code.pin === pin && code.from <= at && at < code.to,
    );
  }

  #handle({ method, path, authorization, text }: VendorRequest): VendorAnswer {
    if (authorization !== `Bearer ${this.token}`) return { status: 401, body: {} };
    if (method === 'GET' && path === '/doors') return { status: 200, body: { doors: this.doors } };
    const [, doorText = '', id = ''] = /^\/doors\/([^/]+)\/codes\/([^/]+)$/.exec(path) ?? [];
    const door = this.doors.find(({ door_id }) => door_id === decodeURIComponent(doorText));
    if (method !== 'PUT' || door === undefined) return failed(404, 'unknown_door', 'No such door.');
    const kept = this.codes.get(id);
    if (kept !== undefined) return answerOf(kept);
    const body = JSON.parse(text) as Record<string, string>;
    const slot = door.predefined_time_slots.find(
      (each) => each.dormakaba_oracode_user_level_id === body['user_level_id'],
    );
    if (slot === undefined) return failed(422, 'invalid_time_range', 'No such user level.');
    const [from, to] = [body['check_in_at'] ?? '', body['check_out_at'] ?? ''].map((at) => Date.parse(at));
    if (from === undefined || to === undefined) throw new Error('No times.');
    const mistake = mistakeIn(slot, from, to);
    if (mistake !== undefined) return failed(422, 'invalid_time_range', mistake);
    if (from + 86_400_000 <= this.now()) return failed(422, 'start_in_past', 'The check-in is past.');
    if (this.codes.size >= this.quota) return failed(409, 'quota_reached', 'The door has all its codes.');
    const digits = createHash('sha256').update(`${id} ${from} ${to}`).digest().readUInt32BE() % 1_000_000;
    const pin = `${slot.prefix}${String(digits).padStart(6, '0')}`;
    const code = { doorId: door.door_id, pin, from, to };
    this.codes.set(id, code);
    return answerOf(code);
  }
}

function mistakeIn(slot: TimeSlot, from: number, to: number): string | undefined {
  if (slot.is_master || slot.is_one_shot) return 'This user level takes no codes.';
  const [, checkIn = '', zone = ''] = /^(.+)\[(.+)\]$/.exec(slot.check_in_time) ?? [];
  const [checkOut = ''] = slot.check_out_time.split('[');
  const [start, end] = [zoned(zone, from), zoned(zone, to)];
  if (!shows(start, checkIn)) return 'The check-in is not that of the user level.';
  if (!shows(end, checkOut)) return 'The check-out is not that of the user level.';
  const days = Math.ceil(start.toPlainDateTime().until(end.toPlainDateTime()).total('days'));
  return days >= 1 && days <= DAYS_MAX ? undefined : `Not 1 to ${DAYS_MAX} days.`;
}

/** The wall shows a time of day, or it is the moment at which clocks leave it out. */
function shows(at: Temporal.ZonedDateTime, text: string): boolean {
  const time = Temporal.PlainTime.from(text);
  if (at.toPlainTime().equals(time)) return true;
  const before = at.subtract({ milliseconds: 1 }).toPlainDateTime();
  const now = at.toPlainDateTime();
  // Samoa left a whole day out.
  return [0, 1, 2].some((days) => {
    const leftOut = before.toPlainDate().add({ days }).toPlainDateTime(time);
    return (
      Temporal.PlainDateTime.compare(before, leftOut) < 0 && Temporal.PlainDateTime.compare(leftOut, now) < 0
    );
  });
}

function zoned(zone: string, at: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

function answerOf({ pin }: Code): VendorAnswer {
  return { status: 200, body: { code: pin, stay_id: 'stay-1' } };
}

function failed(status: number, type: string, message: string): VendorAnswer {
  return { status, body: { error: { type, message } } };
}
