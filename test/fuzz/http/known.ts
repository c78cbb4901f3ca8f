import type { Random } from '../../../drivers/sim/random.ts';
import { canary } from '../canary.ts';
import { below, pick, type Json } from '../mutate.ts';

/** Ids of one kind that are remembered; old ones give way, and so most of them no longer exist. */
const REMEMBERED_MAX = 60;
const HOUR_MS = 3_600_000;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
/** An address in brackets stays on this machine or becomes none, whichever of its letters is changed. */
const URLS = ['http://[::1]:9/hook', 'https://[::1]:9/', 'http://[::1]:9/?a=b', 'ftp://[::1]/'] as const;
const EVENT_TYPES = ['access_code.created', 'lock.locked', 'device.connected', 'hub.started', '*'] as const;
const SEARCHES = ['guest', 'a', '0', '-', '9021046', ''] as const;

/** The locks that requests may be about. */
export interface Devices {
  readonly open: readonly [string, ...string[]];
  /** The one that may be removed. */
  readonly victim: string;
  /** Nothing about it may be asked to change. */
  readonly control: string;
}

/** What a client has learned from answers, and what it would send for a parameter of a name. */
export class Known {
  readonly #random: Random;
  readonly #devices: Devices;
  readonly #ids = new Map<string, string[]>();
  #learned = 0;

  constructor(random: Random, devices: Devices) {
    this.#random = random;
    this.#devices = devices;
  }

  /** Remembers the ids and cursors in an answer, but none of the control lock. */
  learn(answer: Json): void {
    if (typeof answer !== 'object' || answer === null) return;
    const fields = Object.entries(answer);
    if (fields.some(([, value]) => value === this.#devices.control)) return;
    for (const [name, value] of fields) {
      if (typeof value === 'string' && /(_id|_cursor|_key)$/.test(name)) this.#remember(name, value);
      else this.learn(value);
    }
  }

  /** Something right for a parameter of that name; `undefined`: its schema alone says what is right. */
  valueOf(name: string, mayRemove: boolean): Json {
    const random = this.#random;
    if (name === 'device_id') return this.#device(mayRemove);
    if (name.endsWith('_ids')) {
      const one = name.slice(0, -1);
      return Array.from({ length: 1 + below(random, 3) }, () => this.valueOf(one, mayRemove));
    }
    if (name === 'code') return canary(random);
    if (name === 'url') return pick(random, URLS);
    if (name === 'search') return pick(random, SEARCHES);
    if (name === 'name') return `Guest ${below(random, 50)}`;
    if (name === 'common_code_key') return `key-${below(random, 5)}`;
    if (name === 'event_type') return pick(random, EVENT_TYPES);
    if (name === 'event_types') return [pick(random, EVENT_TYPES)];
    if (name === 'between') return [this.#instant(-9, -1), this.#instant(1, 9)];
    if (name === 'since') return this.#instant(-9, -1);
    if (name === 'starts_at') return this.#instant(-3, 3);
    if (name === 'ends_at') return this.#instant(-1, 30);
    if (name === 'page_cursor') return this.#id('next_page_cursor') ?? null;
    return /_(id|cursor)$/.test(name) ? (this.#id(name) ?? UNKNOWN_ID) : undefined;
  }

  #device(mayRemove: boolean): string {
    const roll = this.#random();
    if (roll < 0.05) return UNKNOWN_ID;
    return mayRemove ? this.#devices.victim : pick(this.#random, this.#devices.open);
  }

  /** One of those that were learned, and at times one that never was. */
  #id(name: string): string | undefined {
    const ids = this.#ids.get(name) ?? [];
    return this.#random() < 0.05 ? UNKNOWN_ID : ids[below(this.#random, ids.length)];
  }

  #remember(name: string, id: string): void {
    const ids = this.#ids.get(name) ?? [];
    this.#ids.set(name, ids);
    if (ids.includes(id)) return;
    this.#learned += 1;
    if (ids.length < REMEMBERED_MAX) ids.push(id);
    else ids[this.#learned % REMEMBERED_MAX] = id;
  }

  #instant(fromHours: number, toHours: number): string {
    const hours = fromHours + this.#random() * (toHours - fromHours);
    return new Date(Date.now() + hours * HOUR_MS).toISOString();
  }
}
