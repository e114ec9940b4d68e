import type { Snapshots, Topic } from '../engine/node/api.ts';
import type { NetworkServers } from '../engine/node/service-api.ts';

/** What the page's operator or its owner calls these peers: before what they call themselves, which may be anything. */
export function withAliases<T extends Topic>(
  topic: T,
  snapshot: Snapshots[T],
  peers: NetworkServers['peers'],
): Snapshots[T] {
  const names = new Map(peers.map(({ nodeId, alias }) => [nodeId, alias]));
  const nameOf = (alias: string | null, nodeId: string): string | null => names.get(nodeId) ?? alias;
  const named: { readonly [K in Topic]?: (given: Snapshots[K]) => Snapshots[K] } = {
    channels: (channels) =>
      channels.map((channel) => ({
        ...channel,
        peerAlias: nameOf(channel.peerAlias, channel.peerNodeId),
      })),
    backup: (backup) => ({
      ...backup,
      peers: backup.peers.map((peer) => ({ ...peer, alias: nameOf(peer.alias, peer.nodeId) })),
    }),
    peers: (all) => all.map((peer) => ({ ...peer, alias: nameOf(peer.alias, peer.nodeId) })),
  };
  return named[topic]?.(snapshot) ?? snapshot;
}
