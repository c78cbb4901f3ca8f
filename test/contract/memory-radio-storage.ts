import type { RadioStorage } from '../../src/lock-driver.ts';

/** Storage of the radio in memory: what a test needs to look into it, to keep it, or to lose it. */
export class MemoryRadioStorage implements RadioStorage {
  readonly files = new Map<string, Map<string, string>>();
  flushes = 0;

  entries(file: string): readonly (readonly [string, string])[] {
    return [...(this.files.get(file) ?? [])];
  }

  set(file: string, key: string, value: string): void {
    const rows = this.files.get(file) ?? new Map<string, string>();
    this.files.set(file, rows.set(key, value));
  }

  delete(file: string, key: string): void {
    this.files.get(file)?.delete(key);
  }

  clear(file: string): void {
    this.files.delete(file);
  }

  flush(): void {
    this.flushes += 1;
  }
}
