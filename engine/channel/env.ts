import type { ChannelId, NodeId, PaymentHash } from '../base/ids.ts';
import type { NetworkParams } from '../base/network.ts';
import type { Random } from '../base/ports.ts';
import type { BlockDelta, BlockHeight, Msat, Sat, Timestamp } from '../base/units.ts';
import type { Feerates } from '../bitcoin/watch.ts';
import type { ChannelSigner } from '../commitment/signer.ts';
import type { ChannelType } from '../wire/channel-type.ts';

/** All that a transition may know besides the state and the event: data and pure functions. */
export type Env = {
  readonly config: ChannelConfig;
  readonly network: NetworkParams;
  readonly nodeId: NodeId;
  readonly peerId: NodeId;
  /** Ours, as sent in `init`. */
  readonly features: Uint8Array;
  readonly height: BlockHeight;
  readonly feerates: Feerates;
  readonly now: Timestamp;
  /** Seeded by the caller: the same bytes again when the same event is run again. */
  readonly random: Random;
  /** What `signer` was made from: goes into `params.keyId` when the channel is made, and is not looked at after. */
  readonly keyId: Uint8Array;
  /** Holds the keys of this channel. */
  readonly signer: ChannelSigner;
  /** node_signature of announcement_signatures and channel_update: signs a 32-byte hash with the node key. */
  readonly signAsNode: (hash: Uint8Array) => Uint8Array;
  /**
   * Whether another channel of ours has this id. Ids are made from funding outpoints, which the peer names before it
   * proves anything: a second channel by the same id would be written over the first.
   */
  readonly isTaken: (id: ChannelId) => boolean;
  /** Where money goes that comes back from the chain. */
  readonly closingScript: Uint8Array;
  /** This peer may open channels that are used before the chain confirms them: it could take them back until then. */
  readonly trustsUnconfirmed: boolean;
  /** The funding transaction of such a channel was seen to pay it, or the peer is believed without. */
  readonly fundingSeen: boolean;
  /** For this payment the peer is believed before its funding transaction was seen, and for no other. */
  readonly takesUnseen: (hash: PaymentHash) => boolean;
  /** This state came back from a backup: what the peer claims of a newer one is believed without proof. */
  readonly mayBeStale: boolean;
  /** Other events wait behind this one: leave the signature to the last of them (or to `idle`). */
  readonly moreToCome: boolean;
};

/** What we ask of peers, and what we bear. */
export type ChannelConfig = {
  readonly dustLimit: Sat;
  readonly htlcMinimum: Msat;
  /** Blocks that the peer's money is held when it closes alone. */
  readonly toSelfDelay: BlockDelta;
  /** Most that we let ours be held. */
  readonly maxToSelfDelay: BlockDelta;
  readonly maxAcceptedHtlcs: number;
  /** Share of the capacity that the peer may have in flight towards us. */
  readonly maxInFlightPercent: number;
  /** Share of the capacity that the peer keeps for itself, in thousandths. */
  readonly reservePerMille: number;
  /** Most that the peer may have us keep, in thousandths of the capacity. */
  readonly maxReservePerMille: number;
  readonly maxDustLimit: Sat;
  readonly maxHtlcMinimum: Msat;
  readonly minAcceptedHtlcs: number;
  readonly minFunding: Sat;
  readonly maxMinimumDepth: number;
  /** In the order we like them. */
  readonly formats: readonly ChannelType['base'][];
  /** Trimmed HTLCs, both ways, that may be in one commitment transaction. */
  readonly maxDustExposure: Msat;
  /** A fee rate of the peer's may be this many times our urgent estimate. */
  readonly maxFeerateFactor: number;
  /**
   * Blocks that an outgoing HTLC may be past its expiry before the chain has to decide.
   * BOLT 2 §cltv_expiry_delta: "MUST estimate a timeout deadline for each HTLC it offers."
   */
  readonly expiryGrace: BlockDelta;
  /** Blocks that a peer who is away may take to come back, before what is overdue goes to the chain without it. */
  readonly absenceGrace: BlockDelta;
  /**
   * Blocks after which a channel of which the peer says that it has failed goes to the chain though nothing shows our
   * state to be the newest: who put an old disk back has that long to find out.
   */
  readonly failurePatience: BlockDelta;
  /** Blocks before the expiry of an HTLC that we fulfilled when the chain has to decide. */
  readonly fulfillSafety: BlockDelta;
  /** Most that an HTLC of ours may be held. */
  readonly maxCltvDelta: BlockDelta;
  /** Blocks after which a channel that the peer opens is forgotten if its funding transaction never comes. */
  readonly fundingTimeout: BlockDelta;
  /** Blocks after which a mutual close that the peer does not answer is given up for our commitment. */
  readonly closingTimeout: BlockDelta;
  /** Blocks after which a mutual close that servers have and that is not mined is given up for our commitment. */
  readonly closingPatience: BlockDelta;
  /** Depth from which a chain event is taken to be for good. */
  readonly irrevocableDepth: number;
  readonly relay: RelayPolicy;
};

/** What we ask for relaying payments out through this channel, as channel_update says it. */
export type RelayPolicy = {
  readonly feeBase: Msat;
  readonly feeProportionalMillionths: number;
  readonly cltvDelta: BlockDelta;
};
