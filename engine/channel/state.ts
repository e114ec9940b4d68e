import type { BlockHeight, FeeratePerKw, Sat, Scid } from '../base/units.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Confirmation } from '../bitcoin/watch.ts';
import type { Funding } from '../commitment/params.ts';
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

/** One funding output, and the peer's signatures of our latest commitment that spends it. */
export type ActiveCommitment = {
  readonly funding: Funding;
  /** The signed funding transaction when it is ours: to publish it again. */
  readonly fundingTx: Tx | null;
  readonly confirmed: Confirmation | null;
  /** 64 bytes. */
  readonly remoteSignature: Uint8Array;
  /** In the order of the outputs. */
  readonly remoteHtlcSignatures: readonly Uint8Array[];
};

/** An outgoing HTLC that ended; kept until whoever pays has written it down. */
export type Outcome = { readonly origin: HtlcOrigin; readonly result: HtlcResult };

/** The relay terms that the peer announced for its direction: for invoices of ours. */
export type RemotePolicy = RelayPolicy & {
  readonly timestamp: number;
  readonly htlcMinimum: bigint;
  readonly htlcMaximum: bigint;
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
};

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
};

/** Both scripts are known and no HTLC is left: closing_signed goes back and forth. */
export type Negotiating = Core & {
  readonly phase: 'negotiating';
  readonly localScript: Uint8Array;
  readonly remoteScript: Uint8Array;
  readonly closeFeerate: FeeratePerKw;
  /** Closing transactions that the peer has our signature for: any may confirm. Their fees, in the order sent. */
  readonly offeredFees: readonly Sat[];
  /** The last closing transaction that both signed: published. */
  readonly agreed: Tx | null;
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
  /** A closing transaction that both signed before. */
  readonly mutual: Tx | null;
  readonly spend: FundingSpend | null;
  /** Spends of outputs of `spend` that count as ours, by output index. */
  readonly resolved: ReadonlyMap<number, Resolution>;
};

/** What became of one output of the transaction that spent the funding output. */
export type Resolution = { readonly tx: Tx; readonly at: Confirmation | null };

/** The peer knows of a newer state than we do. Ours must never be published. */
export type DataLoss = Core & { readonly phase: 'data-loss' };

export type Closed = Core & { readonly phase: 'closed'; readonly spend: FundingSpend | null };
