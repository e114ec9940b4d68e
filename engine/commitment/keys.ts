import type { Point } from '../base/ids.ts';

/** The keys of one commitment transaction. `owner` may broadcast it; `other` holds the revocation basepoint. */
export type CommitmentKeys = {
  readonly perCommitmentPoint: Point;
  /** local_delayedpubkey of BOLT 3. */
  readonly ownerDelayed: Point;
  /** local_htlcpubkey. */
  readonly ownerHtlc: Point;
  /** remote_htlcpubkey. */
  readonly otherHtlc: Point;
  /** remotepubkey: the other side's payment basepoint as it is. */
  readonly otherPayment: Point;
  readonly revocation: Point;
};
