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

const NOTHING: NodeDetail = {
  features: new Uint8Array(0),
  addresses: new Uint8Array(0),
  alias: new Uint8Array(0),
  announcedAt: 0,
};

/** An entry, big-endian: four bytes of time, three lengths of two bytes, and what they count. */
const ENTRY_HEADER = 4 + 2 * 3;

/** Nodes between two moments in which others are served. */
const SLICE = 1_024;

const u16At = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

export function nodeDetailAt({ starts, heap }: NodeDetails, node: number): NodeDetail | null {
  const start = (starts[node] ?? 0) - 1;
  if (start < 0) return null;
  let at = start + ENTRY_HEADER;
  const part = (index: number): Uint8Array => {
    const length = u16At(heap, start + 4 + 2 * index);
    at += length;
    return heap.slice(at - length, at);
  };
  const announcedAt = u16At(heap, start) * 0x1_0000 + u16At(heap, start + 2);
  return { features: part(0), addresses: part(1), alias: part(2), announcedAt };
}

/** Where its features stand in the heap; nowhere for a node of which nothing is known. */
export function featuresAt(
  { starts, heap }: NodeDetails,
  node: number,
): { readonly heap: Uint8Array; readonly start: number; readonly end: number } {
  const entry = starts[node] ?? 0;
  if (entry === 0) return { heap, start: 0, end: 0 };
  const start = entry - 1 + ENTRY_HEADER;
  return { heap, start, end: Math.min(heap.length, start + u16At(heap, entry - 1 + 4)) };
}

/** The bytes of the entry that begins at `start`; cut off where the heap ends. */
function entryFrom(heap: Uint8Array, start: number): Uint8Array {
  const length = ENTRY_HEADER + u16At(heap, start + 4) + u16At(heap, start + 6) + u16At(heap, start + 8);
  return heap.subarray(start, start + length);
}

function entryOf({ features, addresses, alias, announcedAt }: NodeDetail): Uint8Array {
  const parts = [features, addresses, alias];
  const entry = new Uint8Array(parts.reduce((sum, { length }) => sum + length, ENTRY_HEADER));
  const view = new DataView(entry.buffer);
  view.setUint32(0, announcedAt);
  let at = ENTRY_HEADER;
  for (const [index, part] of parts.entries()) {
    view.setUint16(4 + 2 * index, part.length);
    entry.set(part, at);
    at += part.length;
  }
  return entry;
}

/** BOLT 9 has no bit beyond 300; what some programs try stands up to 512. */
const MOST_FEATURES = 64;
/** A dozen onion addresses. */
const MOST_ADDRESSES = 512;
/** The highest even bit that is kept: stands for what must be known, and was cut off. */
const CUT_OFF = 0x40;
const EVEN_BITS = 0x55;

/** The bits that are kept: a snapshot may give each node 65,535 bytes of them, which it need say only once. */
function boundedFeatures(features: Uint8Array): Uint8Array {
  if (features.length <= MOST_FEATURES) return features;
  const kept = features.slice(-MOST_FEATURES);
  if (features.subarray(0, -MOST_FEATURES).some((byte) => (byte & EVEN_BITS) !== 0))
    kept[0] = (kept[0] ?? 0) | CUT_OFF;
  return kept;
}

/** Entries one behind the other, for the nodes 0 to `count`. Gives way now and then. */
function* assembled(
  count: number,
  entryAt: (node: number) => Uint8Array | undefined,
): Generator<undefined, NodeDetails> {
  const entries: (Uint8Array | undefined)[] = [];
  let size = 0;
  for (let node = 0; node < count; node++) {
    const entry = entryAt(node);
    entries.push(entry);
    size += entry?.length ?? 0;
    if (node % SLICE === SLICE - 1) yield;
  }
  const starts = new Uint32Array(count);
  const heap = new Uint8Array(size);
  let at = 0;
  for (const [node, entry] of entries.entries()) {
    if (node % SLICE === SLICE - 1) yield;
    if (entry === undefined) continue;
    starts[node] = at + 1;
    heap.set(entry, at);
    at += entry.length;
  }
  return { starts, heap };
}

function entryAt({ starts, heap }: NodeDetails, node: number): Uint8Array | undefined {
  const start = (starts[node] ?? 0) - 1;
  return start < 0 ? undefined : entryFrom(heap, start);
}

/** Of the nodes `kept` alone, which are numbered in that order. */
export const keepDetails = (from: NodeDetails, kept: Uint32Array): Generator<undefined, NodeDetails> =>
  assembled(kept.length, (node) => entryAt(from, kept[node] ?? 0));

/** A copy that entries can be put into. */
export class NodeDetailsBuilder {
  readonly #from: NodeDetails;
  readonly #changed = new Map<number, NodeDetail>();

  constructor(from: NodeDetails) {
    this.#from = from;
  }

  /** Features are cut to what is kept of them; too many addresses are none. */
  put(node: number, change: Partial<NodeDetail>): void {
    const next = {
      ...(this.#changed.get(node) ?? nodeDetailAt(this.#from, node) ?? NOTHING),
      ...change,
    };
    this.#changed.set(node, {
      ...next,
      features: boundedFeatures(next.features),
      addresses: next.addresses.length <= MOST_ADDRESSES ? next.addresses : NOTHING.addresses,
    });
  }

  *done(nodeCount: number): Generator<undefined, NodeDetails> {
    if (this.#changed.size === 0) return this.#from;
    return yield* assembled(nodeCount, (node) => {
      const changed = this.#changed.get(node);
      return changed !== undefined ? entryOf(changed) : entryAt(this.#from, node);
    });
  }
}
