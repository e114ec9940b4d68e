/** Nodes that only hints or our own channels name. */
export const MOST_EXTRA_NODES = 256;

/** Of a node in `floats`: node << 3, and where in them. */
export const NODE_FLOATS = 3;
/** The least cost found from the node to the payee, in millisatoshis. Of this search when SEEN is `round`. */
export const COST = 0;
/** What must arrive at the node. */
export const AMOUNT = 1;
/** The least that a way from the payer to the node costs. Final when REACHED is `round`. */
export const DISTANCE = 2;

/** Of a node in `ints`: node << 4, and where in them. */
export const NODE_INTS = 4;
export const SEEN = 6;
/** Where it stands in its heap; −1 once its cost is final. */
export const PLACE = 7;
export const REACHED = 8;
export const SIGHTED = 9;
/** Where it stands in the heap of distances; −1 once that is final. */
export const DISTANCE_PLACE = 10;
/** The row of the view, or −1 − index of the extra edge, that leads on towards the payee. */
export const VIA = 11;
export const NEXT = 12;
export const CLTV = 13;
export const HOPS = 14;
/** What all layers of an onion take from the node on, its own included. */
export const BYTES = 15;

/**
 * What a search writes down for each node, kept from one search to the next so that none has to make it: a record of 64
 * bytes, one line of the processor's caches, since nodes are met at random.
 */
export class SearchSpace {
  readonly floats: Float64Array;
  /** Over the same bytes. */
  readonly ints: Int32Array;
  /** Of the nodes whose distance from the payer is not known, of those whose is, and of distances. */
  readonly far: HeapRoom;
  readonly near: HeapRoom;
  readonly distances: HeapRoom;
  round = 0;
  /** By row of the view: millisatoshis that parts planned before send over it. */
  readonly used: Float64Array;

  constructor(nodes: number, rows: number) {
    const room = nodes + MOST_EXTRA_NODES + 1;
    this.floats = new Float64Array(room << NODE_FLOATS);
    this.ints = new Int32Array(this.floats.buffer);
    this.far = heapRoom(room);
    this.near = heapRoom(room);
    this.distances = heapRoom(room);
    this.used = new Float64Array(rows);
  }
}

/** By place in a heap: the node, and what it is ordered by. */
export type HeapRoom = { readonly nodes: Uint32Array; readonly keys: Float64Array };

const heapRoom = (room: number): HeapRoom => ({
  nodes: new Uint32Array(room),
  keys: new Float64Array(room),
});
