import type { OutPoint, Point } from '../base/ids.ts';
import type { Sat, Weight } from '../base/units.ts';
import type { Lock } from './format.ts';

/** Which secret of the channel signs a claim. */
export type ClaimKey =
  | { readonly tag: 'payment' }
  | { readonly tag: 'delayed' | 'htlc'; readonly perCommitmentPoint: Point }
  | { readonly tag: 'revocation'; readonly perCommitmentSecret: Uint8Array }
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
  /** nSequence that the input must have: relative locks. */
  readonly sequence: number;
  /** nLockTime that the transaction must have at least: a block height, 0 for none. */
  readonly lockTime: number;
  readonly key: ClaimKey;
  /** The witness stack is `before`, our signature, `after`, and the witness script. */
  readonly before: readonly Uint8Array[];
  readonly after: readonly Uint8Array[];
  /** Of the whole signed input, witness included; exact, as our signatures have low R and (255 of 256 times) a full S. */
  readonly weight: Weight;
  /**
   * The output at the same index as the input, where the peer's signature demands one (HTLC transactions). With
   * anchors, inputs and outputs may be added behind; without, the transaction is this input and this output.
   */
  readonly pairedOutput?: { readonly amount: Sat; readonly script: Uint8Array };
};
