/** The last `most` things that were added: memory that others fill must have an end. */
export class RecentSet<T> {
  readonly #most: number;
  readonly #items = new Set<T>();

  constructor(most: number) {
    this.#most = most;
  }

  has(item: T): boolean {
    return this.#items.has(item);
  }

  add(item: T): void {
    this.#items.delete(item);
    this.#items.add(item);
    const [oldest] = this.#items;
    if (this.#items.size > this.#most && oldest !== undefined) this.#items.delete(oldest);
  }
}
