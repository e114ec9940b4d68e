import type { KeyRange } from '../store.ts';

/** The keys of a table in order. What a page or a change of it costs hardly depends on how many there are. */
export class OrderedKeys {
  readonly #keys: string[];

  constructor(keys: Iterable<string>) {
    this.#keys = [...keys].sort();
  }

  /** Those of a range, in the order that it asks for. */
  page({ from, below, reverse, limit = Infinity }: KeyRange): readonly string[] {
    const first = from === undefined ? 0 : this.#firstNotBelow(from);
    const end = below === undefined ? this.#keys.length : this.#firstNotBelow(below);
    return reverse === true
      ? this.#keys.slice(Math.max(first, end - limit), Math.max(first, end)).reverse()
      : this.#keys.slice(first, Math.min(end, first + limit));
  }

  /** One that is not there. */
  add(key: string): void {
    this.#keys.splice(this.#firstNotBelow(key), 0, key);
  }

  /** Those that are there of `keys`: what stands side by side goes at once. */
  remove(keys: Iterable<string>): void {
    const gone = [...keys].sort();
    for (let i = 0; i < gone.length;) {
      const at = this.#firstNotBelow(gone[i] ?? '');
      let count = 0;
      while (i + count < gone.length && this.#keys[at + count] === gone[i + count]) count++;
      this.#keys.splice(at, count);
      i += Math.max(1, count);
    }
  }

  /** Where the first stands that is not below `bound`. */
  #firstNotBelow(bound: string): number {
    let [from, to] = [0, this.#keys.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#keys[middle] ?? '') < bound) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
