import type { OutPoint, Point } from '../base/ids.ts';
import type { BlockDelta, Sat } from '../base/units.ts';

/** Whose: `local` is us, `remote` the peer. A commitment transaction has an owner, the side that may broadcast it. */
export type Side = 'local' | 'remote';

export const otherSide = (side: Side): Side => (side === 'local' ? 'remote' : 'local');

/** The basepoints of open_channel and accept_channel. */
export type Basepoints = {
  readonly payment: Point;
  readonly delayedPayment: Point;
  readonly htlc: Point;
  readonly revocation: Point;
};

/** A channel output on the chain. A splice or a fee bump makes a second one. */
export type Funding = {
  readonly outPoint: OutPoint;
  readonly amount: Sat;
  /** Which of our funding keys: 0 for the first funding, counted up by splices. */
  readonly keyIndex: number;
  readonly localKey: Point;
  readonly remoteKey: Point;
};

/** What holds for the commitment transactions that one side owns. */
export type SideParams = {
  readonly basepoints: Basepoints;
  /** dust_limit_satoshis that this side sent. */
  readonly dustLimit: Sat;
  /** How long this side waits for its own money in its own commitment: the to_self_delay that the OTHER side sent. */
  readonly delay: BlockDelta;
};

/** Names a commitment format in records. The formats themselves: formats.ts. */
export type FormatId = 'static-remotekey' | 'anchors-zero-fee';

/** All that commitment transactions depend on and that no update changes. Plain data, stored as it is. */
export type CommitmentParams = {
  readonly format: FormatId;
  readonly funding: Funding;
  /** Who sent open_channel: pays the fees. */
  readonly opener: Side;
  readonly local: SideParams;
  readonly remote: SideParams;
};
