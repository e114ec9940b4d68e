import { nodeId } from '../../base/ids.ts';
import type { Network } from '../../base/network.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { timestamp, type Sat, type Timestamp } from '../../base/units.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import { lightningUntil } from '../../lsp/order-fault.ts';
import type { RoomWay } from '../order-api.ts';
import type { Refusal } from '../refusal.ts';
import type { KeptOrder } from './order.ts';
import type { RoomQuote } from './room-quote.ts';

type Terms = Pick<KeptOrder, 'fee' | 'total' | 'expiresAt' | 'way'>;
type Price = { readonly fee: Sat; readonly total: Sat; readonly expiresAt: Timestamp };
const priceOf = ({ fee, total, expiresAt }: Price): Price => ({ fee, total, expiresAt });

/** What somebody else is asked for: the cheaper way, or both where they cost the same. Null: there is none. */
export function elsewhereOf(quoted: RoomQuote, network: Network): Terms | null {
  const lightning = lightningOf(quoted, network);
  const onchain = onchainOf(quoted);
  const cheapest = [lightning, onchain]
    .filter((one) => one !== null)
    .toSorted((a, b) => (a.total < b.total ? -1 : a.total > b.total ? 1 : 0))[0];
  if (cheapest === undefined) return null;
  const chosen = [lightning, onchain].filter(
    (one) => one?.total === cheapest.total && one.fee === cheapest.fee,
  );
  const ends = chosen.map((one) => one?.expiresAt ?? cheapest.expiresAt);
  return {
    fee: cheapest.fee,
    total: cheapest.total,
    expiresAt: timestamp(Math.min(...ends)),
    way: {
      tag: 'elsewhere',
      invoice: chosen.includes(lightning) ? (lightning?.way.invoice ?? null) : null,
      onchain: chosen.includes(onchain) && onchain !== null ? onchain.way : null,
    },
  };
}

function lightningOf({ order }: RoomQuote, network: Network) {
  const { lightning } = order;
  const until = lightningUntil(order, network);
  const invoice = lightning === null ? null : decodeBolt11(lightning.invoice, network);
  if (lightning === null || until === null || invoice === null || !invoice.ok) return null;
  const { paymentHash } = invoice.value;
  const way = { tag: 'lightning', invoice: lightning.invoice, paymentHash } as const;
  return { ...priceOf(lightning), expiresAt: until, way };
}

function onchainOf({ order: { onchain }, wish }: RoomQuote) {
  if (onchain === null || wish.refundAddress === null) return null;
  const { address, confirmations } = onchain;
  return {
    ...priceOf(onchain),
    way: { tag: 'onchain', address, confirmations, refundAddress: wish.refundAddress } as const,
  };
}

const termsOf = (quoted: RoomQuote, way: RoomWay, network: Network): Terms | null => {
  switch (way) {
    case 'lightning':
      return lightningOf(quoted, network);
    case 'onchain':
      return onchainOf(quoted);
    case 'elsewhere':
      return elsewhereOf(quoted, network);
  }
};

/** What is kept of an order that was agreed to, before anybody pays. */
export function keptOrder(
  quoted: RoomQuote,
  way: RoomWay,
  {
    id,
    now,
    network,
    channelsBefore,
  }: Pick<KeptOrder, 'id'> &
    Required<Pick<KeptOrder, 'channelsBefore'>> & { readonly now: Timestamp; readonly network: Network },
): Result<KeptOrder, Refusal> {
  const terms = termsOf(quoted, way, network);
  if (terms === null || terms.expiresAt <= now) return err({ code: 'quote-expired' });
  const { server, order } = quoted;
  return ok({
    id,
    lsp: nodeId(server.nodeId),
    alias: server.alias,
    trusted: server.trusted,
    orderId: order.orderId,
    createdAt: now,
    lspBalance: order.lspBalance,
    clientBalance: order.clientBalance,
    told: 'created',
    payment: 'expected',
    funding: null,
    keptUntil: null,
    over: null,
    ...(channelsBefore.length === 0 ? {} : { channelsBefore }),
    ...terms,
  });
}
