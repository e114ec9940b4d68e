import { FEATURES } from '../wire/feature-table.ts';
import { bitsOf } from '../wire/features.ts';
import type { Graph } from './graph.ts';
import { nodeDetailAt, type NodeDetails } from './graph/node-details.ts';

const KNOWN: ReadonlySet<number> = new Set(Object.values(FEATURES).map(({ bit }) => bit));

const cache = new WeakMap<NodeDetails, ReadonlySet<number>>();

/**
 * Indices of the nodes that say they work by rules that BOLT 9 does not have yet.
 * BOLT 7 §node_announcement: "if `features` field contains _unknown even bits_: […] MUST NOT route a payment _through_
 * the node."
 */
export function closedNodes({ details }: Graph): ReadonlySet<number> {
  const known = cache.get(details);
  if (known !== undefined) return known;
  const closed = new Set<number>();
  for (let node = 0; node < details.starts.length; node++) {
    const features = nodeDetailAt(details, node)?.features ?? NONE;
    if (bitsOf(features).some((bit) => bit % 2 === 0 && !KNOWN.has(bit))) closed.add(node);
  }
  cache.set(details, closed);
  return closed;
}

const NONE = new Uint8Array(0);
