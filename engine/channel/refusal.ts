import type { BlockHeight, FeeratePerKw, Msat, Sat } from '../base/units.ts';

/** Where a channel stands, in one word for lists. The node adds what it alone knows (frozen). */
export type ChannelStatus =
  | 'opening'
  | 'waiting-for-confirmations'
  | 'waiting-for-peer'
  | 'ready'
  | 'offline'
  | 'reconnecting'
  | 'shutting-down'
  | 'negotiating-close'
  | 'closing'
  | 'force-closing'
  | 'data-loss'
  | 'closed';

/** Why a channel cannot do what it was asked. Nothing was changed. */
export type ChannelRefusal =
  | { readonly code: 'channel-not-ready'; readonly status: ChannelStatus }
  | { readonly code: 'peer-not-connected' }
  /** The peer's words, printable ASCII, cut to a line; or ours about its terms. */
  | { readonly code: 'peer-refused'; readonly detail: string }
  | { readonly code: 'peer-incompatible'; readonly detail: string }
  | { readonly code: 'channel-amount-out-of-range'; readonly minimum: Sat; readonly maximum: Sat }
  | { readonly code: 'invalid-argument'; readonly field: string; readonly detail: string }
  /** The wallet could not make the funding transaction. */
  | { readonly code: 'funding-failed'; readonly detail: string }
  | { readonly code: 'amount-too-small'; readonly minimum: Msat }
  /** More than the peer lets be in flight at once. */
  | { readonly code: 'amount-too-large'; readonly maximum: Msat }
  | { readonly code: 'insufficient-balance'; readonly sendable: Msat }
  | { readonly code: 'too-many-htlcs'; readonly maximum: number }
  /** Too much would be lost to fees if the channel had to be closed now. */
  | { readonly code: 'dust-exposure'; readonly maximum: Msat }
  | { readonly code: 'expiry-too-soon'; readonly minimum: BlockHeight }
  | { readonly code: 'expiry-too-far'; readonly maximum: BlockHeight }
  | { readonly code: 'unknown-htlc'; readonly id: bigint }
  | { readonly code: 'wrong-preimage' }
  | { readonly code: 'not-opener' }
  | { readonly code: 'fee-unaffordable'; readonly maximum: FeeratePerKw }
  | { readonly code: 'already-closing' }
  /** It would not take the place of the closing transaction that there is. */
  | { readonly code: 'fee-too-low'; readonly minimum: FeeratePerKw };
