import type { Network } from '../base/network.ts';
import type { ChainTrouble } from '../chain/chain-trouble.ts';
import type { NoPath } from '../payment/payment-refusal.ts';

/**
 * Why the node cannot do what was asked. Plain data that survives structured clone; amounts carry their unit. The page
 * maps every code to a sentence and a next step, exhaustively by this type.
 */
export type Refusal =
  // the node itself
  | { readonly code: 'not-running' }
  | { readonly code: 'already-running' }
  | { readonly code: 'open-elsewhere' }
  | { readonly code: 'storage-failed'; readonly detail: string }
  /** No room on the device, or none granted to this site. */
  | { readonly code: 'storage-full'; readonly detail: string }
  /** A tab with an older version of the page keeps the disk to itself. */
  | { readonly code: 'storage-blocked'; readonly detail: string }
  /** The browser took the disk away while it was in use. */
  | { readonly code: 'storage-lost'; readonly detail: string }
  | { readonly code: 'storage-too-new'; readonly found: number; readonly known: number }
  /** What is on this disk is not as this program left it. Nothing was changed. */
  | { readonly code: 'storage-corrupt'; readonly table: string; readonly detail: string }
  | { readonly code: 'locked' }
  /** For this a person has to show again that it is them. */
  | { readonly code: 'proof-needed' }
  | { readonly code: 'wrong-passphrase' }
  | { readonly code: 'wrong-passkey' }
  | { readonly code: 'passphrase-too-short'; readonly minimum: number }
  | { readonly code: 'no-lock' }
  | { readonly code: 'last-lock' }
  | { readonly code: 'wallet-exists' }
  | { readonly code: 'no-wallet' }
  /** A part of this program that is loaded when it is needed did not arrive. */
  | { readonly code: 'part-missing'; readonly detail: string }
  | { readonly code: 'internal'; readonly detail: string }
  | { readonly code: 'invalid-config'; readonly field: string; readonly detail: string }
  | {
      readonly code: 'backup-unreadable';
      readonly reason: 'not-a-backup' | 'newer-version' | 'other-words' | 'other-network' | 'damaged';
    }
  /** What a backup has, or the peer speaks of, another device may still run. */
  | { readonly code: 'runs-elsewhere' }
  | { readonly code: 'not-yet'; readonly what: 'bolt12' | 'lnurl' | 'bip353' | 'routing' }
  // words and text
  | { readonly code: 'words-count'; readonly count: number }
  | { readonly code: 'words-unknown'; readonly position: number; readonly word: string }
  | { readonly code: 'words-checksum' }
  /** More may come once the recovery words are written down and checked. */
  | { readonly code: 'words-not-saved'; readonly limitMsat: bigint }
  | { readonly code: 'empty-input' }
  | { readonly code: 'input-too-long'; readonly length: number; readonly limit: number }
  | { readonly code: 'unrecognised-input' }
  | { readonly code: 'bad-checksum' }
  | { readonly code: 'wrong-network'; readonly found: string; readonly expected: Network }
  | { readonly code: 'invalid-invoice'; readonly detail: string }
  | { readonly code: 'invalid-address'; readonly detail: string }
  | { readonly code: 'invalid-amount'; readonly detail: string }
  | { readonly code: 'invalid-argument'; readonly field: string; readonly detail: string }
  | { readonly code: 'unsupported-feature'; readonly bit: number }
  // on-chain wallet
  | { readonly code: 'insufficient-funds'; readonly missingSat: bigint; readonly feeSat: bigint }
  /** It would leave less than channels may need to close: `mostSat` can go. */
  | { readonly code: 'reserve-needed'; readonly reserveSat: bigint; readonly mostSat: bigint }
  | { readonly code: 'only-unconfirmed-funds'; readonly pendingSat: bigint }
  | { readonly code: 'below-dust'; readonly minimumSat: bigint }
  | { readonly code: 'fee-too-low'; readonly minimumSatPerVb: number }
  | { readonly code: 'fee-too-high'; readonly maximumSatPerVb: number }
  | { readonly code: 'not-replaceable'; readonly reason: string }
  | { readonly code: 'unknown-transaction' }
  /** `isKept`: it stands among the payments, and is offered again after each block. */
  | { readonly code: 'broadcast-refused'; readonly detail: string; readonly isKept?: true }
  | { readonly code: 'snapshot-unavailable'; readonly detail: string }
  | { readonly code: 'scores-unavailable'; readonly detail: string }
  | { readonly code: 'not-on-the-map' }
  /** `trouble`: whose doing it is, where that is known. */
  | { readonly code: 'chain-unreachable'; readonly trouble?: ChainTrouble }
  | { readonly code: 'chain-behind'; readonly lastSyncAt: number | null }
  // peers and channels
  | { readonly code: 'peer-unreachable'; readonly detail: string }
  /** It was there, and we hung up for what it did. */
  | { readonly code: 'peer-misbehaved'; readonly reason: PeerTrouble; readonly detail: string }
  | { readonly code: 'peer-not-connected' }
  | { readonly code: 'peer-incompatible'; readonly detail: string }
  | { readonly code: 'own-node' }
  | { readonly code: 'unknown-channel' }
  | { readonly code: 'channel-not-ready'; readonly state: ChannelStateCode }
  | { readonly code: 'channel-frozen' }
  | { readonly code: 'channel-amount-out-of-range'; readonly minimumSat: bigint; readonly maximumSat: bigint }
  | { readonly code: 'peer-refused'; readonly detail: string }
  | { readonly code: 'timed-out'; readonly waitingFor: string }
  // payments
  | { readonly code: 'duplicate-payment'; readonly state: PaymentState }
  | { readonly code: 'may-be-paid'; readonly by: PaidBy }
  | { readonly code: 'invoice-expired'; readonly expiredAt: number }
  | { readonly code: 'amount-required' }
  | { readonly code: 'amount-fixed'; readonly amountMsat: bigint }
  | { readonly code: 'amount-too-small'; readonly minimumMsat: bigint }
  | { readonly code: 'amount-too-large'; readonly maximumMsat: bigint }
  /**
   * `keptMsat`: ours, and what would do with it, but it has to stay in our channels. `awayMsat`: it would do with what is in
   * channels that are not ready now, mostly as their peers are away.
   */
  | {
      readonly code: 'insufficient-balance';
      readonly sendableMsat: bigint;
      readonly keptMsat?: bigint;
      readonly awayMsat?: bigint;
    }
  /** As many probes, or as much in them, as may be under way, or as many as may begin in a minute. */
  | { readonly code: 'probes-limited'; readonly by: 'under-way' | 'rate' | 'value' }
  | { readonly code: 'no-path'; readonly reason: NoPath }
  | { readonly code: 'fee-above-limit'; readonly feeMsat: bigint; readonly limitMsat: bigint }
  // LSPs
  | { readonly code: 'no-lsp' }
  /** `errorCode`: as the LSP gave it, where the reason is `error` or `unrecognized`. */
  | { readonly code: 'lsp-failed'; readonly reason: LspTrouble; readonly errorCode?: number }
  /** It wants the payment before it shows its transaction, and is not trusted so far. */
  | { readonly code: 'lsp-wants-trust' }
  | { readonly code: 'lsp-fee-above-limit'; readonly feeMsat: bigint; readonly limitMsat: bigint }
  /** Above what is agreed to unasked. */
  | { readonly code: 'lsp-fee-is-dear'; readonly feeMsat: bigint }
  | { readonly code: 'quote-expired' }
  | { readonly code: 'no-push-relay' }
  | { readonly code: 'push-relay-failed'; readonly detail: string }
  | { readonly code: 'own-invoice' }
  | { readonly code: 'unknown-payment' }
  | { readonly code: 'not-claimable'; readonly state: PaymentState }
  /** A channel that it came through would lose it now, or might: a later claim may be taken. */
  | { readonly code: 'not-safe-to-claim' }
  /** Regtest: the playground's node could not pay what was asked for. */
  | { readonly code: 'playground-failed' }
  | { readonly code: 'wrong-preimage' };

/** Why what is to be paid may have been paid already. */
export type PaidBy =
  /** The invoice is from before these words came to this device, and an earlier one may have paid it. */
  | 'earlier-device'
  /** We paid the invoice that the address stands beside, or are paying it. */
  | 'invoice'
  /** We paid the address that the invoice names, or that stands beside it. */
  | 'address';

export type LspTrouble =
  | 'disconnected'
  | 'no-answer'
  | 'nonsense'
  | 'not-offered'
  | 'token-refused'
  | 'client-rejected'
  | 'terms-changed'
  | 'payment-too-small'
  | 'payment-too-large'
  | 'no-offer'
  | 'unsafe-terms'
  | 'not-registered'
  | 'order-unknown'
  | 'webhook-refused'
  | 'too-many-webhooks'
  /** It failed. */
  | 'error'
  /** An error that Leyden does not know. */
  | 'unrecognized';

export type PeerTrouble =
  /** Says more than can be taken in. */
  | 'floods'
  /** Takes in less than there is to say. */
  | 'does-not-read'
  /** Broke a rule of the protocol. */
  | 'broke-rule'
  /** Its bytes are none of the protocol's, or were changed on the way. */
  | 'garbled'
  /** Whoever answers has not the key of this node. */
  | 'another-node'
  /** Says nothing where it has to. */
  | 'silent'
  /** Asks for one channel after another, and pays for few of them. */
  | 'asks-for-channels';

export type ChannelStateCode =
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
  | 'frozen'
  | 'closed';

export type PaymentState = 'pending' | 'claimable' | 'succeeded' | 'failed' | 'expired';

/** Why a payment failed, once it was under way. `detail` is ours, never a peer's words. */
export type PaymentFailure = {
  readonly code:
    | 'recipient-rejected'
    | 'unknown-to-recipient'
    | 'no-route'
    | 'peer-offline'
    | 'expired'
    | 'timed-out'
    | 'fee-above-limit'
    | 'temporary'
    | 'unreadable-error'
    | 'cancelled'
    /** Received, and answered too late: the payer has it back. */
    | 'taken-back'
    /** What became of it is lost with the state of a channel: it may have been paid. */
    | 'outcome-unknown';
  readonly detail: string;
  /** BOLT 4 failure code, where one was read. */
  readonly bolt4Code?: number;
  /** The hop, counted from us (0 is our peer), that reported it. */
  readonly hop?: number;
};
