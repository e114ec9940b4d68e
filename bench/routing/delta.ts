import { nodeIdAt, scidAt, type Graph } from '../../engine/gossip/graph.ts';
import { writeSnapshot, type ToldChannel, type ToldPolicy } from '../../engine/testkit/snapshot-writer.ts';
import { drawer } from '../../engine/testkit/told-network.ts';

/** Of a day: so many of the directions changed their fees, so many of the channels are new. */
const CHANGED = 0.25;
const OPENED = 0.01;

/** What a snapshot server would tell of one more day, to those who have `graph`. */
export function delta(graph: Graph, at: number, seed: number): Uint8Array {
  const draw = drawer(seed);
  const { count } = graph.channels;
  const channels: ToldChannel[] = [];
  const policies: ToldPolicy[] = [];
  const anyNode = () => nodeIdAt(graph, Math.floor(draw() * graph.nodes.count));
  for (let channel = 0; channel < count; channel++) {
    const scid = scidAt(graph, channel);
    for (const direction of [0, 1] as const) {
      if (graph.policies.flags[2 * channel + direction] !== 1 || draw() >= CHANGED) continue;
      policies.push({
        scid,
        direction,
        incremental: true,
        feeProportionalMillionths: Math.floor(draw() * 2_000),
      });
    }
    if (draw() >= OPENED) continue;
    const opened = scid + 1n;
    const [a, b] = [anyNode(), anyNode()].toSorted();
    const next = channel + 1 < count ? scidAt(graph, channel + 1) : null;
    if (a === undefined || b === undefined || a === b || opened === next) continue;
    channels.push({ scid: opened, nodeA: a, nodeB: b });
    for (const direction of [0, 1] as const)
      policies.push({ scid: opened, direction, feeProportionalMillionths: Math.floor(draw() * 2_000) });
  }
  return writeSnapshot({ version: 1, chainHash: graph.chainHash, at, channels, policies });
}
