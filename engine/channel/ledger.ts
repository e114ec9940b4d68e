import type { Point } from '../base/ids.ts';
import type { FeeratePerKw, Msat } from '../base/units.ts';
import type { Htlc } from '../commitment/spec.ts';
import type { HtlcOrigin } from './htlc.ts';

/**
 * How far an update has come, counted from whoever proposed it (for an HTLC: whoever offered it). The proposer signs
 * it into the other side's commitment first:
 *
 * 0 proposed · 1 signed into the receiver's commitment · 2 the receiver revoked the one without it · 3 signed into the
 * proposer's commitment · 4 the proposer revoked: irrevocably committed · 5 removal proposed by the receiver · 6 signed
 * out of the proposer's commitment · 7 the proposer revoked · 8 signed out of the receiver's commitment · then the
 * receiver revokes, and it is gone.
 *
 * We revoke in the same step in which we are signed to, so on disk an outgoing HTLC is never at 3 or 6, and an
 * incoming one never at 1 or 8. What the peer proposed and did not sign is not on disk either: no incoming HTLC at 0,
 * no outgoing one at 5.
 */
export type UpdateStep = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** How an HTLC is taken out, by whoever received it. */
export type Removal =
  | { readonly tag: 'fulfill'; readonly preimage: Uint8Array; readonly attributionData?: Uint8Array }
  | { readonly tag: 'fail'; readonly reason: Uint8Array; readonly attributionData?: Uint8Array }
  | { readonly tag: 'malformed'; readonly onionHash: Uint8Array; readonly failureCode: number };

/** What update_add_htlc said. Immutable: its own record on disk, written once. */
export type Add = Htlc & {
  readonly onion: Uint8Array;
  readonly pathKey?: Uint8Array;
  /** Outgoing only. */
  readonly origin?: HtlcOrigin;
  /** Incoming only, bLIP 25. */
  readonly skimmedFee?: Msat;
};

export type LiveHtlc = {
  readonly add: Add;
  readonly step: UpdateStep;
  readonly removal: Removal | null;
};

/** A fee rate on its way through the steps 0 to 4. */
export type FeeUpdate = { readonly feerate: FeeratePerKw; readonly step: UpdateStep };

/**
 * What all commitment transactions are made from. Both sides' latest and the peer's previous one are views of it (see
 * view.ts): there is no second copy that could disagree.
 */
export type Ledger = {
  /** Balances as if no HTLC was there: what is in flight still counts for who offered it. Before fees. */
  readonly local: Msat;
  readonly remote: Msat;
  readonly outgoing: ReadonlyMap<bigint, LiveHtlc>;
  readonly incoming: ReadonlyMap<bigint, LiveHtlc>;
  readonly nextOutgoingId: bigint;
  readonly nextIncomingId: bigint;
  /** The fee rate that both sides are committed to. */
  readonly feerate: FeeratePerKw;
  /** Newer ones, in the order proposed. */
  readonly feeUpdates: readonly FeeUpdate[];
  /** Number of our latest commitment: the one before is revoked. */
  readonly localNumber: number;
  /** Number of the peer's latest commitment that it has not revoked. */
  readonly remoteNumber: number;
  /** Our commitment_signed for `remoteNumber` + 1 awaits its revoke_and_ack. */
  readonly unacked: {
    /** Our `localNumber` when we signed: tells whether it left before or after our last revoke_and_ack. */
    readonly sentAtLocalNumber: number;
  } | null;
  /** The peer's per-commitment points of `remoteNumber` and of the one after it, once known. */
  readonly remotePoint: Point;
  readonly remoteNextPoint: Point | null;
};
