// What every real Lightning node can be asked to do, whoever wrote it. A scenario is written once, against this.

export type PeerAddress = { readonly host: string; readonly port: number };

export type PeerChannel = {
  readonly channelId: string;
  /** The node at the other end. */
  readonly counterparty: string;
  readonly capacitySat: bigint;
  /** What the peer could send and receive now, reserves and fees aside. */
  readonly outboundMsat: bigint;
  readonly inboundMsat: bigint;
  /**
   * What is the peer's, in whole satoshis, by its own books: payments in flight aside, before the fees of a commitment.
   * Null where its books do not say.
   */
  readonly ownSat: bigint | null;
  /** The funding transaction is deep enough for both. */
  readonly isReady: boolean;
  /** Ready, connected and reestablished. */
  readonly isUsable: boolean;
  readonly isAnnounced: boolean;
  /** The peer opened it. */
  readonly isOutbound: boolean;
  readonly fundingTxId: string | null;
  readonly fundingIndex: number | null;
  /** `height x index x output`, null until confirmed. */
  readonly shortChannelId: string | null;
  readonly confirmations: number;
  /** BOLT 9 bits of the channel type. */
  readonly channelType: readonly number[];
  readonly feeratePerKw: number | null;
  readonly pendingIncoming: number;
  readonly pendingOutgoing: number;
};

export type PeerEvent =
  | { readonly type: 'connected'; readonly nodeId: string; readonly features: readonly number[] }
  | { readonly type: 'disconnected'; readonly nodeId: string }
  | {
      readonly type: 'channel-pending';
      readonly channelId: string;
      readonly nodeId: string;
      readonly fundingTxId: string;
      readonly fundingIndex: number;
    }
  | { readonly type: 'channel-ready'; readonly channelId: string; readonly nodeId: string }
  | { readonly type: 'channel-closed'; readonly channelId: string; readonly reason: string }
  | { readonly type: 'payment-held'; readonly paymentHash: string; readonly amountMsat: bigint }
  | {
      readonly type: 'payment-received';
      readonly paymentHash: string;
      readonly amountMsat: bigint;
      readonly isSpontaneous: boolean;
    }
  | {
      readonly type: 'payment-sent';
      readonly paymentHash: string;
      readonly preimage: string;
      readonly feeMsat: bigint;
    }
  | { readonly type: 'payment-failed'; readonly paymentHash: string | null; readonly reason: string }
  /** Money of a closed channel went to the peer's on-chain wallet. */
  | { readonly type: 'swept'; readonly txId: string; readonly kinds: readonly string[] }
  /** `hex`: the same transactions, refused ones too. */
  | {
      readonly type: 'broadcast';
      readonly txIds: readonly string[];
      readonly hex: readonly string[];
      readonly error: string | null;
    }
  | { readonly type: 'block'; readonly height: number; readonly hash: string }
  /** Something the peer itself finds worth telling. */
  | { readonly type: 'warning'; readonly text: string };

export type OpenRequest = {
  readonly nodeId: string;
  readonly capacitySat: bigint;
  readonly pushMsat?: bigint;
  readonly announce?: boolean;
  /** Used before the chain confirms it, where the other end takes it so. */
  readonly zeroConf?: boolean;
};
export type OpenedChannel = {
  readonly channelId: string;
  readonly fundingTxId: string;
  readonly fundingIndex: number;
};

export type InvoiceRequest = {
  /** Absent: the payer chooses. */
  readonly amountMsat?: bigint;
  readonly description?: string;
  readonly expirySeconds?: number;
  /** The payment is held until `claim` or `fail`; the caller keeps the preimage. */
  readonly paymentHash?: string;
  /** It does not say who it is (bLIP 39). Only where the implementation makes such invoices. */
  readonly blinded?: true;
};
export type PeerInvoice = { readonly bolt11: string; readonly paymentHash: string };

export type PayOptions = {
  /** For an invoice without amount. */
  readonly amountMsat?: bigint;
  readonly maxFeeMsat?: bigint;
};
export type PaidPayment = {
  readonly paymentHash: string;
  readonly preimage: string;
  readonly feeMsat: bigint;
};

/** Of public channels, its own aside, and of what each end of one asks for. */
export type MapCounts = { readonly channels: number; readonly terms: number };

/**
 * A Lightning node of whoever's making, running in a process of its own. Each method rejects with an Error whose message
 * is the node's own when it refuses, and when the process has ended. Those with a question mark are what not every
 * implementation can be made to do.
 */
export interface RealPeer {
  readonly alias: string;
  /** Compressed public key, hex. */
  readonly id: string;
  readonly address: PeerAddress;

  /** Pays into its on-chain wallet and confirms it: one block is mined. */
  fund(amountSat: bigint): Promise<void>;
  connect(nodeId: string, address: PeerAddress): Promise<void>;
  disconnect(nodeId: string): Promise<void>;
  /** Resolves when the funding transaction is broadcast; the node must be connected. */
  openChannel(request: OpenRequest): Promise<OpenedChannel>;
  createInvoice(request: InvoiceRequest): Promise<PeerInvoice>;
  /** Resolves when paid, rejects when it failed for good. */
  pay(bolt11: string, options?: PayOptions): Promise<PaidPayment>;
  /** A payment without invoice (keysend). */
  paySpontaneously?(nodeId: string, amountMsat: bigint): Promise<PaidPayment>;
  /** Resolves when the payment is here and waits for `claim` or `fail`. */
  waitForHeld(paymentHash: string): Promise<void>;
  /** Settles a held payment. */
  claim(preimage: string): Promise<void>;
  /** Gives a held payment back. */
  fail(paymentHash: string): Promise<void>;
  /**
   * Asks for a cooperative close; watch the channels or the chain for its end. `satPerVb`: where it lets that be chosen;
   * again with more, where closing transactions can be replaced.
   */
  close(channelId: string, satPerVb?: number): Promise<void>;
  forceClose(channelId: string): Promise<void>;
  channels(): Promise<readonly PeerChannel[]>;
  /** All that it says of an invoice of its own and of its channels, as it says it: for a person who looks why it is not paid. */
  tells?(paymentHash: string): Promise<unknown>;
  /** Confirmed and unconfirmed coins of its on-chain wallet. */
  onchainSat(): Promise<bigint>;
  /** Resolves when it has seen the chain's tip as of the call. */
  sync(): Promise<void>;
  /** sat per 1,000 weight of its commitments; as opener it sends update_fee when it matters. */
  setFeerate?(perKw: number): Promise<void>;
  /** Tells its peers anew what it asks for in a channel: for one that forgets what it heard. */
  sayTermsAgain?(channelId: string): Promise<void>;
  /** Resolves when it knows what the other end of a channel of its own asks for: where what comes later may be lost. */
  hearsTerms?(channelId: string): Promise<void>;
  /** Of the public channels that it knows with the terms of both ends: `height x index x output`. */
  knownChannels?(): Promise<readonly string[]>;
  /** Dials a node for what that tells of channels alone: where it does not ask who it has channels with. */
  asksForGossip?(nodeId: string, address: PeerAddress): Promise<void>;
  /** How much of the map it knows: where it does not say which channels those are. */
  countsMap?(): Promise<MapCounts>;

  /** The first channel that matches, as soon as there is one. */
  waitForChannel(
    matches: (channel: PeerChannel) => boolean,
    what: string,
    timeoutMs?: number,
  ): Promise<PeerChannel>;

  isRunning(): boolean;
  /** Orderly. */
  stop(): Promise<void>;
  /** As a power cut would: kill -9. */
  kill(): Promise<void>;
  /** From what it had saved, at the same address. Also starts a killed one. */
  restart(): Promise<void>;
}

/** One that tells what happens to it. */
export interface TellingPeer extends RealPeer {
  paySpontaneously(nodeId: string, amountMsat: bigint): Promise<PaidPayment>;
  setFeerate(perKw: number): Promise<void>;
  /** All that happened since the process started, oldest first. */
  readonly events: readonly PeerEvent[];
  /** The first event that matches, of those that were and those to come. */
  waitForEvent<T extends PeerEvent['type']>(
    type: T,
    matches?: (event: Extract<PeerEvent, { type: T }>) => boolean,
    timeoutMs?: number,
  ): Promise<Extract<PeerEvent, { type: T }>>;
}
