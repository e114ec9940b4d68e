import type { NodeId } from '../base/ids.ts';
import { nodeId } from '../base/ids.ts';
import type { ToldChannel, ToldPolicy } from './snapshot-writer.ts';

/** Numbers that look random and are the same each time (mulberry32). */
export function drawer(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Looks like a node id; not a point of the curve. */
export const madeUpNode = (index: number): NodeId =>
  nodeId(
    `0${2 + (index % 2)}${(Math.imul(index + 1, 0x9e37_79b1) >>> 0).toString(16).padStart(8, '0').repeat(8)}`,
  );

export type ToldNetwork = {
  readonly nodes: readonly NodeId[];
  readonly channels: readonly ToldChannel[];
  readonly policies: readonly ToldPolicy[];
};

/**
 * A network that grows as the real one does: who comes later opens channels to those who have many. Capacities and
 * fees are drawn over several orders of magnitude.
 */
export function toldNetwork(seed: number, nodeCount: number, channelsPerNode: number): ToldNetwork {
  const draw = drawer(seed);
  const nodes = Array.from({ length: nodeCount }, (_, index) => madeUpNode(index));
  const ends: number[] = [0];
  const channels: ToldChannel[] = [];
  const policies: ToldPolicy[] = [];
  let block = 500_000;
  for (let from = 1; from < nodeCount; from++) {
    const wanted = 1 + Math.floor(draw() * 2 * channelsPerNode);
    for (let i = 0; i < wanted; i++) {
      const to = ends[Math.floor(draw() * ends.length)] ?? 0;
      if (to === from) continue;
      ends.push(to, from);
      block += 1 + Math.floor(draw() * 3);
      const scid = (BigInt(block) << 40n) | (BigInt(Math.floor(draw() * 2_000)) << 16n) | BigInt(i % 3);
      const capacity = BigInt(Math.floor(20_000 * 10 ** (draw() * 4)));
      const [a, b] = (nodes[from] ?? '') < (nodes[to] ?? '') ? [from, to] : [to, from];
      channels.push({ scid, nodeA: nodes[a] ?? madeUpNode(a), nodeB: nodes[b] ?? madeUpNode(b), capacity });
      for (const direction of [0, 1] as const)
        policies.push({
          scid,
          direction,
          disabled: draw() < 0.05,
          cltvDelta: draw() < 0.5 ? 40 : 18 + Math.floor(draw() * 130),
          htlcMinimum: draw() < 0.7 ? 1_000n : BigInt(Math.floor(10 ** (draw() * 6))),
          feeBase: draw() < 0.5 ? 0 : Math.floor(draw() * 2_000),
          feeProportionalMillionths: Math.floor(10 ** (draw() * 3.5)),
          htlcMaximum: capacity * (draw() < 0.5 ? 990n : 500n),
        });
    }
  }
  return { nodes, channels, policies };
}
