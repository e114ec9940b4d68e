import type { TxId } from '../base/ids.ts';
import type { BlockHeight, FeeratePerKw, Msat, Sat, Scid, Timestamp } from '../base/units.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Confirmation } from '../bitcoin/watch.ts';
import type { Funding } from '../commitment/params.ts';
import type { RevokedHtlc } from '../commitment/penalty.ts';
import type { ShachainStore } from '../crypto/shachain.ts';
import type { RelayPolicy } from './env.ts';
import type { HtlcOrigin, HtlcResult } from './htlc.ts';
import type { Ledger } from './ledger.ts';
import type { ChannelParams } from './params.ts';
import type { Session } from './session.ts';

/** Disk holds `durable`, the connection owns `session`. A machine starts as `newChannel`. */
export type ChannelState = { readonly durable: Durable | null; readonly session: Session };

export const newChannel: ChannelState = { durable: null, session: { link: 'offline' } };

export type Durable = FundingPending | Normal | ShuttingDown | Negotiating | Closing | DataLoss | Closed;

/** Phases in which nothing has gone to the chain yet. */
export type Live = FundingPending | Normal | ShuttingDown | Negotiating;

export const isLive = (durable: Durable): durable is Live =>
  durable.phase === 'funding-pending' ||
  durable.phase === 'normal' ||
  durable.phase === 'shutting-down' ||
  durable.phase === 'negotiating';

/** One funding output, and the peer's signatures of our latest commitment that spends it. */
export type ActiveCommitment = {
  readonly funding: Funding;
  /**
   * The signed funding transaction when it is ours: to publish it again. The peer's, once it was seen, where the channel is
   * used before it confirms: to know what would take its place.
   */
  readonly fundingTx: Tx | null;
  readonly confirmed: Confirmation | null;
  /** What the peer, who opened, gave us of it from the start. Absent: we opened, or it was not kept. */
  readonly pushed?: Msat;
  /** Another transaction that spends what the peer's funding transaction spends. */
  readonly rival?: FundingRival;
  /** 64 bytes. */
  readonly remoteSignature: Uint8Array;
  /** In the order of the outputs. */
  readonly remoteHtlcSignatures: readonly Uint8Array[];
};

/** `at` is null while it is in no block: then it is what a server says, and one of the two will win. */
export type FundingRival = { readonly txId: TxId; readonly at: Confirmation | null };

/** An outgoing HTLC that ended; kept until whoever pays has written it down. */
export type Outcome = { readonly origin: HtlcOrigin; readonly result: HtlcResult };

/** The relay terms that the peer announced for its direction: for invoices of ours. */
export type RemotePolicy = RelayPolicy & {
  readonly timestamp: number;
  readonly htlcMinimum: Msat;
  readonly htlcMaximum: Msat;
  readonly disabled: boolean;
};

/** What all phases have. */
export type Core = {
  readonly params: ChannelParams;
  /** Newest first; more than one only while a splice or a fee bump of the funding is pending. */
  readonly active: readonly [ActiveCommitment, ...ActiveCommitment[]];
  readonly ledger: Ledger;
  readonly shachain: ShachainStore;
  readonly outcomes: ReadonlyMap<bigint, Outcome>;
  /** Our height when the channel was made: the peer's funding may time out. */
  readonly createdAt: BlockHeight;
  readonly readySent: boolean;
  readonly readyReceived: boolean;
  readonly localAlias: Scid;
  /** How the peer wants this channel named in invoices. */
  readonly remoteAlias: Scid | null;
  readonly announcement: Announcement | null;
  readonly relay: RelayPolicy;
  readonly remotePolicy: RemotePolicy | null;
  /** The time that our channel_update bears: it moves when what that says changes. Absent while there was none. */
  readonly updatedAt?: Timestamp;
  /**
   * Live only: our height when the peer said that the channel has failed, and had not shown the two states to be in step
   * since our start. Absent again once it did.
   */
  readonly failedAt?: BlockHeight;
  /** Live only: our height when something was first seen to be overdue that still is. Absent where nothing is. */
  readonly overdueAt?: BlockHeight;
};

/** Without what belongs to one phase, or to live ones: to go on to another. */
export const coreOf = (channel: Core): Core => ({
  params: channel.params,
  active: channel.active,
  ledger: channel.ledger,
  shachain: channel.shachain,
  outcomes: channel.outcomes,
  createdAt: channel.createdAt,
  readySent: channel.readySent,
  readyReceived: channel.readyReceived,
  localAlias: channel.localAlias,
  remoteAlias: channel.remoteAlias,
  announcement: channel.announcement,
  relay: channel.relay,
  remotePolicy: channel.remotePolicy,
  ...(channel.updatedAt === undefined ? {} : { updatedAt: channel.updatedAt }),
});

/** What only live channels have, of a channel or of its head record. */
export type LiveMarks = Pick<Core, 'failedAt' | 'overdueAt'>;

export const liveMarks = ({ failedAt, overdueAt }: LiveMarks): LiveMarks => ({
  ...(failedAt === undefined ? {} : { failedAt }),
  ...(overdueAt === undefined ? {} : { overdueAt }),
});

/** The peer's half of channel_announcement. */
export type Announcement = { readonly nodeSignature: Uint8Array; readonly bitcoinSignature: Uint8Array };

/** Both sides signed; the funding transaction is not deep enough for one of them. */
export type FundingPending = Core & { readonly phase: 'funding-pending' };

export type Normal = Core & { readonly phase: 'normal' };

/** A shutdown was sent, received, or is to be sent as soon as the rules let us: no HTLC is added. */
export type ShuttingDown = Core & {
  readonly phase: 'shutting-down';
  readonly localScript: Uint8Array;
  readonly shutdownSent: boolean;
  readonly remoteScript: Uint8Array | null;
  /** What we would pay for the closing transaction, when we pay. */
  readonly closeFeerate: FeeratePerKw;
  /** It was the peer that asked, and nobody here has since: the fee is left to the peer as long as it pays one. */
  readonly isAsked: boolean;
};

/** What was said about a close by both: of any connection. */
export type CloseTalk = {
  readonly localScript: Uint8Array;
  readonly remoteScript: Uint8Array;
  /** See `ShuttingDown`. */
  readonly closeFeerate: FeeratePerKw;
  /** See `ShuttingDown`. */
  readonly isAsked: boolean;
  /** Our height when it began, or when it was last asked for here: it may not take for ever. */
  readonly since: BlockHeight;
};

/** Both scripts are known and no HTLC is left: closing_signed or closing_complete go back and forth. */
export type Negotiating = Core &
  CloseTalk & {
    readonly phase: 'negotiating';
    /** The closing transaction that both signed, the dearest of them: published, and seen by nobody yet. */
    readonly mutual: Tx | null;
  };

export type SpendKind = 'mutual' | 'local' | 'remote' | 'remote-next' | 'revoked' | 'unknown';

/** The transaction that spent the funding output. */
export type FundingSpend = {
  readonly kind: SpendKind;
  readonly tx: Tx;
  /** Null while it waits to be mined. */
  readonly at: Confirmation | null;
};

/** The channel ends on chain. */
export type Closing = Core & {
  readonly phase: 'closing';
  /** Our commitment is being published: told to the peer with this `error` on each connection. */
  readonly failure: string | null;
  /** A closing transaction that both signed before, the dearest of them. Null once it is waited for no longer. */
  readonly mutual: Tx | null;
  /** The same once ours went to the chain beside it: it is offered on, as a block takes one of the two. */
  readonly setAside: Tx | null;
  /** How that came to be, and how a dearer one may. Null where the channel went to the chain without. */
  readonly talk: CloseTalk | null;
  readonly spend: FundingSpend | null;
  /** Spends of outputs that were ours to claim, by outpoint. */
  readonly resolved: ReadonlyMap<string, Resolution>;
  /** Outgoing HTLCs whose payer was told how they ended. They stay in the ledger: commitments are made from it. */
  readonly settled: ReadonlySet<bigint>;
  /**
   * HTLCs that had ended before and that have an output in the revoked commitment which spent the funding output. Null
   * until they were looked up on disk, and where nothing is revoked.
   */
  readonly history: readonly RevokedHtlc[] | null;
  /** The peer has a newer state than we do: our commitment is never published, also when the spend is gone again. */
  readonly lostData: boolean;
};

/** The transaction that spent an output which was ours to claim. */
export type Resolution = { readonly tx: Tx; readonly at: Confirmation | null };

/** The peer knows of a newer state than we do. Ours must never be published. */
export type DataLoss = Core & { readonly phase: 'data-loss' };

export type Closed = Core & {
  readonly phase: 'closed';
  readonly spend: FundingSpend | null;
  /** Ours, and given up because taking it would have cost more than it is worth. */
  readonly leftBehind: Sat;
  /** How it closed, to step back with the chain; null once nobody goes back so far, and where nothing was ever spent. */
  readonly past: Past | null;
};

/** What a closing channel has beside its spend. */
export type Past = Omit<Closing, keyof Core | 'phase' | 'spend'>;
