import type { CommandId, TxId } from '../base/ids.ts';
import type { BlockHeight } from '../base/units.ts';
import type { ChainEvent, Feerates } from '../bitcoin/watch.ts';
import type { RevokedHtlc } from '../commitment/penalty.ts';
import type { ChannelCommand } from './command.ts';
import type { ChannelMessage, Init } from './message.ts';

/** Everything that can happen to a channel. */
export type ChannelEvent =
  /** `init` was exchanged with the peer on a new connection. */
  | { readonly tag: 'connected'; readonly remoteInit: Init }
  /** Also the first event after a start: nothing that was not signed survives it. */
  | { readonly tag: 'disconnected' }
  | { readonly tag: 'message'; readonly message: ChannelMessage }
  /** The answer is a `reply` effect with the same id: of this step, or for `open` and `close` of a later one. */
  | { readonly tag: 'command'; readonly id: CommandId; readonly command: ChannelCommand }
  | { readonly tag: 'chain'; readonly event: ChainEvent }
  /** A new block, or new fee rates. Takes the place of those in `Env`. */
  | {
      readonly tag: 'tick';
      readonly height: BlockHeight;
      readonly feerates: Feerates;
      /** No server told what became of what we watch: who should have done something may have. */
      readonly isBlind?: true;
      /** The first since the machine slept, timers and connections with it. */
      readonly hasSlept?: true;
    }
  /**
   * Whoever pays has written down how the outgoing HTLC `id` ended: its `settle` need not be repeated after a restart.
   * Best handed over in the transaction that writes the payment.
   */
  | { readonly tag: 'settled'; readonly id: bigint }
  /** What `recall` asked for: the whole history was read for what commitment `txId` has of it. */
  | { readonly tag: 'recalled'; readonly txId: TxId; readonly htlcs: readonly RevokedHtlc[] }
  /** Nothing waits any more: does what steps with `env.moreToCome` left undone (the signature for several changes). */
  | { readonly tag: 'idle' };
