import { expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { toldNetwork } from '../testkit/told-network.ts';
import { applySnapshot } from './apply-snapshot.ts';
import { channelsOfNode } from './channels-of-node.ts';
import { emptyGraph } from './graph.ts';

it('finds what a walk over all channels finds, told of or not', () => {
  const { genesisHash: chainHash } = NETWORKS.regtest;
  const { channels, policies } = toldNetwork(4, 40, 3);
  // Of every third channel nothing was told, of every third one direction.
  const told = policies.filter((_, index) => index % 3 === 0);
  const bytes = writeSnapshot({
    version: 2,
    chainHash,
    at: 1_770_000_000,
    nodes: [],
    channels,
    policies: told,
  });
  const applied = applySnapshot(emptyGraph(chainHash), bytes);
  if (!applied.ok) throw new Error(applied.error.code);
  const graph = applied.value;
  for (let node = 0; node < graph.nodes.count; node++) {
    const walked: number[] = [];
    for (let channel = 0; channel < graph.channels.count; channel++)
      if (graph.channels.nodeA[channel] === node || graph.channels.nodeB[channel] === node)
        walked.push(channel);
    expect([...channelsOfNode(graph, node)]).toEqual(walked);
  }
  expect(channelsOfNode(graph, graph.nodes.count)).toHaveLength(0);
});
