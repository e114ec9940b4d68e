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
};

const NOTHING: NodeDetail = {
  features: new Uint8Array(0),
  addresses: new Uint8Array(0),
  alias: new Uint8Array(0),
};

/** An entry: three lengths of two bytes, big-endian, and what they count. */
export function nodeDetailAt({ starts, heap }: NodeDetails, node: number): NodeDetail | null {
  const start = starts[node] ?? 0;
  if (start === 0) return null;
  let at = start - 1 + 6;
  const part = (index: number): Uint8Array => {
    const length = ((heap[start - 1 + 2 * index] ?? 0) << 8) | (heap[start + 2 * index] ?? 0);
    at += length;
    return heap.slice(at - length, at);
  };
  return { features: part(0), addresses: part(1), alias: part(2) };
}

/** A copy that entries can be put into. */
export class NodeDetailsBuilder {
  readonly #from: NodeDetails;
  readonly #changed = new Map<number, NodeDetail>();

  constructor(from: NodeDetails) {
    this.#from = from;
  }

  /** Each part at most 65,535 bytes. */
  put(node: number, change: Partial<NodeDetail>): void {
    const before = this.#changed.get(node) ?? nodeDetailAt(this.#from, node) ?? NOTHING;
    this.#changed.set(node, { ...before, ...change });
  }

  done(nodeCount: number): NodeDetails {
    if (this.#changed.size === 0) return this.#from;
    const all = new Map(this.#changed);
    for (let node = 0; node < this.#from.starts.length; node++) {
      const kept = all.has(node) ? null : nodeDetailAt(this.#from, node);
      if (kept !== null) all.set(node, kept);
    }
    let size = 0;
    for (const { features, addresses, alias } of all.values())
      size += 6 + features.length + addresses.length + alias.length;
    const starts = new Uint32Array(nodeCount);
    const heap = new Uint8Array(size);
    let at = 0;
    for (const [node, { features, addresses, alias }] of all) {
      starts[node] = at + 1;
      const parts = [features, addresses, alias];
      for (const { length } of parts) {
        heap[at++] = length >>> 8;
        heap[at++] = length & 0xff;
      }
      for (const part of parts) {
        heap.set(part, at);
        at += part.length;
      }
    }
    return { starts, heap };
  }
}
