import type { PaymentHash } from '../base/ids.ts';
import type { BlockDelta, BlockHeight, FeeratePerKw, Msat, Sat } from '../base/units.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Confirmation } from '../bitcoin/watch.ts';
import type { HtlcOrigin } from './htlc.ts';
import type { Core } from './state.ts';

/** What we ask of a channel. The answer is a `reply` effect with the command's id. */
export type ChannelCommand =
  | {
      readonly tag: 'open';
      readonly amount: Sat;
      readonly push: Msat;
      readonly announce: boolean;
      /** To be used before the chain confirms it, which the peer has to trust us with: option_zeroconf in the type. */
      readonly zeroConf: boolean;
      readonly feerate: FeeratePerKw;
      /** Our shutdown script, committed to up front where the peer supports it. */
      readonly shutdownScript: Uint8Array;
    }
  /** The wallet built and signed the funding transaction that `notify` asked for; it is not broadcast yet. */
  | { readonly tag: 'funding-built'; readonly tx: Tx; readonly outputIndex: number }
  | { readonly tag: 'funding-failed'; readonly detail: string }
  /** Answers the `open-requested` notice of a channel that the peer proposes. */
  | {
      readonly tag: 'accept';
      readonly shutdownScript: Uint8Array;
      readonly minimumDepth: number;
    }
  | { readonly tag: 'reject'; readonly reason: string }
  /** The peer's funding transaction, in no block yet, as servers have it: the channel is used before it confirms. */
  | { readonly tag: 'funding-seen'; readonly tx: Tx }
  | {
      readonly tag: 'add-htlc';
      readonly amount: Msat;
      readonly paymentHash: PaymentHash;
      readonly cltvExpiry: BlockHeight;
      readonly onion: Uint8Array;
      readonly origin: HtlcOrigin;
      readonly pathKey?: Uint8Array;
    }
  | {
      readonly tag: 'fulfill-htlc';
      readonly id: bigint;
      readonly preimage: Uint8Array;
      /** 920 bytes, for the payer alone: the channel does not look inside. Here and below. */
      readonly attributionData?: Uint8Array;
    }
  | {
      readonly tag: 'fail-htlc';
      readonly id: bigint;
      readonly reason: Uint8Array;
      readonly attributionData?: Uint8Array;
    }
  | {
      readonly tag: 'fail-malformed-htlc';
      readonly id: bigint;
      readonly onionHash: Uint8Array;
      readonly failureCode: number;
    }
  | { readonly tag: 'update-fee'; readonly feerate: FeeratePerKw }
  | {
      readonly tag: 'update-relay';
      readonly feeBase: Msat;
      readonly feeProportionalMillionths: number;
      readonly cltvDelta: BlockDelta;
    }
  | { readonly tag: 'close'; readonly script: Uint8Array; readonly feerate: FeeratePerKw }
  | { readonly tag: 'force-close' }
  /**
   * `by` spends what our funding transaction spends, or what one of `through` does, which lead there from ours and are in no
   * block; and is buried: there will never be a channel.
   */
  | {
      readonly tag: 'funding-lost';
      readonly by: Tx;
      readonly at: Confirmation;
      readonly through?: readonly Tx[];
    }
  /**
   * A backup shows that this state is old. `known`: what it has of the same channel, further on than ours. Nothing is
   * signed from here on, nothing is ever published, the peer is asked to close.
   */
  | { readonly tag: 'fall-back'; readonly known: Core | null };
