import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NETWORKS } from '../../engine/base/network.ts';
import { timestamp } from '../../engine/base/units.ts';
import { applyInSlices } from '../../engine/gossip/apply-snapshot.ts';
import { emptyGraph } from '../../engine/gossip/graph.ts';
import { routeViewInSlices } from '../../engine/routing/view.ts';
import { unwrapOk } from '../node/unwrap.ts';
import { SNAPSHOT_AT } from './network.ts';

/** JavaScript's heap, with what is garbage by now, and what stands beside it: typed arrays, and WebAssembly's memory. */
function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function collect(): void {
  setFlagsFromString('--expose-gc');
  const run: unknown = runInNewContext('gc');
  if (typeof run !== 'function') throw new Error('no collector');
  // The bytes of typed arrays are given back beside, and counted until the collector runs again.
  for (let times = 0; times < 3; times++) run();
}

/**
 * Bytes that running it takes at the most, beyond what was there before; it is looked at after each slice. What is
 * garbage by then counts, what was garbage before does not.
 */
export function peakOf(slices: Iterable<unknown>): number {
  collect();
  const before = held();
  let most = before;
  for (const _ of slices) most = Math.max(most, held());
  return Math.max(most, held()) - before;
}

/** A full snapshot put on the map, and the map laid out for searches. */
export function* leydenApplies(bytes: Uint8Array): Generator<undefined, void> {
  const graph = unwrapOk(
    yield* applyInSlices(emptyGraph(NETWORKS.mainnet.genesisHash), bytes, timestamp(SNAPSHOT_AT)),
  );
  yield;
  const view = yield* routeViewInSlices(graph);
  yield;
  if (view.nodeCount === 0) throw new Error('an empty map');
}
