import { SECOND_MS } from '../../../src/core/time.ts';
import type { Reading } from './attributes.ts';
import { concat, u16, u8, type Bytes } from './bytes.ts';
import { encodeValue, isAnalog, type Value } from './zcl.ts';

/** As the longest interval: never again report this attribute. */
const NO_REPORTS_SECONDS = 0xffff;
/** Attributes that a lock reports. */
const SETTINGS_MAX = 32;

/** How a hub wants to hear of an attribute. */
export interface ReportSetting {
  readonly cluster: number;
  readonly id: number;
  readonly kind: number;
  readonly minSeconds: number;
  /** 0: only when it changes. */
  readonly maxSeconds: number;
  /** Smallest change that counts, for numbers that measure something. */
  readonly change: number;
}

export interface ReportingOptions {
  readonly settings: readonly ReportSetting[];
  readonly read: (cluster: number, id: number) => Reading | undefined;
  readonly tell: (cluster: number, payload: Bytes) => void;
  readonly onChange: () => void;
}

interface Reported {
  readonly value: Value | undefined;
  readonly atMs: number;
}

/** Reports attributes when they change, not more often than wanted, and after a while even when they don't. */
export class Reporting {
  readonly #options: ReportingOptions;
  #settings: readonly ReportSetting[];
  readonly #reported = new Map<string, Reported>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: ReportingOptions) {
    this.#options = options;
    this.#settings = [];
    for (const setting of options.settings) this.#begin(setting);
  }

  get settings(): readonly ReportSetting[] {
    return this.#settings;
  }

  set(setting: ReportSetting): void {
    this.#end(nameOf(setting));
    this.#settings = this.#settings.filter((one) => nameOf(one) !== nameOf(setting));
    if (setting.maxSeconds !== NO_REPORTS_SECONDS && this.#settings.length < SETTINGS_MAX)
      this.#begin(setting);
    this.#options.onChange();
  }

  /** Looks what has changed. */
  look(): void {
    for (const setting of this.#settings) {
      const reading = this.#options.read(setting.cluster, setting.id);
      const before = this.#reported.get(nameOf(setting));
      if (reading === undefined || before === undefined || !hasChanged(setting, before.value, reading.value))
        continue;
      const waitMs = before.atMs + setting.minSeconds * SECOND_MS - performance.now();
      if (waitMs <= 0) this.#report(setting);
      else this.#later(setting, waitMs);
    }
  }

  forget(): void {
    this.stop();
    this.#settings = [];
    this.#options.onChange();
  }

  stop(): void {
    for (const name of this.#timers.keys()) this.#end(name);
  }

  #begin(setting: ReportSetting): void {
    this.#settings = [...this.#settings, setting];
    const value = this.#options.read(setting.cluster, setting.id)?.value;
    this.#reported.set(nameOf(setting), { value, atMs: performance.now() });
    this.#later(setting, setting.maxSeconds * SECOND_MS);
  }

  #report(setting: ReportSetting): void {
    const reading = this.#options.read(setting.cluster, setting.id);
    if (reading === undefined) return;
    this.#reported.set(nameOf(setting), { value: reading.value, atMs: performance.now() });
    this.#later(setting, setting.maxSeconds * SECOND_MS);
    const value = encodeValue(reading.kind, reading.value);
    this.#options.tell(setting.cluster, concat(u16(setting.id), u8(reading.kind), value));
  }

  #later(setting: ReportSetting, waitMs: number): void {
    this.#end(nameOf(setting));
    if (waitMs > 0)
      this.#timers.set(nameOf(setting), setTimeout(() => this.#report(setting), waitMs).unref());
  }

  #end(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}

function nameOf({ cluster, id }: ReportSetting): string {
  return `${cluster}/${id}`;
}

function hasChanged({ kind, change }: ReportSetting, before: Value | undefined, now: Value): boolean {
  if (typeof before === 'number' && typeof now === 'number' && isAnalog(kind)) {
    return before !== now && Math.abs(now - before) >= change;
  }
  return before !== now;
}
