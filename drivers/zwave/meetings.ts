/** What a node turned out to be when its interview ended. */
export type Meeting =
  | { readonly kind: 'lock'; readonly deviceId: string }
  /** A lock that shows no codes, because it joined without its keys. */
  | { readonly kind: 'insecure' }
  /** It is no lock. */
  | { readonly kind: 'stranger' }
  /** It did not answer everything; it is asked again. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'radio_down' };

/** Lets others wait for the next end of a node's interview. */
export class Meetings {
  readonly #waiting = new Map<number, ((meeting: Meeting) => void)[]>();

  /** Resolves at the next end of this node's interview, or when the radio is lost. */
  next(nodeId: number): Promise<Meeting> {
    return new Promise((resolve) => {
      this.#waiting.set(nodeId, [...(this.#waiting.get(nodeId) ?? []), resolve]);
    });
  }

  tell(nodeId: number, meeting: Meeting): void {
    const waiting = this.#waiting.get(nodeId) ?? [];
    this.#waiting.delete(nodeId);
    for (const resolve of waiting) resolve(meeting);
  }

  /** Nobody is met any more. */
  end(): void {
    for (const nodeId of this.#waiting.keys()) this.tell(nodeId, { kind: 'radio_down' });
  }
}
