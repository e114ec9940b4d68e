/** Nodes that only hints or our own channels name. */
export const MOST_EXTRA_NODES = 256;

/** What a search writes down for each node, kept from one search to the next so that none has to make it. */
export class SearchSpace {
  /** The least cost found from the node to the payee, in millisatoshis. Of this search when `seen` is `round`. */
  readonly cost: Float64Array;
  /** What must arrive at the node. */
  readonly amount: Float64Array;
  readonly cltv: Uint32Array;
  readonly hops: Uint8Array;
  /** What all layers of an onion take from the node on, its own included. */
  readonly bytes: Uint16Array;
  /** The row of the view, or -1 - index of the extra edge, that leads on towards the payee. */
  readonly via: Int32Array;
  readonly next: Uint32Array;
  readonly seen: Uint32Array;
  /** Where it stands in its heap; -1 once its cost is final. */
  readonly place: Int32Array;
  readonly heap: Uint32Array;
  /** Of the nodes whose distance from the payer is known: cost and distance together. */
  readonly through: Float64Array;
  readonly nearHeap: Uint32Array;
  /** The least that a way from the payer to the node costs. Final when `reached` is `round`. */
  readonly distance: Float64Array;
  readonly distancePlace: Int32Array;
  readonly distanceHeap: Uint32Array;
  readonly sighted: Uint32Array;
  readonly reached: Uint32Array;
  round = 0;
  /** Millisatoshis that parts planned before send over each directed channel of the graph. */
  readonly used: Float64Array;

  constructor(nodes: number, edges: number) {
    const room = nodes + MOST_EXTRA_NODES + 1;
    this.cost = new Float64Array(room);
    this.amount = new Float64Array(room);
    this.cltv = new Uint32Array(room);
    this.hops = new Uint8Array(room);
    this.bytes = new Uint16Array(room);
    this.via = new Int32Array(room);
    this.next = new Uint32Array(room);
    this.seen = new Uint32Array(room);
    this.place = new Int32Array(room);
    this.heap = new Uint32Array(room);
    this.through = new Float64Array(room);
    this.nearHeap = new Uint32Array(room);
    this.distance = new Float64Array(room);
    this.distancePlace = new Int32Array(room);
    this.distanceHeap = new Uint32Array(room);
    this.sighted = new Uint32Array(room);
    this.reached = new Uint32Array(room);
    this.used = new Float64Array(edges);
  }
}
