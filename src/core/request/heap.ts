/** Takes its smallest item out first. `before` tells whether the first argument is smaller than the second. */
export class Heap<Item> {
  readonly #items: Item[] = [];
  readonly #before: (a: Item, b: Item) => boolean;

  constructor(before: (a: Item, b: Item) => boolean) {
    this.#before = before;
  }

  /** The smallest item, which stays. */
  first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    let index = this.#items.length;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      const above = this.#items[parent];
      if (above === undefined || !this.#before(item, above)) break;
      this.#items[index] = above;
      index = parent;
    }
    this.#items[index] = item;
  }

  /** Takes the smallest item out. */
  pop(): Item | undefined {
    const [smallest] = this.#items;
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return smallest;
    let index = 0;
    for (;;) {
      const child = this.#smallerChild(index);
      const below = this.#items[child];
      if (below === undefined || !this.#before(below, last)) break;
      this.#items[index] = below;
      index = child;
    }
    this.#items[index] = last;
    return smallest;
  }

  #smallerChild(index: number): number {
    const left = this.#items[2 * index + 1];
    const right = this.#items[2 * index + 2];
    const takesRight = left !== undefined && right !== undefined && this.#before(right, left);
    return 2 * index + (takesRight ? 2 : 1);
  }
}
