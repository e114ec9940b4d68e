import { toHex } from '../../base/bytes.ts';
import { nodeId } from '../../base/ids.ts';
import type { Network } from '../../base/network.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { sat, satToMsat, type Msat, type Sat } from '../../base/units.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import { getOrder } from '../../lsp/lsps1.ts';
import { changedSince, lightningUntil } from '../../lsp/order-fault.ts';
import { newAddress } from '../../wallet/addresses.ts';
import type { Answer, NodeApi } from '../api.ts';
import { invalid, satArgument } from '../arguments.ts';
import type { Desks } from '../desks.ts';
import { isDear } from '../lsp/fee-limits.ts';
import { refusalFromLsp } from '../lsp/lsp-refusal.ts';
import { elsewhereOf, keptOrder } from '../lsp/kept-order.ts';
import type { KeptOrder } from '../lsp/order.ts';
import { quoteRoom, type RoomQuote } from '../lsp/room-quote.ts';
import type { LspServer } from '../lsp-api.ts';
import type { OrderApi, RoomOffer, RoomOffers } from '../order-api.ts';
import type { Refusal } from '../refusal.ts';
import { connectTo, keepPeer } from './peers.ts';

const MOST_QUOTES = 50;

type Pay = { readonly bolt11: Pick<NodeApi['bolt11'], 'send'> } & Pick<NodeApi, 'sendToAddress'>;

/** Room to receive, bought ahead (bLIP 51). */
export function orderCommands({ core, channels, lsp: desk }: Desks, pay: Pay): OrderApi {
  /** Shown and not paid. In memory: an order that nobody pays ends by itself. */
  const quotes = new Map<string, RoomQuote>();
  /** By LSP: told to it alone, and with no order that was paid for. */
  const refunds = new Map<string, string>();

  async function refundAddress({ nodeId: lsp }: LspServer): Promise<string> {
    const told = refunds.get(lsp);
    if (told !== undefined) return told;
    const address = await core.inTurn<string>((turn, done) => {
      const given = newAddress(core.wallet);
      channels.applyWallet(turn, given);
      done(given.address);
    });
    refunds.set(lsp, address);
    return address;
  }

  async function quote(roomSat: unknown): Answer<RoomOffers> {
    const room = satArgument(roomSat, 'roomSat');
    if (!room.ok) return room;
    if (core.running === null) return err({ code: 'not-running' });
    if (desk.servers.length === 0) return err({ code: 'no-lsp' });
    const answers = await Promise.all(
      desk.servers.map(async (server) => ({
        server,
        answer: await quoteRoom(core, desk.rpc, server, room.value, await refundAddress(server)),
      })),
    );
    const offers = answers.flatMap(({ answer }) => (answer.ok ? [keep(answer.value)] : []));
    const refused = answers.flatMap(({ server: { nodeId: id, alias }, answer }) =>
      answer.ok ? [] : [{ lsp: { nodeId: id, alias }, refusal: answer.error }],
    );
    const [first] = refused;
    if (offers.length === 0 && first !== undefined) return err(first.refusal);
    return ok({ offers: offers.toSorted(cheaper), refused });
  }

  function keep(quoted: RoomQuote): RoomOffer {
    const quoteId = toHex(core.options.random(16));
    quotes.set(quoteId, quoted);
    const [oldest] = quotes.keys();
    if (quotes.size > MOST_QUOTES && oldest !== undefined) quotes.delete(oldest);
    // Without coins there is nothing that we could pay with on chain.
    return offerOf(quoteId, quoted, core.options.network, core.wallet.txs.size > 0);
  }

  async function buy(request: Parameters<OrderApi['buy']>[0]): ReturnType<OrderApi['buy']> {
    const { quoteId, way, onchainFee = 'normal' } = request;
    if (typeof quoteId !== 'string') return invalid('quoteId', 'a quote is needed');
    if (way !== 'lightning' && way !== 'onchain' && way !== 'elsewhere')
      return invalid('way', 'lightning, onchain or elsewhere is needed');
    const maxFee = optionalSat(request.maxFeeSat, 'maxFeeSat');
    if (!maxFee.ok) return maxFee;
    const maxCost = optionalSat(request.maxCostSat, 'maxCostSat');
    if (!maxCost.ok) return maxCost;
    if (core.running === null) return err({ code: 'not-running' });
    const quoted = quotes.get(quoteId);
    if (quoted === undefined) return err({ code: 'quote-expired' });
    const order = keptOrder(quoted, way, {
      id: toHex(core.options.random(16)),
      now: core.options.clock.now(),
      network: core.options.network,
      channelsBefore: core.channels.ofPeer(nodeId(quoted.server.nodeId)).map(({ id: before }) => before),
    });
    if (!order.ok) return order;
    const bound = feeBound(order.value.fee, quoted.wish.lspBalance, maxFee.value, desk.feeLimit);
    if (bound !== null) return err(bound);
    const checked = await stillHolds(quoted);
    if (!checked.ok) return checked;
    // Whoever presses twice buys once.
    if (!quotes.delete(quoteId)) return err({ code: 'quote-expired' });
    const { server } = quoted;
    await core.inTurn<void>((turn, done) => {
      desk.orders.save(turn, order.value);
      keepPeer(core, turn, order.value.lsp, { host: server.host, port: server.port });
      done();
    });
    // Told with this order, in whichever way it is paid: the next one has another.
    const told = refunds.get(server.nodeId);
    refunds.delete(server.nodeId);
    for (const [other, { wish }] of quotes) if (wish.refundAddress === told) quotes.delete(other);
    const paid = await payFor(order.value, maxCost.value, onchainFee);
    // A payment that servers refused, and that is kept, stands among the payments and may be mined yet: it is followed as well.
    if (paid.ok || (paid.error.code === 'broadcast-refused' && paid.error.isKept === true))
      return ok({ id: order.value.id });
    // Nothing left us: there is nothing to follow.
    await core.inTurn<void>((turn, done) => {
      desk.orders.remove(turn, order.value.id);
      done();
    });
    return paid;
  }

  /**
   * On disk first: what is paid is known after a crash, too. bLIP 51 §3.1: "MAY pay the `invoice`." bLIP 51 §3.3: "MUST pay
   * `order_total_sat` to `address`."
   */
  async function payFor(
    { way, total }: KeptOrder,
    maxCost: Sat | null,
    onchainFee: NonNullable<Parameters<OrderApi['buy']>[0]['onchainFee']>,
  ): Answer<unknown> {
    // Whoever pays does so out of what the page shows of the order.
    if (way.tag === 'elsewhere') return ok(undefined);
    if (way.tag === 'onchain')
      return pay.sendToAddress(way.address, total, onchainFee, ...(maxCost === null ? [] : [maxCost]));
    return pay.bolt11.send(way.invoice, maxCost === null ? {} : { maxFeeMsat: satToMsat(maxCost) });
  }

  /** The LSP says the same of it as when it was shown. */
  async function stillHolds({ server, order }: RoomQuote): Answer<void> {
    const lsp = nodeId(server.nodeId);
    const connected = await connectTo(core, lsp, { host: server.host, port: server.port });
    if (!connected.ok) return connected;
    const now = await getOrder(desk.rpc, lsp, order.orderId);
    if (!now.ok) return err(refusalFromLsp(now.error));
    const changed = changedSince(order, now.value);
    if (changed === null) return ok(undefined);
    core.options.log('warn', 'lsp', 'an order has changed', { lsp, what: changed });
    return err({ code: 'lsp-failed', reason: 'terms-changed' });
  }

  return {
    quote,
    buy: (request) =>
      typeof request === 'object' && request !== null
        ? buy(request)
        : Promise.resolve(invalid('request', 'a request is needed')),
    list: () => core.driver.read(() => desk.orders.list()),
    forget: (id) =>
      core.inTurn((turn, done) => {
        const order = typeof id === 'string' ? desk.orders.get(id) : null;
        if (order === null || !desk.orders.isOver(order)) return done(invalid('id', 'no order that is over'));
        desk.orders.remove(turn, order.id);
        return done(ok(undefined));
      }),
  };
}

const optionalSat = (value: unknown, field: string): Result<Sat | null, Refusal> =>
  value === undefined ? ok(null) : satArgument(value, field);

/**
 * Why the LSP's fee is not agreed to; null when it is. bLIP 51 §2: "SHOULD validate the `fee_total_sat` is reasonable."; "MAY
 * abort the flow here."
 */
function feeBound(fee: Sat, room: Sat, agreed: Sat | null, limit: Msat): Refusal | null {
  const feeMsat = satToMsat(fee);
  if (feeMsat > limit) return { code: 'lsp-fee-above-limit', feeMsat, limitMsat: limit };
  if (agreed !== null)
    return fee > agreed ? { code: 'lsp-fee-above-limit', feeMsat, limitMsat: satToMsat(agreed) } : null;
  return isDear(feeMsat, satToMsat(room)) ? { code: 'lsp-fee-is-dear', feeMsat } : null;
}

function offerOf(quoteId: string, quoted: RoomQuote, network: Network, hasCoins: boolean): RoomOffer {
  const { server, order, wish } = quoted;
  const { lightning, onchain, lspBalance } = order;
  const elsewhere = elsewhereOf(quoted, network);
  const dear = (fee: Sat): boolean => isDear(satToMsat(fee), satToMsat(sat(lspBalance)));
  const invoice = lightning === null ? null : decodeBolt11(lightning.invoice, network);
  return {
    quoteId,
    lsp: { nodeId: server.nodeId, alias: server.alias },
    roomSat: lspBalance,
    clientBalanceSat: order.clientBalance,
    expiryBlocks: order.expiryBlocks,
    trusted: server.trusted,
    lightning:
      lightning === null || invoice === null || !invoice.ok
        ? null
        : {
            feeSat: lightning.fee,
            totalSat: lightning.total,
            expiresAt: lightningUntil(order, network) ?? lightning.expiresAt,
            isDear: dear(lightning.fee),
            invoice: lightning.invoice,
            heldBlocks: invoice.value.minFinalCltvExpiryDelta,
          },
    onchain:
      onchain === null || wish.refundAddress === null || !hasCoins
        ? null
        : {
            feeSat: onchain.fee,
            totalSat: onchain.total,
            expiresAt: onchain.expiresAt,
            isDear: dear(onchain.fee),
            address: onchain.address,
            confirmations: onchain.confirmations,
          },
    elsewhere:
      elsewhere === null
        ? null
        : {
            feeSat: elsewhere.fee,
            totalSat: elsewhere.total,
            expiresAt: elsewhere.expiresAt,
            isDear: dear(elsewhere.fee),
            ...waysOf(elsewhere, network),
          },
  };
}

function waysOf(
  { way }: Pick<KeptOrder, 'way'>,
  network: Network,
): { readonly heldBlocks: number | null; readonly confirmations: number | null } {
  const { invoice, onchain } = way.tag === 'elsewhere' ? way : { invoice: null, onchain: null };
  const decoded = invoice === null ? null : decodeBolt11(invoice, network);
  return {
    heldBlocks: decoded?.ok === true ? decoded.value.minFinalCltvExpiryDelta : null,
    confirmations: onchain?.confirmations ?? null,
  };
}

const leastFee = ({ elsewhere }: RoomOffer): bigint => elsewhere?.feeSat ?? 0n;
const cheaper = (a: RoomOffer, b: RoomOffer): number => {
  const [x, y] = [leastFee(a), leastFee(b)];
  return x < y ? -1 : x > y ? 1 : 0;
};
