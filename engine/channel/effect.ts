import type { ChannelId, CommandId, PaymentHash, TxId } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { BlockHeight, FeeratePerKw, Msat, Sat, Scid } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { TxPurpose, Watch } from '../bitcoin/watch.ts';
import type { ChannelType } from '../wire/channel-type.ts';
import type { ClaimDemand } from './claim-demand.ts';
import type { Env } from './env.ts';
import type { ChannelEvent } from './event.ts';
import type { HtlcOrigin, HtlcResult, IncomingHtlc } from './htlc.ts';
import type { ChannelAnnouncement, ChannelMessage } from './message.ts';
import type { ChannelRefusal } from './refusal.ts';
import type { ChannelState, Durable, SpendKind } from './state.ts';
import type { Violation } from './violation.ts';

/** What is to be done once the step's writes are on disk. Each may be done twice: a crash before it repeats it. */
export type Effect =
  | { readonly tag: 'send'; readonly message: ChannelMessage }
  | { readonly tag: 'disconnect'; readonly reason: Violation }
  | { readonly tag: 'publish'; readonly tx: Tx; readonly purpose: TxPurpose }
  | { readonly tag: 'watch'; readonly watch: Watch }
  /** Outputs to take, and a commitment to lift: in the place of what this channel asked for before. */
  | { readonly tag: 'claim'; readonly demand: ClaimDemand }
  /**
   * A revoked commitment spends the funding output: look through the channel's history (`HistorySearch`) for the HTLCs
   * that it has, and answer with the event `recalled`. Repeated until that comes.
   */
  | { readonly tag: 'recall'; readonly tx: Tx }
  /** Both sides are committed: fulfil it or fail it by a command. Repeated after a restart until that was done. */
  | { readonly tag: 'offer'; readonly htlc: IncomingHtlc }
  /**
   * The payer of the incoming HTLC `id` has it back for good, on the chain, whether we had answered it or not. Repeated as
   * long as the channel keeps what spent its outputs.
   */
  | { readonly tag: 'taken-back'; readonly id: bigint; readonly paymentHash: PaymentHash }
  /**
   * The outgoing HTLC `id` of this channel ended. Repeated after a restart until the event `settled` says that it is
   * written down. `fulfilled` may come twice: when the peer says so, and when it is committed.
   */
  | {
      readonly tag: 'settle';
      readonly id: bigint;
      readonly origin: HtlcOrigin;
      readonly result: HtlcResult;
    }
  | { readonly tag: 'reply'; readonly id: CommandId; readonly result: Result<Receipt, ChannelRefusal> }
  | { readonly tag: 'notify'; readonly notice: ChannelNotice };

/** The good answer to a command. */
export type Receipt =
  /** The peer signed; the funding transaction is being published. */
  | { readonly tag: 'opened'; readonly channelId: ChannelId; readonly fundingTxId: TxId }
  /** The id that `settle` will name. Sent, or waiting for a signature of the peer to be sent with the next one. */
  | { readonly tag: 'added'; readonly id: bigint }
  | { readonly tag: 'done' };

/** What others may want to know. Unlike the other effects, losing one to a crash loses nothing: `summary` tells the same. */
export type ChannelNotice =
  /** Something else spends the coins of the peer's funding transaction: nothing is received through the channel. */
  | {
      readonly tag: 'double-spent';
      readonly channelId: ChannelId;
      readonly txId: TxId;
      readonly isMined: boolean;
    }
  /** We open: pay `amount` to `script` in a transaction that is signed and not broadcast; answer `funding-built`. */
  | {
      readonly tag: 'funding-needed';
      readonly channelId: ChannelId;
      readonly script: Uint8Array;
      readonly amount: Sat;
      readonly feerate: FeeratePerKw;
    }
  /** The peer wants to open a channel that obeys our limits: answer `accept` or `reject`. */
  | {
      readonly tag: 'open-requested';
      readonly channelId: ChannelId;
      readonly amount: Sat;
      readonly push: Msat;
      readonly announce: boolean;
      readonly type: ChannelType;
      /** The peer gives it an alias (`option_scid_alias`), whether its type says so or not. */
      readonly hasAlias: boolean;
    }
  /**
   * Opening came to nothing: the channel can be forgotten, coins set aside for it are free. `refused`: by us, of a peer that
   * wanted it otherwise than we do.
   */
  | {
      readonly tag: 'open-failed';
      readonly channelId: ChannelId;
      readonly refused: boolean;
      readonly detail: string;
    }
  /** The channel has its lasting name, by which messages name it from now on. */
  | { readonly tag: 'channel-id'; readonly temporary: ChannelId; readonly final: ChannelId }
  /** Both sides signed; waiting for the funding transaction. */
  | { readonly tag: 'pending'; readonly channelId: ChannelId; readonly fundingTxId: TxId }
  /** Usable from now on. */
  | { readonly tag: 'ready'; readonly channelId: ChannelId; readonly alias: Scid | null }
  /** Signed by all: for the gossip store, and to be relayed. */
  | { readonly tag: 'announced'; readonly announcement: ChannelAnnouncement }
  /**
   * The peer, which pays the fee, revoked and does not sign: any update of ours would have it sign, as an HTLC that is trimmed.
   * At each block as long as that lasts.
   */
  | { readonly tag: 'signature-owed' }
  /** The peer sent `warning` or `error`: printable ASCII, cut to a line. */
  | { readonly tag: 'peer-said'; readonly kind: 'warning' | 'error'; readonly text: string }
  | { readonly tag: 'violation'; readonly violation: Violation }
  /** The funding output is spent. */
  | { readonly tag: 'spent'; readonly kind: SpendKind; readonly txId: TxId; readonly at: BlockHeight | null }
  /** The peer proved, or claims, that our state is old: nothing is published, it was asked to close. */
  | { readonly tag: 'data-loss'; readonly channelId: ChannelId }
  /**
   * Everything that was ours is in the wallet, or given up as too small. `wasFunded` false: its funding transaction never
   * came into a block, or another one took its coins.
   */
  | { readonly tag: 'closed'; readonly channelId: ChannelId; readonly wasFunded: boolean };

export type Step = {
  readonly next: ChannelState;
  /** All in one transaction. Empty when `durable` did not change. */
  readonly commit: readonly Write[];
  /** In this order, and only once `commit` is durable. */
  readonly after: readonly Effect[];
};
/** Synchronous, total, deterministic. */
export type Transition = (state: ChannelState, event: ChannelEvent, env: Env) => Step;
/** What must be true after a restart, messages apart. */
export type Resume = (durable: Durable, env: Env) => readonly Effect[];
