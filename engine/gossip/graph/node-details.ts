/**
 * What nodes say of themselves, as it came: features and addresses of snapshots (version 2) and of node_announcement,
 * the name of the latter. Kept in one heap of bytes, since few are ever looked at.
 */
export type NodeDetails = {
  /** By index of the node: where its entry begins in `heap`, plus 1; 0 or beyond the end where nothing is known. */
  readonly starts: Uint32Array;
  readonly heap: Uint8Array;
};

export const noNodeDetails: NodeDetails = { starts: new Uint32Array(0), heap: new Uint8Array(0) };

export type NodeDetail = {
  /** Big-endian bits of BOLT 9. */
  readonly features: Uint8Array;
  /** Address descriptors of BOLT 7, one behind the other. */
  readonly addresses: Uint8Array;
  /** UTF-8 as the node wrote it, zeros cut off; empty when not known. */
  readonly alias: Uint8Array;
  /** Unix time of its node_announcement; 0 where a snapshot told of it. */
  readonly announcedAt: number;
};

const NOTHING = new Uint8Array(0);

/** An entry, big-endian: four bytes of time, three lengths of two bytes, and what they count. */
const ENTRY_HEADER = 4 + 2 * 3;

/** Nodes between two moments in which others are served. */
const SLICE = 1_024;

const u16At = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** What the entry that begins at `start` says; nothing where none does: 0 features, 1 addresses, 2 alias. */
function partAt(heap: Uint8Array, start: number, index: 0 | 1 | 2): Uint8Array {
  if (start < 0) return NOTHING;
  let at = start + ENTRY_HEADER;
  for (let before = 0; before < index; before++) at += u16At(heap, start + 4 + 2 * before);
  return heap.slice(at, at + u16At(heap, start + 4 + 2 * index));
}

const timeAt = (heap: Uint8Array, start: number): number =>
  u16At(heap, start) * 0x1_0000 + u16At(heap, start + 2);

export function nodeDetailAt({ starts, heap }: NodeDetails, node: number): NodeDetail | null {
  const start = (starts[node] ?? 0) - 1;
  if (start < 0) return null;
  return {
    features: partAt(heap, start, 0),
    addresses: partAt(heap, start, 1),
    alias: partAt(heap, start, 2),
    announcedAt: timeAt(heap, start),
  };
}

/** Where its features begin in the heap; at `featuresEnd` for a node of which nothing is known. */
export const featuresStart = ({ starts }: NodeDetails, node: number): number => {
  const entry = starts[node] ?? 0;
  return entry === 0 ? 0 : entry - 1 + ENTRY_HEADER;
};

export function featuresEnd({ starts, heap }: NodeDetails, node: number): number {
  const entry = starts[node] ?? 0;
  return entry === 0 ? 0 : Math.min(heap.length, entry - 1 + ENTRY_HEADER + u16At(heap, entry - 1 + 4));
}

/** Bytes of a node's entry, cut off where the heap ends; 0 where nothing is known. */
function lengthAt({ starts, heap }: NodeDetails, node: number): number {
  const start = (starts[node] ?? 0) - 1;
  if (start < 0) return 0;
  const length = ENTRY_HEADER + u16At(heap, start + 4) + u16At(heap, start + 6) + u16At(heap, start + 8);
  return Math.max(0, Math.min(length, heap.length - start));
}

/** BOLT 9 has no bit beyond 300; what some programs try stands up to 512. */
const MOST_FEATURES = 64;
/** A dozen onion addresses. */
const MOST_ADDRESSES = 512;
/** Bytes of all entries: addresses have room up to the first, and nothing up to the second, whatever snapshots tell. */
const ROOM_WITH_ADDRESSES = 8 * 1024 * 1024;
const ROOM = 2 * ROOM_WITH_ADDRESSES;
/** The highest even bit that is kept: stands for what must be known, and was cut off. */
const CUT_OFF = 0x40;
const EVEN_BITS = 0x55;

/**
 * The bits that are kept: a snapshot may give each node 65,535 bytes of them, which it need say only once. It reads all
 * of them: what is said once for many nodes is cut once, before it is put for any.
 */
export function boundedFeatures(features: Uint8Array): Uint8Array {
  if (features.length <= MOST_FEATURES) return features;
  const kept = features.slice(-MOST_FEATURES);
  if (features.subarray(0, -MOST_FEATURES).some((byte) => (byte & EVEN_BITS) !== 0))
    kept[0] = (kept[0] ?? 0) | CUT_OFF;
  return kept;
}

/**
 * Entries one behind the other, for the nodes 0 to `count`: that of `changed` where it has one. Byte by byte, for an
 * array for each node would take more memory than the whole map. Gives way now and then.
 */
function* assembled(
  count: number,
  changed: NodeDetails,
  from: NodeDetails,
): Generator<undefined, NodeDetails> {
  const sourceOf = (node: number): NodeDetails => ((changed.starts[node] ?? 0) > 0 ? changed : from);
  let size = 0;
  for (let node = 0; node < count; node++) {
    size += lengthAt(sourceOf(node), node);
    if (node % SLICE === SLICE - 1) yield;
  }
  const starts = new Uint32Array(count);
  const heap = new Uint8Array(size);
  let at = 0;
  for (let node = 0; node < count; node++) {
    if (node % SLICE === SLICE - 1) yield;
    const source = sourceOf(node);
    const length = lengthAt(source, node);
    if (length === 0) continue;
    const start = (source.starts[node] ?? 0) - 1;
    starts[node] = at + 1;
    for (let i = 0; i < length; i++) heap[at++] = source.heap[start + i] ?? 0;
  }
  return { starts, heap };
}

/** Of the nodes `kept` alone, which are numbered in that order. */
export const keepDetails = (
  { starts, heap }: NodeDetails,
  kept: Uint32Array,
): Generator<undefined, NodeDetails> =>
  assembled(kept.length, { starts: kept.map((node) => starts[node] ?? 0), heap }, noNodeDetails);

/** What is left out, or null, stays as it was. */
type Change = { readonly [Key in keyof NodeDetail]?: NodeDetail[Key] | null };

/** A copy that entries can be put into, for so many nodes at the most. */
export class NodeDetailsBuilder {
  readonly #from: NodeDetails;
  readonly #starts: Uint32Array;
  /** Entries that were put, one behind the other; the last of a node counts. */
  #heap = new Uint8Array(0);
  #used = 0;
  /** Of what `done` will give. */
  #size: number;

  constructor(from: NodeDetails, nodes: number) {
    this.#from = from;
    this.#size = from.heap.length;
    this.#starts = new Uint32Array(nodes);
  }

  /** Whether something was put for the node. */
  has(node: number): boolean {
    return (this.#starts[node] ?? 0) > 0;
  }

  /** Features are cut to what is kept of them; too many addresses are none. What finds no room changes nothing. */
  put(node: number, change: Change): void {
    const isChanged = this.has(node);
    const source = isChanged ? { starts: this.#starts, heap: this.#heap } : this.#from;
    const { heap } = source;
    const before = (source.starts[node] ?? 0) - 1;
    const features = boundedFeatures(change.features ?? partAt(heap, before, 0));
    const told = change.addresses ?? partAt(heap, before, 1);
    const alias = change.alias ?? partAt(heap, before, 2);
    const others = this.#size - lengthAt(source, node);
    const bare = ENTRY_HEADER + features.length + alias.length;
    // Who says no more than before keeps the room that he has.
    const room = Math.max(ROOM_WITH_ADDRESSES, this.#size);
    const hasRoom = told.length <= MOST_ADDRESSES && others + bare + told.length <= room;
    const addresses = hasRoom ? told : NOTHING;
    const size = bare + addresses.length;
    if (others + size > ROOM) return;
    this.#size = others + size;
    const announcedAt = change.announcedAt ?? (before < 0 ? 0 : timeAt(heap, before));
    const at = this.#reserve(size);
    for (let i = 0; i < 4; i++) this.#heap[at + i] = announcedAt >>> (8 * (3 - i));
    let end = this.#write(at, 0, features, at + ENTRY_HEADER);
    end = this.#write(at, 1, addresses, end);
    this.#write(at, 2, alias, end);
    this.#starts[node] = at + 1;
  }

  #write(entry: number, index: number, part: Uint8Array, at: number): number {
    this.#heap[entry + 4 + 2 * index] = part.length >>> 8;
    this.#heap[entry + 5 + 2 * index] = part.length;
    this.#heap.set(part, at);
    return at + part.length;
  }

  /** @returns where so many bytes may be written */
  #reserve(size: number): number {
    const at = this.#used;
    this.#used += size;
    if (this.#used > this.#heap.length) {
      const larger = new Uint8Array(Math.max(this.#used, 2 * this.#heap.length, FIRST_HEAP));
      larger.set(this.#heap);
      this.#heap = larger;
    }
    return at;
  }

  *done(nodeCount: number): Generator<undefined, NodeDetails> {
    if (this.#used === 0) return this.#from;
    return yield* assembled(nodeCount, { starts: this.#starts, heap: this.#heap }, this.#from);
  }
}

const FIRST_HEAP = 1_024;
