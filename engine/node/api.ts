import type { Network } from '../base/network.ts';
import type { Result } from '../base/result.ts';
import type { ChainTrouble } from '../chain/chain-trouble.ts';
import type { Alarm } from './alarm.ts';
import type { BackupApi, BackupDetails } from './backup-api.ts';
import type { NetworkGraphApi } from './graph-api.ts';
import type { Bolt11Api, LightningQuote, SpontaneousApi } from './lightning-api.ts';
import type { LspApi } from './lsp-api.ts';
import type { WakeApi } from './wake-api.ts';
import type { PaymentPart, RebalanceRequest } from './payment-part.ts';
import type { FeeChoice, OnchainApi, OnchainQuote } from './onchain-api.ts';
import type { PsbtApi } from './psbt-api.ts';
import type { ClosingDetails, HurryQuote } from './closing-details.ts';
import type { ChannelStateCode, PaidBy, PaymentFailure, PaymentState, Refusal } from './refusal.ts';

export type { ChainTrouble } from '../chain/chain-trouble.ts';
export type * from './alarm.ts';
export type * from './closing-details.ts';
export type * from './payment-part.ts';
export type * from './lightning-api.ts';
export type * from './lsp-api.ts';
export type * from './onchain-api.ts';
export type * from './order-api.ts';
export type * from './wake-api.ts';

/** An answer of the node: never a rejected promise, save for a bug. */
export type Answer<T> = Promise<Result<T, Refusal>>;

export type NodeStatus = {
  readonly running: boolean;
  readonly network: Network;
  readonly nodeId: string | null;
  readonly chain: ChainStatus;
  /** Alarms that the user must see: bugs caught, frozen channels, storage trouble. */
  readonly alarms: readonly Alarm[];
};
export type ChainStatus = {
  readonly tipHeight: number | null;
  readonly tipHash: string | null;
  /** Unix seconds of the last successful sync. */
  readonly lastSyncAt: number | null;
  readonly syncing: boolean;
  /** The last sync learned all that it asked for. */
  readonly reachable: boolean;
  /** Why not; or what is wrong with what was learned. Null when all is well. */
  readonly trouble: ChainTrouble | null;
  /** sat/vB, as offered in fee choices. */
  readonly feerates: { readonly fast: number; readonly normal: number; readonly slow: number };
};
export type NodeConfig = {
  readonly network: Network;
  /** Base URLs, tried in order of health. */
  readonly esplora: readonly string[];
  /** `ws://` or `wss://` base URLs of WebSocket proxies; unused in Node.js. */
  readonly proxies: readonly string[];
};

export type PeerDetails = {
  readonly nodeId: string;
  readonly host: string;
  readonly port: number;
  readonly alias: string | null;
  readonly state: 'connected' | 'connecting' | 'disconnected';
  /** Persisted peers are reconnected to. */
  readonly persisted: boolean;
  /** Why the last connection ended or never came about. While it is connected: what it does wrong, or null. */
  readonly lastError: Refusal | null;
};

export type ChannelDetails = {
  readonly channelId: string;
  readonly peerNodeId: string;
  readonly peerAlias: string | null;
  readonly state: ChannelStateCode;
  readonly capacitySat: bigint;
  readonly localMsat: bigint;
  readonly remoteMsat: bigint;
  /** What can be sent and received right now, after reserves and fees. */
  readonly sendableMsat: bigint;
  readonly receivableMsat: bigint;
  readonly reserveSat: bigint;
  /** In HTLCs of which nobody has shown the preimage yet; `pendingHtlcs` counts the others too. */
  readonly pendingIncomingMsat: bigint;
  readonly pendingOutgoingMsat: bigint;
  readonly pendingHtlcs: number;
  readonly isOpener: boolean;
  readonly isAnnounced: boolean;
  readonly isUsable: boolean;
  readonly channelType: 'static_remotekey' | 'anchors';
  readonly fundingTxId: string | null;
  readonly fundingIndex: number | null;
  readonly confirmations: number;
  readonly confirmationsRequired: number;
  /** `height x index x output`, null until confirmed. */
  readonly shortChannelId: string | null;
  readonly feeratePerKw: number;
  readonly closing: ClosingDetails | null;
  /**
   * The peer did not show since the start that this wallet's copy is the newest: a close by force would lose all of it if
   * an old disk was put back.
   */
  readonly isUnproven: boolean;
  /** The peer says that the channel has failed: from this height on it is closed by force. */
  readonly failsAtHeight: number | null;
  /** So many HTLCs went through it that what is kept of them may make the wallet open more slowly. */
  readonly isOverused: boolean;
};
export type OpenChannelRequest = {
  readonly nodeId: string;
  readonly host: string;
  readonly port: number;
  readonly amountSat: bigint;
  readonly pushMsat?: bigint;
  readonly announce?: boolean;
  /** To be used before the chain confirms it, where the peer knows option_zeroconf and takes such a channel from us. */
  readonly zeroConf?: boolean;
  /** sat/vB of the funding transaction; the normal estimate when absent. */
  readonly feerateSatPerVb?: number;
  /** Of the funding transaction: `fee-above-limit` where it would cost more. As much as it takes when absent. */
  readonly maxFeeSat?: bigint;
};
export type CloseQuote = {
  readonly kind: 'cooperative' | 'force';
  readonly feeSat: bigint;
  readonly receivedSat: bigint;
  /** Blocks until the money can be spent: about, at this rate; by force, once the close is in one. */
  readonly delayBlocks: number;
};
/** `feerateSatPerVb`: to be given to `closeChannel`. */
export type RaiseQuote = CloseQuote & { readonly feerateSatPerVb: number };
/**
 * `isAtMost`: the peer has a say: in the fee, by closing_signed, or in the size, where it has not said yet where it is paid
 * to. `feeSat` is the most that it may be, and `receivedSat` the least, by the fee rates of now; by closing_signed it may be
 * more with those of a later connection, at which the two agree.
 */
export type TogetherQuote = RaiseQuote & { readonly isAtMost: boolean };
export type CloseQuotes = {
  /** Null while the peer is away, and where both have signed a closing transaction. */
  readonly cooperative: TogetherQuote | null;
  /** A dearer one in place of the closing transaction that both signed; null where there is none, or it cannot be raised now. */
  readonly raise: RaiseQuote | null;
  readonly force: CloseQuote;
};
export type ChannelConfigUpdate = {
  readonly feeBaseMsat?: bigint;
  readonly feeProportionalMillionths?: number;
  readonly cltvDelta?: number;
};

export type Balances = {
  readonly onchain: {
    readonly confirmedSat: bigint;
    /** Our own change, not confirmed yet: spendable. */
    readonly trustedPendingSat: bigint;
    /** From others, not confirmed yet: not spendable. */
    readonly pendingSat: bigint;
    /** Set aside for transactions being built. */
    readonly reservedSat: bigint;
    /** With what is kept for closing channels. */
    readonly spendableSat: bigint;
    /** Of `spendableSat`, what is kept to pay for closing channels: no send and no new channel takes it. */
    readonly keptSat: bigint;
    /** What should be kept for that; more than `keptSat` when there are too few coins. */
    readonly keptWantedSat: bigint;
  };
  readonly lightning: {
    readonly localMsat: bigint;
    readonly sendableMsat: bigint;
    readonly receivableMsat: bigint;
    /** In HTLCs that are not settled. */
    readonly inFlightMsat: bigint;
  };
  /** Channels being opened: ours, not usable yet. */
  readonly openingSat: bigint;
  /** On its way back on chain from closing channels. */
  readonly closingSat: bigint;
  /** All of the above, counted once. */
  readonly totalMsat: bigint;
  /** Until the recovery words are saved: most that the wallet may hold, and what may still be asked for. Absent: no limit. */
  readonly unsaved?: { readonly limitMsat: bigint; readonly leftMsat: bigint };
};

export type PaymentDetails = {
  readonly id: string;
  readonly kind: 'bolt11' | 'spontaneous' | 'onchain' | 'channel-open' | 'channel-close';
  readonly direction: 'incoming' | 'outgoing';
  readonly state: PaymentState;
  /** Null for an invoice of any amount that is not paid. Without the fee. */
  readonly amountMsat: bigint | null;
  readonly feeMsat: bigint | null;
  /**
   * Money that stays ours: moved from channel to channel, which is two payments of one hash, or coins sent to ourselves,
   * of which the amount is what it cost.
   */
  readonly toSelf: boolean;
  readonly description: string;
  readonly label: string;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly settledAt: number | null;
  readonly expiresAt: number | null;
  readonly paymentHash: string | null;
  readonly preimage: string | null;
  readonly invoice: string | null;
  readonly peerNodeId: string | null;
  readonly txId: string | null;
  readonly confirmations: number | null;
  readonly failure: PaymentFailure | null;
  readonly attempts: number;
  /** What came in on-chain, by the addresses of this wallet that were paid; empty for all else. */
  readonly cameTo: readonly { readonly address: string; readonly amountSat: bigint }[];
};
export type PaymentPage = { readonly payments: readonly PaymentDetails[]; readonly next: string | null };

/** What a pasted or scanned text is. */
export type Destination =
  | {
      readonly kind: 'bolt11';
      readonly invoice: string;
      readonly amountMsat: bigint | null;
      readonly description: string;
      readonly payee: string;
      readonly paymentHash: string;
      readonly expiresAt: number;
      /** On-chain address of the same BIP 21 URI or of the invoice's fallback. */
      readonly fallbackAddress: string | null;
      /** By `invoice` only the address is open to be paid anew: one invoice is never paid twice. */
      readonly mayBePaid?: PaidBy;
    }
  | {
      readonly kind: 'onchain';
      readonly address: string;
      readonly amountSat: bigint | null;
      readonly label: string;
      readonly message: string;
    }
  | {
      readonly kind: 'node';
      readonly nodeId: string;
      readonly host: string | null;
      readonly port: number | null;
    };

export type NodeEvent =
  | { readonly tag: 'payment-received'; readonly paymentId: string; readonly amountMsat: bigint }
  | {
      readonly tag: 'payment-claimable';
      readonly paymentId: string;
      readonly amountMsat: bigint;
      readonly claimDeadlineHeight: number;
    }
  | {
      readonly tag: 'payment-sent';
      readonly paymentId: string;
      readonly amountMsat: bigint;
      readonly feeMsat: bigint;
      readonly preimage: string;
    }
  | { readonly tag: 'payment-failed'; readonly paymentId: string; readonly failure: PaymentFailure }
  | { readonly tag: 'channel-pending'; readonly channelId: string; readonly fundingTxId: string }
  | { readonly tag: 'channel-ready'; readonly channelId: string }
  | { readonly tag: 'channel-closed'; readonly channelId: string; readonly kind: ClosingDetails['kind'] }
  /** It never was: its funding transaction did not come, or another one took its coins and is deep in the chain. */
  | { readonly tag: 'channel-void'; readonly channelId: string }
  /** Told twice of one transaction that was seen before it confirmed: only `confirmed` is money to count. */
  | {
      readonly tag: 'onchain-received';
      readonly txId: string;
      readonly amountSat: bigint;
      readonly confirmed: boolean;
    }
  /** Once, as it is raised. Not of `claim-unpaid`, which comes and goes with coins and fees: it is in `status().alarms` while it holds. */
  | { readonly tag: 'alarm'; readonly alarm: Alarm };
/** `cursor` counts up; acknowledging one acknowledges all before it. */
export type QueuedEvent = { readonly cursor: number; readonly at: number; readonly event: NodeEvent };

/** What the page renders. Each is whole and local: nothing on the network gates it. */
export type Snapshots = {
  readonly status: NodeStatus;
  readonly balances: Balances;
  readonly channels: readonly ChannelDetails[];
  readonly peers: readonly PeerDetails[];
  /** The newest 50 payments, newest first. */
  readonly payments: PaymentPage;
  readonly backup: BackupDetails;
};
export type Topic = keyof Snapshots;

/** Characters of a label, at most. A type, so that who takes labels and who asks for them agree, or do not compile. */
export type LongestLabel = 200;

/**
 * A Lightning node and an on-chain wallet. The same interface in a page (through the worker) and in Node.js. All
 * arguments and answers survive structured clone.
 */
export type NodeApi = OnchainApi & {
  start(): Answer<void>;
  stop(): Answer<void>;
  status(): Promise<NodeStatus>;
  nodeId(): Answer<string>;
  config(): Promise<NodeConfig>;
  /** Asks the chain servers now. */
  sync(): Answer<ChainStatus>;

  connect(nodeId: string, host: string, port: number, persist: boolean): Answer<void>;
  disconnect(nodeId: string): Answer<void>;
  listPeers(): Promise<readonly PeerDetails[]>;

  readonly psbt: PsbtApi;

  readonly networkGraph: NetworkGraphApi;

  readonly lsp: LspApi;
  readonly wake: WakeApi;

  quoteOpenChannel(amountSat: bigint | 'all', feerateSatPerVb?: number): Answer<OnchainQuote>;
  openChannel(
    request: OpenChannelRequest,
  ): Answer<{ readonly channelId: string; readonly fundingTxId: string }>;
  /** What `closeChannel` with that `fee` would cost, and what `forceCloseChannel`. */
  quoteClose(channelId: string, fee?: FeeChoice): Answer<CloseQuotes>;
  /**
   * Together with the peer. `fee`: of the closing transaction where we pay it, the normal one when it is left out. By
   * closing_signed it is where we begin, and the peer may choose more, as far as `quoteClose` says: up to the most of the fast
   * one; twice the normal one, and no more than 1,000 satoshis above it; `fee` and an eighth, and no more than 1,000 satoshis
   * above it; and, beside `fee` itself, no more than half of what is ours. Asked again with more before that is in a block, it is offered again where both
   * sides know how (option_simple_close): `fee-too-low` where that would not take its place, `peer-not-connected` and
   * `channel-not-ready` where nobody is asked.
   */
  closeChannel(channelId: string, fee?: FeeChoice): Answer<void>;
  forceCloseChannel(channelId: string): Answer<void>;
  /** What it would cost to have the transactions of a close pay this rate, within what they are worth. */
  quoteHurryClose(channelId: string, fee: FeeChoice): Answer<HurryQuote>;
  hurryClose(channelId: string, fee: FeeChoice, maxExtraSat?: bigint): Answer<HurryQuote>;
  listChannels(): Promise<readonly ChannelDetails[]>;
  updateChannelConfig(channelId: string, update: ChannelConfigUpdate): Answer<void>;

  /** What did the user paste? Needs no network. */
  parse(text: string): Answer<Destination>;

  readonly bolt11: Bolt11Api;
  readonly spontaneous: SpontaneousApi;
  /**
   * Moves money of ours out by one channel and in by another, for the fees of the nodes between. Two payments: one sent,
   * whose id is answered, and one received.
   */
  rebalance(request: RebalanceRequest): Answer<{ readonly paymentId: string }>;
  /** What that would cost now. Changes nothing. */
  quoteRebalance(request: RebalanceRequest): Answer<LightningQuote>;
  payment(paymentId: string): Answer<PaymentDetails>;
  /** The way that a Lightning payment of ours took, part by part; empty for what took none. */
  paymentParts(paymentId: string): Answer<readonly PaymentPart[]>;
  /** Newest first; `after` is the `next` of the page before. */
  listPayments(after?: string, limit?: number): Promise<PaymentPage>;
  setLabel(paymentId: string, label: string): Answer<void>;

  readonly backup: BackupApi;
  listBalances(): Promise<Balances>;

  /** zbase32 signature as LND and LDK make it. */
  signMessage(message: string): Answer<string>;
  /** The node id that signed, if `nodeId` is not given; else whether it did. */
  verifySignature(
    message: string,
    signature: string,
    nodeId?: string,
  ): Answer<{ readonly valid: boolean; readonly nodeId: string | null }>;

  snapshot<T extends Topic>(topic: T): Promise<Snapshots[T]>;
  /** The oldest event not yet acknowledged, or null. */
  nextEvent(): Promise<QueuedEvent | null>;
  eventHandled(cursor: number): Answer<void>;
};
