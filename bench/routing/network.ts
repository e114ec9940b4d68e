import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { NETWORKS } from '../../engine/base/network.ts';
import { applySnapshot } from '../../engine/gossip/apply-snapshot.ts';
import { emptyGraph, nodeIdAt, policyAt, scidAt } from '../../engine/gossip/graph.ts';
import { capacityOf } from '../../engine/routing/view.ts';
import { writeSnapshot } from '../../engine/testkit/snapshot-writer.ts';
import { unwrapOk } from '../node/unwrap.ts';
import { toldNetwork } from '../../engine/testkit/told-network.ts';

/** Time of the snapshots: both sides judge ages by it. */
export const SNAPSHOT_AT = 1_770_076_800;

const DATA = new URL('../../../shared/data/', import.meta.url);

export type Snapshot = { readonly name: string; readonly bytes: Uint8Array };

/** The public network of 2026-02-03 where a copy lies beside the repository, else a made-up one of its size. */
export function snapshots(): readonly Snapshot[] {
  const found = ['mainnet-2026-02-03', 'mainnet-2026-02-03.live'].flatMap((name) => {
    const file = new URL(`${name}.rgs.gz`, DATA);
    return existsSync(file) ? [{ name, bytes: new Uint8Array(gunzipSync(readFileSync(file))) }] : [];
  });
  return found.length > 0 ? found : [{ name: 'made up, 17,000 nodes', bytes: madeUp(17_000) }];
}

/** Some bits of BOLT 9, and an address of IPv4: as long as what most nodes say. */
const FEATURES = Uint8Array.of(0x08, 0x00, 0x88, 0x2a, 0x28, 0xa1);
const ADDRESS = Uint8Array.of(1, 127, 0, 0, 1, 0x26, 0x07);

/** The same network as a server of version 2 tells it: each node with features and an address, each channel with its capacity. */
export function inVersion2(bytes: Uint8Array): Uint8Array {
  const graph = unwrapOk(applySnapshot(emptyGraph(NETWORKS.mainnet.genesisHash), bytes));
  const each = <T>(count: number, of: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => of(i));
  const channels = each(graph.channels.count, (channel) => ({
    scid: scidAt(graph, channel),
    nodeA: nodeIdAt(graph, graph.channels.nodeA[channel] ?? 0),
    nodeB: nodeIdAt(graph, graph.channels.nodeB[channel] ?? 0),
    capacity: BigInt(Math.ceil(capacityOf(graph, channel) / 1000)),
  }));
  const policies = channels.flatMap(({ scid }, channel) =>
    ([0, 1] as const).flatMap((direction) => {
      const policy = policyAt(graph, channel, direction);
      return policy === null ? [] : [{ ...policy, feeBase: Number(policy.feeBase), scid, direction }];
    }),
  );
  const nodes = each(graph.nodes.count, (node) => ({
    id: nodeIdAt(graph, node),
    defaultFeatures: 1,
    addresses: [ADDRESS],
  }));
  const { chainHash, snapshotAt: at } = graph;
  return writeSnapshot({ version: 2, chainHash, at, nodes, defaultFeatures: [FEATURES], channels, policies });
}

/** A network of the same shape with so many nodes and about three channels for each. */
export function madeUp(nodes: number): Uint8Array {
  const { channels, policies } = toldNetwork(20_260_203, nodes, 3);
  return writeSnapshot({
    version: 1,
    chainHash: NETWORKS.mainnet.genesisHash,
    at: SNAPSHOT_AT,
    channels,
    policies,
  });
}
