import type { Bitcoind } from '../../world/bitcoind.ts';
import { LdkPeer } from '../../world/ldk/ldk-peer.ts';
import type { LspTerms } from '../../world/ldk/lsp-settings.ts';
import type { RealPeer } from '../../world/real-peer.ts';

/** What scenarios ask of a peer when they start it. */
export type PeerWishes = {
  readonly alias: string;
  /** Where it keeps its state. */
  readonly folder: string;
  /** False: static_remotekey only. */
  readonly anchors?: boolean;
  readonly upfrontShutdown?: boolean;
  /** Asks for option_scid_alias when it opens. */
  readonly scidAlias?: boolean;
  readonly minimumDepth?: number;
  /** Sells channels. */
  readonly lsp?: LspTerms;
};

export type PeerUnderTest = RealPeer & {
  /** sat per 1,000 weight of its commitments; as opener it sends update_fee when it matters. */
  setFeerate(perKw: number): Promise<void>;
};

export type PeerKind = {
  readonly name: string;
  readonly start: (chain: Bitcoind, wishes: PeerWishes) => Promise<PeerUnderTest>;
};

/** Every implementation that is here. A scenario runs once with each. */
export const PEER_KINDS: readonly PeerKind[] = [
  { name: 'LDK', start: (chain, wishes) => LdkPeer.start(chain, wishes) },
];
