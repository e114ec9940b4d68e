import type { Wallet } from './wallet.svelte.ts';

type Known = Pick<Wallet, 'channels' | 'peers'>;

/** What a node is called, `told` of the map or by its own; who is on no map may be a peer that we know by a name. */
export const nodeName = (
  { channels, peers }: Known,
  nodeId: string,
  told: string | null = null,
): string | null =>
  [
    told,
    peers?.find((peer) => peer.nodeId === nodeId)?.alias,
    channels?.find(({ peerNodeId }) => peerNodeId === nodeId)?.peerAlias,
  ].find((name) => (name ?? '').trim() !== '') ?? null;
