import type { Point } from '../base/ids.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Claim } from './claim.ts';
import type { Commitment } from './commitment.ts';
import type { BothSides, CommitmentKeys } from './keys.ts';
import type { Basepoints, Funding } from './params.ts';
import type { CommitmentSignatures } from './signatures.ts';

/** Ours by its number, or the peer's by its per-commitment point. */
export type PreparedCommitment =
  | { readonly owner: 'local'; readonly number: number }
  | { readonly owner: 'remote'; readonly perCommitmentPoint: Point };

/**
 * Holds the secrets of one channel. Synchronous and deterministic. It keeps no memory of what it signed: the channel
 * machine decides what may be signed, and never asks for a revoked commitment.
 */
export type ChannelSigner = {
  readonly basepoints: Basepoints;
  readonly fundingKey: (keyIndex: number) => Point;
  /** per_commitment_point of our commitment `number` (0 is the first). */
  readonly point: (number: number) => Point;
  /** per_commitment_secret of our commitment `number`: whoever has it can take what that commitment pays us. */
  readonly releaseSecret: (number: number) => Uint8Array;
  /**
   * Derives the keys of a commitment with the secrets, faster than `commitmentKeys` can without; it remembers them, so
   * that a commitment that is built next finds them there.
   */
  readonly prepareKeys: (params: BothSides, commitment: PreparedCommitment) => CommitmentKeys;
  /** For commitment_signed, and for funding_created and funding_signed (where there are no HTLCs). */
  readonly signRemoteCommitment: (commitment: Commitment) => CommitmentSignatures;
  /** Our own commitment, ready to broadcast, with the peer's signature of it. */
  readonly signLocalCommitment: (commitment: Commitment, remoteSignature: Uint8Array) => Tx;
  /** Our half of a spend of the funding output by input `index` of `tx`: closing transactions, splices. 64 bytes. */
  readonly signFundingSpend: (tx: Tx, index: number, funding: Funding) => Uint8Array;
  /** bitcoin_signature of BOLT 7 announcement_signatures: `hash` is the double hash that it signs. 64 bytes. */
  readonly signAnnouncement: (hash: Uint8Array, keyIndex: number) => Uint8Array;
  /**
   * `tx` with the witnesses of the inputs that `claims` describe: `claims[i]` belongs to input `i`, null (or a missing
   * rest) where the input is somebody else's, such as the wallet's. Signs everything (SIGHASH_ALL).
   */
  readonly signClaims: (tx: Tx, claims: readonly (Claim | null)[]) => Tx;
};
