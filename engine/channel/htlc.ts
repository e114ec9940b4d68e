import type { ChannelId, PaymentHash, PaymentId } from '../base/ids.ts';
import type { BlockHeight, Msat } from '../base/units.ts';

/** Names an HTLC for the life of its channel: ids count up separately in each direction. */
export type HtlcKey = {
  readonly channelId: ChannelId;
  readonly direction: 'incoming' | 'outgoing';
  readonly id: bigint;
};

/** An HTLC that the peer offered and that is irrevocably committed on both sides: ours to fulfil or fail. */
export type IncomingHtlc = {
  readonly channelId: ChannelId;
  readonly id: bigint;
  readonly amount: Msat;
  readonly paymentHash: PaymentHash;
  readonly cltvExpiry: BlockHeight;
  /** onion_routing_packet, 1366 bytes, as received. The channel does not look inside. */
  readonly onion: Uint8Array;
  /** path_key of update_add_htlc's blinded_path TLV. */
  readonly pathKey?: Uint8Array;
  /** extra_fee of bLIP 25 (TLV 65537): what an LSP kept of the HTLC. */
  readonly skimmedFee?: Msat;
  /**
   * It may not be fulfilled: too much would ride on outputs that are trimmed, the commitment that would bring it home pays
   * too little to be mined before it times out, the funding transaction is in no block any more, or the channel went to the
   * chain without it.
   */
  readonly mustFail?: MustFail;
};

export type MustFail = 'dust-exposure' | 'slow-commitment' | 'not-funded' | 'out-of-reach';

/** How an outgoing HTLC ended. */
export type HtlcResult =
  | {
      readonly tag: 'fulfilled';
      readonly preimage: Uint8Array;
      /** `attribution_data` of update_fulfill_htlc, as received. Told once: it is not kept. */
      readonly attributionData?: Uint8Array;
    }
  /** `reason` is the encrypted failure onion, as received; so is `attribution_data` of update_fail_htlc. */
  | { readonly tag: 'failed'; readonly reason: Uint8Array; readonly attributionData?: Uint8Array }
  /** update_fail_malformed_htlc: a failure code with BADONION set. */
  | { readonly tag: 'malformed'; readonly failureCode: number; readonly onionHash: Uint8Array }
  /**
   * Never reached the peer (disconnected before it was committed) or timed out on chain. `state-lost`: it ended after the
   * state of ours that is left, and may have been paid.
   */
  | {
      readonly tag: 'abandoned';
      readonly cause: 'not-sent' | 'timed-out-on-chain' | 'channel-closed' | 'state-lost';
    };

/** What the payer of an outgoing HTLC keeps beside it, so that `settle` finds its payment. */
export type HtlcOrigin = { readonly paymentId: PaymentId; readonly attempt: number };
