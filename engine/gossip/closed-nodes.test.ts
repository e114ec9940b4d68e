import { expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { NETWORKS } from '../base/network.ts';
import { ranOut } from '../base/slices.ts';
import { routeView } from '../routing/view.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { madeUpNode } from '../testkit/told-network.ts';
import { applySnapshot } from './apply-snapshot.ts';
import { closedNodes } from './closed-nodes.ts';
import { emptyGraph, nodeIdAt } from './graph.ts';

it('no way leads on from a node whose features must be known and are not; it can still be paid', () => {
  const { genesisHash: chainHash } = NETWORKS.regtest;
  const [a, b, c, d] = [1, 3, 5, 7].map(madeUpNode) as [
    ReturnType<typeof madeUpNode>,
    ReturnType<typeof madeUpNode>,
    ReturnType<typeof madeUpNode>,
    ReturnType<typeof madeUpNode>,
  ];
  const channels = [
    { scid: 1n, nodeA: a, nodeB: b },
    { scid: 2n, nodeA: b, nodeB: c },
    { scid: 3n, nodeA: c, nodeB: d },
  ];
  const policies = channels.flatMap(({ scid }) =>
    ([0, 1] as const).map((direction) => ({ scid, direction, htlcMaximum: 1_000n })),
  );
  const nodes = [
    // Bit 100, of which nobody knows; bit 101, which nobody needs to know; bit 14, which everybody knows.
    { id: b, features: fromHex('10000000000000000000000000') },
    { id: c, features: fromHex('20000000000000000000000000') },
    { id: d, features: fromHex('4000') },
  ];
  const bytes = writeSnapshot({ version: 2, chainHash, at: 1_770_000_000, channels, policies, nodes });
  const applied = applySnapshot(emptyGraph(chainHash), bytes);
  if (!applied.ok) throw new Error(applied.error.code);
  const graph = applied.value;
  expect([...ranOut(closedNodes(graph))].map((node) => nodeIdAt(graph, node))).toEqual([b]);
  const view = routeView(graph);
  const from = Array.from({ length: view.starts.at(-1) ?? 0 }, (_, row) =>
    nodeIdAt(graph, view.rows.source(row)),
  );
  expect(from.sort()).toEqual([a, c, c, d].sort());
});
