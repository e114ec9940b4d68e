import { FEATURES } from '../wire/feature-table.ts';
import type { Graph } from './graph.ts';
import { featuresEnd, featuresStart, type NodeDetails } from './graph/node-details.ts';

const EVEN_BITS = 0x55;

/** The even bits that nobody knows, of each byte from the last on; all of them beyond its end. */
const UNKNOWN = new Uint8Array(64).fill(EVEN_BITS);
for (const { bit } of Object.values(FEATURES))
  UNKNOWN[bit >> 3] = (UNKNOWN[bit >> 3] ?? EVEN_BITS) & ~(1 << (bit & 7));

/** Nodes between two moments in which others are served. */
const SLICE = 1_024;

const cache = new WeakMap<NodeDetails, ReadonlySet<number>>();

/**
 * Indices of the nodes that say they work by rules that BOLT 9 does not have yet. Gives way now and then.
 * BOLT 7 §node_announcement: "if `features` field contains _unknown even bits_: […] MUST NOT route a payment _through_
 * the node."
 */
export function* closedNodes({ details }: Graph): Generator<undefined, ReadonlySet<number>> {
  const known = cache.get(details);
  if (known !== undefined) return known;
  const closed = new Set<number>();
  for (let node = 0; node < details.starts.length; node++) {
    if (node % SLICE === SLICE - 1) yield;
    const end = featuresEnd(details, node);
    for (let at = featuresStart(details, node); at < end; at++)
      if (((details.heap[at] ?? 0) & (UNKNOWN[end - 1 - at] ?? EVEN_BITS)) !== 0) {
        closed.add(node);
        break;
      }
  }
  cache.set(details, closed);
  return closed;
}
