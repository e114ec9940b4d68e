import type { Point } from '../base/ids.ts';
import type { BlockDelta, BlockHeight, FeeratePerKw, Sat } from '../base/units.ts';
import type { SighashType } from '../bitcoin/sighash-type.ts';
import type { CommitmentKeys } from './keys.ts';
import type { FormatId } from './params.ts';

/** How an output is locked, as its spender must know it. */
export type Lock =
  | { readonly tag: 'p2wpkh'; readonly publicKey: Point }
  | { readonly tag: 'p2wsh'; readonly witnessScript: Uint8Array };

/** An output's scriptPubKey and what is behind it. */
export type LockedOutput = { readonly script: Uint8Array; readonly lock: Lock };

/** `offered` and `received` as the owner of the commitment sees it. */
export type HtlcKind = 'offered' | 'received';

export type HtlcTerms = {
  readonly kind: HtlcKind;
  /** 32 bytes. */
  readonly paymentHash: Uint8Array;
  readonly cltvExpiry: BlockHeight;
};

export type AnchorOutput = LockedOutput & {
  readonly whose: 'owner' | 'other' | 'anyone';
  readonly amount: Sat;
};

/** What decides which anchors a commitment has. */
export type AnchorTerms = {
  readonly hasOwnerOutput: boolean;
  readonly hasOtherOutput: boolean;
  readonly hasHtlcs: boolean;
  /** What goes to no output and is not the fee of the formula: dust, and fractions of a satoshi. */
  readonly unclaimed: Sat;
  readonly ownerFundingKey: Point;
  readonly otherFundingKey: Point;
};

/** BOLT 3 for one option: every way in which formats differ. Another format is another file that gives one of these. */
export type CommitmentFormat = {
  readonly id: FormatId;
  /** nVersion of commitment and HTLC transactions. */
  readonly version: number;
  /** Taken from the opener beside the fee. */
  readonly anchorCost: Sat;
  /** How the other side signs the owner's HTLC transactions. */
  readonly htlcSighash: SighashType;
  /** nSequence of HTLC transactions, and of what spends HTLC outputs directly. */
  readonly htlcSequence: number;
  /** nSequence of what spends the other side's main output. */
  readonly otherOutputSequence: number;
  /** BOLT 3 §Fees: what the opener pays for a commitment with this many untrimmed HTLCs. */
  readonly commitmentFee: (feerate: FeeratePerKw, htlcOutputs: number) => Sat;
  /** What HTLC-timeout (of an offered HTLC) and HTLC-success (of a received one) leave to the miner. */
  readonly htlcFee: (feerate: FeeratePerKw, kind: HtlcKind) => Sat;
  /** to_local, and the output of HTLC transactions: the owner's, after `delay`, or by revocation. */
  readonly delayedOutput: (keys: CommitmentKeys, delay: BlockDelta) => LockedOutput;
  /** to_remote. */
  readonly otherOutput: (keys: Pick<CommitmentKeys, 'otherPayment'>) => LockedOutput;
  /** In two steps, so that what all HTLCs of a commitment share is computed once. */
  readonly htlcOutput: (keys: CommitmentKeys) => (htlc: HtlcTerms) => LockedOutput;
  readonly anchors: (terms: AnchorTerms) => readonly AnchorOutput[];
};
