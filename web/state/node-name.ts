import { shortId } from '../format/short.ts';
import { ways } from '../i18n/en.ts';
import type { Wallet } from './wallet.svelte.ts';

type Known = Pick<Wallet, 'channels' | 'peers'>;

/** As the eye takes it: without case, accents, signs and spaces. */
const folded = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** What we call ourselves and the one who is paid, where a way is drawn. */
const OURS = new Set([ways.you, ways.receiver].map(folded));

/**
 * What a node is called: as a peer of ours, where the operator's word goes first, else as it calls itself on the map
 * (`told`). Anybody may take any name: one that is ours, or a peer's, is nobody else's, who then stands by the id.
 */
export function nodeName(
  { channels, peers }: Known,
  nodeId: string,
  told: string | null = null,
): string | null {
  const known = [
    ...(peers ?? []).map((peer) => [peer.nodeId, peer.alias ?? ''] as const),
    ...(channels ?? []).map((channel) => [channel.peerNodeId, channel.peerAlias ?? ''] as const),
  ].filter(([, name]) => name.trim() !== '');
  const own = known.find(([id]) => id === nodeId)?.[1];
  if (own !== undefined) return own;
  const said = folded(told ?? '');
  const isTaken = OURS.has(said) || known.some(([, name]) => folded(name) === said);
  return told === null || told.trim() === '' || isTaken ? null : told;
}

/** Who is paid, where one consents: the name is the node's own word, and the id tells two of one name apart. */
export function payeeName(known: Known, nodeId: string, told: string | null = null): string {
  const name = nodeName(known, nodeId, told);
  return name === null ? shortId(nodeId) : `${name} · ${shortId(nodeId)}`;
}
