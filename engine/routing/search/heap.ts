import { NODE_INTS, type HeapRoom, type SearchSpace } from './space.ts';

/**
 * Nodes, that with the least key first: a heap of four children a node. `placeAt`: where the record of a node says where
 * it stands; −1 when it stands nowhere.
 */
export class NodeHeap {
  #size = 0;
  readonly #nodes: Uint32Array;
  readonly #keys: Float64Array;
  readonly #ints: Int32Array;
  readonly #placeAt: number;

  constructor({ nodes, keys }: HeapRoom, { ints }: SearchSpace, placeAt: number) {
    this.#nodes = nodes;
    this.#keys = keys;
    this.#ints = ints;
    this.#placeAt = placeAt;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Infinity when it is empty. */
  get least(): number {
    return this.#size === 0 ? Infinity : (this.#keys[0] ?? 0);
  }

  /** A node that is not in it. */
  add(node: number, key: number): void {
    this.#rise(this.#size++, node, key);
  }

  /** Its key became less. */
  lower(node: number, key: number): void {
    this.#rise(this.#ints[(node << NODE_INTS) + this.#placeAt] ?? 0, node, key);
  }

  /** That with the least key, which leaves it. */
  take(): number {
    const top = this.#nodes[0] ?? 0;
    this.#leave(top, 0);
    return top;
  }

  /** One that is in it leaves it. */
  remove(node: number): void {
    this.#leave(node, this.#ints[(node << NODE_INTS) + this.#placeAt] ?? 0);
  }

  /** The last takes its place, and goes where it belongs. */
  #leave(node: number, at: number): void {
    this.#ints[(node << NODE_INTS) + this.#placeAt] = -1;
    const size = --this.#size;
    if (at === size) return;
    const last = this.#nodes[size] ?? 0;
    const key = this.#keys[size] ?? 0;
    if (at > 0 && (this.#keys[(at - 1) >>> 2] ?? 0) > key) this.#rise(at, last, key);
    else this.#sink(at, last, key);
  }

  #sink(from: number, node: number, key: number): void {
    const nodes = this.#nodes;
    const keys = this.#keys;
    const ints = this.#ints;
    const placeAt = this.#placeAt;
    const size = this.#size;
    let at = from;
    for (;;) {
      const first = 4 * at + 1;
      if (first >= size) break;
      let least = first;
      let leastKey = keys[first] ?? 0;
      const end = Math.min(first + 4, size);
      for (let child = first + 1; child < end; child++) {
        const other = keys[child] ?? 0;
        if (other < leastKey) {
          least = child;
          leastKey = other;
        }
      }
      if (leastKey >= key) break;
      const moved = nodes[least] ?? 0;
      nodes[at] = moved;
      keys[at] = leastKey;
      ints[(moved << NODE_INTS) + placeAt] = at;
      at = least;
    }
    nodes[at] = node;
    keys[at] = key;
    ints[(node << NODE_INTS) + placeAt] = at;
  }

  #rise(from: number, node: number, key: number): void {
    const nodes = this.#nodes;
    const keys = this.#keys;
    const ints = this.#ints;
    const placeAt = this.#placeAt;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 2;
      const above = keys[parent] ?? 0;
      if (above <= key) break;
      const moved = nodes[parent] ?? 0;
      nodes[at] = moved;
      keys[at] = above;
      ints[(moved << NODE_INTS) + placeAt] = at;
      at = parent;
    }
    nodes[at] = node;
    keys[at] = key;
    ints[(node << NODE_INTS) + placeAt] = at;
  }
}
