import type { ChannelId, CommandId, PaymentHash, PaymentId } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { BlockHeight, Msat } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import type { ChannelCommand } from '../channel/command.ts';
import type { PaymentFailure, PaymentRefusal } from './payment-refusal.ts';

/**
 * What a payment wants done. `command` and `reply` belong to the same turn as the step's writes: a channel's records
 * and the payment's are in one transaction. `notify` waits for it.
 */
export type PaymentEffect =
  /**
   * Gives a command to a channel. The answer to `add-htlc` comes back as the event `added` or `refused` of the
   * attempt in its origin; the answers to all others need no attention.
   */
  | { readonly tag: 'command'; readonly channelId: ChannelId; readonly command: ChannelCommand }
  | { readonly tag: 'reply'; readonly id: CommandId; readonly result: Result<PaymentReceipt, PaymentRefusal> }
  | { readonly tag: 'notify'; readonly notice: PaymentNotice }
  /** Once it is saved, the event `retry` is to come, with an env whose finder may have looked ahead. */
  | { readonly tag: 'retry'; readonly paymentId: PaymentId }
  /**
   * This payment's machine threw: it stays as it is on disk, and all others go on. Told once in a life of the process.
   */
  | { readonly tag: 'broken'; readonly paymentId: PaymentId; readonly error: unknown };

export type PaymentReceipt = { readonly paymentId: PaymentId };

export type PaymentNotice =
  | {
      readonly tag: 'sent';
      readonly paymentId: PaymentId;
      readonly amount: Msat;
      readonly fee: Msat;
      readonly preimage: Uint8Array;
    }
  | { readonly tag: 'failed'; readonly paymentId: PaymentId; readonly failure: PaymentFailure }
  /** The preimage is on its way to the payer; the money is ours. */
  | { readonly tag: 'received'; readonly paymentId: PaymentId; readonly amount: Msat }
  /** More than may be taken in for now (`PaymentEnv.room`): given back to the payer. */
  | { readonly tag: 'turned-away'; readonly paymentId: PaymentId; readonly amount: Msat }
  /** All of a hold invoice is here: claim it or fail it before `deadline`. */
  | {
      readonly tag: 'claimable';
      readonly paymentId: PaymentId;
      readonly paymentHash: PaymentHash;
      readonly amount: Msat;
      readonly deadline: BlockHeight;
    };

export type Step<S> = {
  readonly next: S;
  /** All in one transaction, with what the commands lead to. */
  readonly commit: readonly Write[];
  /** In this order. */
  readonly after: readonly PaymentEffect[];
};
