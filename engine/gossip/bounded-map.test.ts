import { expect, it } from 'vitest';
import { nodeId, type NodeId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { ranOut } from '../base/slices.ts';
import { timestamp } from '../base/units.ts';
import { writeSnapshot, type ToldNode } from '../testkit/snapshot-writer.ts';
import { madeUpNode, toldNetwork } from '../testkit/told-network.ts';
import { applyInSlices, applySnapshot, MAP_LIMITS } from './apply-snapshot.ts';
import { closedNodes } from './closed-nodes.ts';
import { emptyGraph, nodeIdAt, nodeIndexOf, scidAt, type Graph } from './graph.ts';
import { nodeDetailAt } from './graph/node-details.ts';
import { pruneStale } from './prune.ts';

const { genesisHash: chainHash } = NETWORKS.mainnet;
const AT = 1_770_076_800;

function applied(bytes: Uint8Array, graph = emptyGraph(chainHash)): Graph {
  const result = applySnapshot(graph, bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const renamed = (id: NodeId, seed: number): NodeId => nodeId(`${id.slice(0, 64)}0${seed}`);

const nodesFrom = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: madeUpNode(from + i), defaultFeatures: 1 }));

it('a set of features that thousands of nodes share does not grow a thousandfold', () => {
  const bytes = writeSnapshot({
    version: 2,
    chainHash,
    at: AT,
    channels: [],
    policies: [],
    nodes: nodesFrom(0, 1_000),
    // Bit 524,278 of them must be known.
    defaultFeatures: [Uint8Array.of(0x40, ...new Uint8Array(65_533), 0x02)],
  });
  const { details } = applied(bytes);
  expect(details.heap.length).toBeLessThan(bytes.length);
  const features = nodeDetailAt(details, 7)?.features ?? new Uint8Array();
  expect([features.length, features[63]]).toEqual([64, 2]);
  expect(ranOut(closedNodes(applied(bytes))).size).toBe(1_000);
});

it('nodes are forgotten with the last of their channels, and those who stay keep what they said', () => {
  const told = (seed: number, at: number, nodes: readonly ToldNode[]) => {
    const { channels, policies } = toldNetwork(seed, 10, 2);
    const moved = <T extends { readonly scid: bigint }>(all: readonly T[]): T[] =>
      all.map((one) => ({ ...one, scid: one.scid + (BigInt(seed) << 50n) }));
    const named = moved(channels).map((channel) => ({
      ...channel,
      nodeA: renamed(channel.nodeA, seed),
      nodeB: renamed(channel.nodeB, seed),
    }));
    return writeSnapshot({ version: 2, chainHash, at, channels: named, policies: moved(policies), nodes });
  };
  // Snapshots are dated back by a week.
  const later = AT + 10 * 86_400;
  const kept = renamed(madeUpNode(0), 2);
  let graph = applied(
    told(
      1,
      AT,
      nodesFrom(5_000, 50).map(({ id }) => ({ id, features: Uint8Array.of(2) })),
    ),
  );
  graph = applied(told(2, later, [{ id: kept, features: Uint8Array.of(8) }]), graph);
  const pruned = pruneStale(graph, timestamp(later));
  expect([graph.nodes.count, pruned.nodes.count]).toEqual([70, 10]);
  expect(nodeDetailAt(pruned.details, nodeIndexOf(pruned, kept))?.features).toEqual(Uint8Array.of(8));
  // As if the first had never been.
  const alone = applied(told(2, later, [{ id: kept, features: Uint8Array.of(8) }]));
  const endsOf = (of: Graph) =>
    Array.from({ length: of.channels.count }, (_, i) => [
      scidAt(of, i),
      nodeIdAt(of, of.channels.nodeA[i] ?? 0),
      nodeIdAt(of, of.channels.nodeB[i] ?? 0),
    ]);
  expect(endsOf(pruned)).toEqual(endsOf(alone));
  for (let node = 0; node < pruned.nodes.count; node++)
    expect(nodeIndexOf(pruned, nodeIdAt(pruned, node))).toBe(node);
});

/** Many at once: written node by node as the others are, they take longer than the reading that is looked at. */
function crowd(from: number): Uint8Array {
  const empty = writeSnapshot({ version: 1, chainHash, at: AT, channels: [], policies: [] });
  const bytes = new Uint8Array(empty.length + CROWD * 33);
  const view = new DataView(bytes.buffer);
  // What every snapshot begins with, then how many nodes, then the nodes.
  bytes.set(empty);
  view.setUint32(COUNT_AT, CROWD);
  for (let i = 0; i < CROWD; i++) {
    const at = COUNT_AT + 4 + i * 33;
    bytes[at] = 2;
    view.setUint32(at + 1, Math.imul(from + i, 0x9e37_79b1));
    view.setUint32(at + 5, from + i);
  }
  return bytes;
}
const COUNT_AT = 40;
const CROWD = 120_000;

it('has room for ten times the nodes of the network, however many snapshots tell of them', () => {
  const first = applied(crowd(0));
  expect(first.nodes.count).toBe(CROWD);
  expect(applySnapshot(first, crowd(0)).ok).toBe(true);
  expect(applySnapshot(first, crowd(CROWD))).toMatchObject({ error: { detail: 'too-many' } });
  // A wallet keeps less.
  const kept = ranOut(applyInSlices(emptyGraph(chainHash), crowd(0), null, MAP_LIMITS));
  expect(kept).toMatchObject({ error: { detail: 'too-many' } });
});
