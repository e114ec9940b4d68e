import type { Bitcoind } from '../../world/bitcoind.ts';
import { LdkPeer } from '../../world/ldk/ldk-peer.ts';
import { DEFAULT_LSP_TERMS, type LspTerms } from '../../world/ldk/lsp-settings.ts';
import type { RealPeer, TellingPeer } from '../../world/real-peer.ts';

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
  /** Forwards payments to private channels of its own. */
  readonly forwards?: boolean;
  /** Takes channels that are used before the chain confirms them from this node. */
  readonly takesUnconfirmedFrom?: string;
  /** Asks for channels to be used before the chain confirms them. */
  readonly opensUnconfirmed?: boolean;
  /** Sells channels. */
  readonly lsp?: LspTerms;
};

/** What the scenarios of this folder ask of a peer. */
export type PeerUnderTest = TellingPeer;

export type PeerKind<P extends RealPeer = PeerUnderTest> = {
  readonly name: string;
  /**
   * It has a channel after so many blocks, and takes what comes with six at once out of order: as blocks never come but
   * here, they are mined in two steps.
   */
  readonly readyAfter?: number;
  readonly start: (chain: Bitcoind, wishes: PeerWishes) => Promise<P>;
};

export const startLdk = (
  chain: Bitcoind,
  { takesUnconfirmedFrom, opensUnconfirmed: _not, forwards = false, ...wishes }: PeerWishes,
): Promise<LdkPeer> =>
  LdkPeer.start(chain, {
    ...wishes,
    ...(forwards ? { lsp: DEFAULT_LSP_TERMS } : {}),
    ...(takesUnconfirmedFrom === undefined ? {} : { inbound: 'trust-unconfirmed' }),
  });

/** Who tells of itself as these scenarios need it. Those for every implementation: e2e/interop. */
export const PEER_KINDS: readonly PeerKind[] = [{ name: 'LDK', start: startLdk }];
