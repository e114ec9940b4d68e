import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { NETWORKS } from '../base/network.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { madeUpNode, toldNetwork } from '../testkit/told-network.ts';
import { applySnapshot } from './apply-snapshot.ts';
import { decodeGraph, encodeGraph } from './graph-record.ts';
import { emptyGraph, nodeIndexOf, type Graph } from './graph.ts';
import { nodeDetailAt } from './graph/node-details.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;

const graphOf = (seed: number, size: number): Graph => {
  const { channels, policies } = toldNetwork(seed, size, 2);
  const nodes = [{ id: madeUpNode(1), features: fromHex('0102'), addresses: [fromHex('017f0000010001')] }];
  const bytes = writeSnapshot({ version: 2, chainHash, at: 1_770_076_800, nodes, channels, policies });
  const graph = applySnapshot(emptyGraph(chainHash), bytes);
  if (!graph.ok) throw new Error(graph.error.code);
  return graph.value;
};

/** Without the room behind, of which a kept graph has none. */
const plain = (graph: Graph): unknown => {
  const { count } = graph.channels;
  const cut = (columns: object, length: number): unknown =>
    Object.entries(columns).map(([name, column]) => [
      name,
      typeof column === 'number' ? column : [...(column as Uint8Array).subarray(0, length)],
    ]);
  return {
    at: [graph.snapshotAt, graph.wholeAt, graph.origin],
    channels: cut(graph.channels, count),
    policies: cut(graph.policies, 2 * count),
    keys: [...graph.nodes.keys.subarray(0, 33 * graph.nodes.count)],
    incoming: [...graph.incoming.edges],
  };
};

it('comes back as it was', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 2, max: 30 }), (seed, size) => {
      const graph = { ...graphOf(seed, size), wholeAt: seed, origin: ~seed >>> 0 };
      const back = decodeGraph(chainHash, encodeGraph(graph));
      if (!back.ok) throw new Error(back.error.code);
      expect(plain(back.value)).toEqual(plain(graph));
      const node = nodeIndexOf(back.value, madeUpNode(1));
      expect(nodeDetailAt(back.value.details, node)).toEqual(nodeDetailAt(graph.details, node));
    }),
    { numRuns: 20 },
  );
});

it('an empty one too', () => {
  expect(decodeGraph(chainHash, encodeGraph(emptyGraph(chainHash)))).toMatchObject({ ok: true });
});

it('refuses another chain, and bytes cut off anywhere', () => {
  const bytes = encodeGraph(graphOf(1, 5));
  expect(decodeGraph(NETWORKS.mainnet.genesisHash, bytes).ok).toBe(false);
  for (let length = 0; length < bytes.length; length++)
    expect(decodeGraph(chainHash, bytes.subarray(0, length)).ok).toBe(false);
});

it('refuses what an older program wrote: the map is fetched anew', () => {
  const bytes = encodeGraph(graphOf(1, 5));
  expect(bytes[0]).toBe(3);
  bytes[0] = 2;
  expect(decodeGraph(chainHash, bytes)).toEqual({ ok: false, error: { code: 'unusable' } });
});

it('whatever the disk made of it, gives a graph whose channels have ends, or refuses', () => {
  const bytes = encodeGraph(graphOf(2, 8));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1 }),
      (changes) => {
        const bad = bytes.slice();
        for (const [at, value] of changes) bad[at] = value;
        const back = decodeGraph(chainHash, bad);
        if (!back.ok) return;
        const { channels, nodes } = back.value;
        for (let channel = 0; channel < channels.count; channel++)
          expect(channels.capacity[channel]! >= 0).toBe(true);
        for (let channel = 0; channel < channels.count; channel++)
          expect(Math.max(channels.nodeA[channel]!, channels.nodeB[channel]!)).toBeLessThan(nodes.count);
      },
    ),
    { numRuns: 200 },
  );
});
