/** By node: `place` where it stands in the heap, −1 when it stands in none; `cost` what it is ordered by. */
type HeapColumns = {
  readonly heap: Uint32Array;
  readonly place: Int32Array;
  readonly cost: Float64Array;
};

/** The nodes whose cost is not final, cheapest first: a heap of four children a node over the columns of a search. */
export class NodeHeap {
  #size = 0;
  readonly #heap: Uint32Array;
  readonly #place: Int32Array;
  readonly #cost: Float64Array;

  constructor({ heap, place, cost }: HeapColumns) {
    this.#heap = heap;
    this.#place = place;
    this.#cost = cost;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Of the cheapest; Infinity when there is none. */
  get least(): number {
    return this.#size === 0 ? Infinity : (this.#cost[this.#heap[0] ?? 0] ?? 0);
  }

  /** A node that is not in it. */
  add(node: number): void {
    this.#rise(this.#size++, node);
  }

  /** Its cost became less. */
  lower(node: number): void {
    this.#rise(this.#place[node] ?? 0, node);
  }

  /** The cheapest, which leaves it. */
  take(): number {
    const top = this.#heap[0] ?? 0;
    this.#leave(top, 0);
    return top;
  }

  /** One that is in it leaves it. */
  remove(node: number): void {
    this.#leave(node, this.#place[node] ?? 0);
  }

  /** The last takes its place, and goes where it belongs. */
  #leave(node: number, at: number): void {
    this.#place[node] = -1;
    const size = --this.#size;
    if (at === size) return;
    const last = this.#heap[size] ?? 0;
    const parent = this.#heap[(at - 1) >>> 2] ?? 0;
    if (at > 0 && (this.#cost[parent] ?? 0) > (this.#cost[last] ?? 0)) this.#rise(at, last);
    else this.#sink(at, last);
  }

  #sink(from: number, node: number): void {
    const heap = this.#heap;
    const place = this.#place;
    const cost = this.#cost;
    const size = this.#size;
    const own = cost[node] ?? 0;
    let at = from;
    for (;;) {
      const first = 4 * at + 1;
      if (first >= size) break;
      let least = first;
      let leastCost = cost[heap[first] ?? 0] ?? 0;
      const end = Math.min(first + 4, size);
      for (let child = first + 1; child < end; child++) {
        const other = cost[heap[child] ?? 0] ?? 0;
        if (other < leastCost) {
          least = child;
          leastCost = other;
        }
      }
      if (leastCost >= own) break;
      const moved = heap[least] ?? 0;
      heap[at] = moved;
      place[moved] = at;
      at = least;
    }
    heap[at] = node;
    place[node] = at;
  }

  #rise(from: number, node: number): void {
    const heap = this.#heap;
    const place = this.#place;
    const cost = this.#cost;
    const own = cost[node] ?? 0;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 2;
      const above = heap[parent] ?? 0;
      if ((cost[above] ?? 0) <= own) break;
      heap[at] = above;
      place[above] = at;
      at = parent;
    }
    heap[at] = node;
    place[node] = at;
  }
}
