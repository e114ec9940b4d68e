import type { OutPoint, Point } from '../base/ids.ts';
import { weight, type Sat, type Weight } from '../base/units.ts';
import { LOW_R_WITNESS_LENGTH } from '../bitcoin/signature.ts';
import { witnessSize, type TxOutput } from '../bitcoin/tx.ts';
import type { Lock } from './format.ts';

/** Which secret of the channel signs a claim. */
export type ClaimKey =
  | { readonly tag: 'payment' }
  | { readonly tag: 'delayed' | 'htlc'; readonly perCommitmentPoint: Point }
  | {
      readonly tag: 'revocation';
      readonly perCommitmentSecret: Uint8Array;
      readonly perCommitmentPoint: Point;
    }
  | { readonly tag: 'funding'; readonly keyIndex: number };

export type ClaimKind =
  /** Our to_local after its delay. */
  | 'local-delayed'
  /** Our to_remote in the peer's commitment. */
  | 'remote-main'
  /** HTLC-success and HTLC-timeout: the input of a fixed transaction, see `pairedOutput`. */
  | 'htlc-success'
  | 'htlc-timeout'
  /** An HTLC output of the peer's commitment. */
  | 'claim-htlc-success'
  | 'claim-htlc-timeout'
  /** The output of our HTLC transaction after its delay. */
  | 'htlc-delayed'
  | 'main-penalty'
  | 'htlc-penalty'
  | 'htlc-delayed-penalty'
  | 'anchor';

/** An output that we can spend, and all that the spending input needs. Plain data. */
export type Claim = {
  readonly kind: ClaimKind;
  readonly outPoint: OutPoint;
  readonly amount: Sat;
  /** scriptPubKey of the output: for watching it. */
  readonly script: Uint8Array;
  readonly lock: Lock;
  /** nVersion of the transaction, which matters while the parent is not confirmed. */
  readonly version: number;
  /** nSequence that the input must have: relative locks. */
  readonly sequence: number;
  /** nLockTime that the transaction must have at least: a block height, 0 for none. */
  readonly lockTime: number;
  readonly key: ClaimKey;
  /** The witness stack is `before`, our signature, `after`, and what the lock adds. */
  readonly before: readonly Uint8Array[];
  readonly after: readonly Uint8Array[];
  /** The id of the HTLC in its direction, for claims of HTLC outputs. */
  readonly htlc?: { readonly direction: 'incoming' | 'outgoing'; readonly id: bigint };
  /**
   * HTLC-success and HTLC-timeout: the output at the same index as the input, which the peer's signature demands. With
   * anchors, inputs and outputs may be added behind; without, the transaction is this input and this output.
   */
  readonly pairedOutput?: TxOutput;
};

/** The input of an HTLC transaction that others pay the fee of: with inputs and change behind. */
export const needsFeeInputs = ({ pairedOutput, amount }: Claim): boolean => pairedOutput?.amount === amount;

/** The input of an HTLC transaction that holds its own fee: signed by both, it can only be published as it is. */
export const isComplete = (claim: Claim): boolean =>
  claim.pairedOutput !== undefined && !needsFeeInputs(claim);

/** Replaceable, and lock times count. */
export const NO_RELATIVE_LOCK = 0xffff_fffd;

/** What stands behind our signature in the witness. */
export const unlocking = (claim: Claim): readonly Uint8Array[] => [
  ...claim.after,
  claim.lock.tag === 'p2wpkh' ? claim.lock.publicKey : claim.lock.witnessScript,
];

/** Outpoint, empty scriptSig and sequence, 4 weight units a byte. */
const INPUT_WEIGHT = 4 * 41;
const SIGNATURE = new Uint8Array(LOW_R_WITNESS_LENGTH);

/**
 * Of the whole signed input. Exact but for the one signature in 256 that is a byte shorter: ours have low R, and the
 * peer's is known.
 */
export const claimWeight = (claim: Claim): Weight =>
  weight(INPUT_WEIGHT + witnessSize([...claim.before, SIGNATURE, ...unlocking(claim)]));
