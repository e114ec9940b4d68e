import type { ChannelId, NodeId, OutPoint, PaymentHash } from '../../base/ids.ts';
import type { Sat, Timestamp } from '../../base/units.ts';
import type { OrderStage } from '../order-api.ts';

/** A channel bought ahead (bLIP 51), as it stands on disk from before the payment on. */
export type KeptOrder = {
  /** Ours: an LSP names its orders as it likes. */
  readonly id: string;
  readonly lsp: NodeId;
  readonly alias: string;
  /** Its channel is used before the chain confirms it. */
  readonly trusted: boolean;
  readonly orderId: string;
  readonly createdAt: Timestamp;
  readonly expiresAt: Timestamp;
  readonly lspBalance: Sat;
  readonly clientBalance: Sat;
  readonly fee: Sat;
  readonly total: Sat;
  readonly way: LightningWay | OnchainWay | ElsewhereWay;
  /** What the LSP said last: of the order, and of the payment. */
  readonly told: 'created' | 'completed' | 'failed';
  readonly payment: 'expected' | 'hold' | 'paid' | 'refunded';
  readonly funding: OutPoint | null;
  readonly keptUntil: Timestamp | null;
  /** Channels with this LSP that were there when it was bought: none of them is the one that was. Absent: not kept. */
  readonly channelsBefore?: readonly ChannelId[];
  /** A person took it off the list. What it says of its channel stands: that it was paid for. */
  readonly removed?: true;
  /** How it ended, when it has. */
  readonly over: Final | null;
};
type LightningWay = {
  readonly tag: 'lightning';
  readonly invoice: string;
  readonly paymentHash: PaymentHash;
};
type OnchainWay = {
  readonly tag: 'onchain';
  readonly address: string;
  readonly confirmations: number;
  readonly refundAddress: string;
};
/** Somebody else pays, in whichever way: nothing of the payment passes this wallet. */
type ElsewhereWay = {
  readonly tag: 'elsewhere';
  readonly invoice: string | null;
  readonly onchain: {
    readonly address: string;
    readonly confirmations: number;
    readonly refundAddress: string;
  } | null;
};
export type Final = Extract<OrderStage, 'open' | 'refunded' | 'not-paid'>;

/** What we know by ourselves. */
export type OrderFacts = {
  readonly now: Timestamp;
  readonly payment: {
    readonly state: 'pending' | 'succeeded' | 'failed';
    readonly settledAt: Timestamp | null;
  } | null;
  /** Our transaction to the LSP's address is there. */
  readonly sent: boolean;
  /** A block has it: until then it was paid by nobody, and may be taken back. */
  readonly mined: boolean;
  /** One that pays it may come into a block, or is in one: also what a cancellation is to take the place of. */
  readonly mayBeMined: boolean;
  /** It was, and was cancelled: none of ours to that address can come into a block any more. */
  readonly cancelled: boolean;
  /** The price, or nearly, is back at our refund address, in a block. */
  readonly refunded: boolean;
  /** The channel that the LSP says it opened is one of ours. */
  readonly channel: boolean;
};

/** An LSP opens at once, or within the hour that it was given; this is for one that was away. */
const PATIENCE_SECONDS = 6 * 3_600;
const LONG_PATIENCE_SECONDS = 48 * 3_600;

/**
 * Where an order stands: what the LSP says counts only as far as it costs it something. bLIP 51 §3.1: "The client gets refunded
 * automatically in case the channel open failed, the order expires, or just before the payment times out." bLIP 51 §3.3: "the
 * client MUST NOT rely on the LSP confirming the transaction within the given time frame."
 */
export function stageOf(order: KeptOrder, facts: OrderFacts): OrderStage {
  if (order.over !== null) return order.over;
  if (facts.channel) return 'open';
  switch (order.way.tag) {
    case 'lightning':
      return lightningStage(order, facts);
    case 'onchain':
      return onchainStage(order, facts);
    case 'elsewhere':
      return elsewhereStage(order, facts);
  }
}

function lightningStage(
  { told, payment: said, expiresAt }: KeptOrder,
  { payment, now }: OrderFacts,
): OrderStage {
  if (payment === null) return now > expiresAt || told === 'failed' ? 'not-paid' : 'unpaid';
  switch (payment.state) {
    case 'pending':
      if (said === 'refunded' || told === 'failed') return 'refunding';
      return said === 'hold' ? 'held' : 'paying';
    case 'failed':
      return said === 'hold' || said === 'refunded' || told === 'failed' ? 'refunded' : 'not-paid';
    case 'succeeded':
      // It has what it sells for: whatever it says, the channel has to be here.
      return told !== 'created' || now > (payment.settledAt ?? now) + PATIENCE_SECONDS
        ? 'undelivered'
        : 'opening';
  }
}

/** Both say so: that coins came to the address is no word of the LSP's, and the LSP's word is no coins. */
const isGivenBack = ({ told, payment }: KeptOrder, { refunded }: OrderFacts): boolean =>
  refunded && (told === 'failed' || payment === 'refunded');

function onchainStage(order: KeptOrder, facts: OrderFacts): OrderStage {
  const { told, payment, expiresAt } = order;
  const { sent, mined, mayBeMined, cancelled, now } = facts;
  if (isGivenBack(order, facts)) return 'refunded';
  if (!sent && !mayBeMined) return cancelled || now > expiresAt ? 'not-paid' : 'unpaid';
  if (!mined) {
    // Nobody was paid, whatever it says. It may have seen the payment in time, and wait for its block.
    if (told !== 'created' || payment === 'refunded' || now > expiresAt + PATIENCE_SECONDS) return 'lapsed';
    if (!sent) return 'unpaid';
    return payment === 'paid' ? 'opening' : 'confirming';
  }
  if (told === 'completed') return 'undelivered';
  if (now > expiresAt + LONG_PATIENCE_SECONDS) return 'undelivered';
  if (told === 'failed' || payment === 'refunded') return 'refunding';
  return payment === 'paid' ? 'opening' : 'confirming';
}

/** No money of ours is in it, and nobody but the LSP knows of the payment: what it says is all there is. */
function elsewhereStage(order: KeptOrder, facts: OrderFacts): OrderStage {
  const { told, payment, expiresAt } = order;
  const { now } = facts;
  if (isGivenBack(order, facts)) return 'refunded';
  switch (payment) {
    case 'expected':
      // Coins that were sent in time may be confirmed later.
      return told === 'failed' || now > expiresAt + PATIENCE_SECONDS ? 'not-paid' : 'unpaid';
    case 'hold':
      return told === 'failed' ? 'refunding' : 'held';
    case 'paid':
      if (told === 'failed') return 'refunding';
      return told === 'completed' || now > expiresAt + LONG_PATIENCE_SECONDS ? 'undelivered' : 'opening';
    case 'refunded':
      return 'refunded';
  }
}

/** What the order waits for may still come. */
export const isLive = (stage: OrderStage): stage is Exclude<OrderStage, Final> =>
  stage !== 'open' && stage !== 'refunded' && stage !== 'not-paid';

/** Our clock may be wrong: for so long it is not believed when it says that an order ran out. */
const DOUBT_SECONDS = 30 * 24 * 3_600;

/** Null: nothing ends here for good. That nobody paid is said by whoever would know, or by us if we were to. */
export function finalOf(
  stage: OrderStage,
  { told, expiresAt }: KeptOrder,
  { payment, now }: OrderFacts,
): Final | null {
  if (isLive(stage)) return null;
  if (stage !== 'not-paid' || told === 'failed' || payment?.state === 'failed') return stage;
  return now > expiresAt + DOUBT_SECONDS ? stage : null;
}
