/** What a device turned out to be. */
export type Meeting =
  /** A lock or a keypad. */
  | { readonly kind: 'lock'; readonly deviceId: string }
  /** It is neither. `message` says what it is. */
  | { readonly kind: 'stranger'; readonly message: string }
  /** It did not answer everything; it is asked again. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'radio_down' };

/** Lets others wait for the next end of a device's interview. */
export class Meetings {
  readonly #waiting = new Map<string, ((meeting: Meeting) => void)[]>();
  /** Told of each device how far its interview is, 0 to 1. */
  onProgress: ((ieee: string, progress: number) => void) | null = null;
  /** Told of each meeting. */
  onMeeting: ((ieee: string, meeting: Meeting) => void) | null = null;

  /** Resolves at the next end of this device's interview, or when the radio is lost. */
  next(ieee: string): Promise<Meeting> {
    const { promise, resolve } = Promise.withResolvers<Meeting>();
    this.#waiting.set(ieee, [...(this.#waiting.get(ieee) ?? []), resolve]);
    return promise;
  }

  tell(ieee: string, meeting: Meeting): void {
    const waiting = this.#waiting.get(ieee) ?? [];
    this.#waiting.delete(ieee);
    for (const resolve of waiting) resolve(meeting);
    this.onMeeting?.(ieee, meeting);
  }

  progress(ieee: string, progress: number): void {
    this.onProgress?.(ieee, progress);
  }

  /** Nobody is met any more. */
  end(): void {
    for (const ieee of this.#waiting.keys()) this.tell(ieee, { kind: 'radio_down' });
  }
}
