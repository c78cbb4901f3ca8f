const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * Words for the ids that the hub makes up, so that a story can speak of them: a lock goes by its name, any other id by
 * what it turned out to be and the order in which it was met.
 */
export class Names {
  readonly #wordOf = new Map<string, string>();
  readonly #idOf = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** From now on `id` is called `word`. */
  call(id: string, word: string): void {
    this.#wordOf.set(id, word);
    this.#idOf.set(word, id);
  }

  /** Calls an id `kind 1`, `kind 2` and so on, unless it has a name. */
  number(id: string, kind: string): void {
    if (this.#wordOf.has(id)) return;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    this.call(id, `${kind}-${count}`);
  }

  has(id: string): boolean {
    return this.#wordOf.has(id);
  }

  /** The id that goes by a word; a word nobody gave is an id itself. */
  idOf(word: string): string {
    return this.#idOf.get(word) ?? word;
  }

  /** The text with every id that has a name called by it. */
  in(text: string): string {
    return text.replaceAll(UUID, (id) => this.#wordOf.get(id) ?? id);
  }
}
