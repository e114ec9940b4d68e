import { toHex } from '../../base/bytes.ts';
import type { ChannelId, NodeId, OutPoint } from '../../base/ids.ts';
import type { Cancel } from '../../base/ports.ts';
import type { ChannelNotice } from '../../channel/effect.ts';
import { channelIdOfFunding } from '../../channel/funding-id.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import { getOrder } from '../../lsp/lsps1.ts';
import type { LspOrder } from '../../lsp/lsps1-order.ts';
import type { RpcClient } from '../../lsp/rpc-client.ts';
import type { Core } from '../core.ts';
import type { OrderDetails, OrderStage } from '../order-api.ts';
import type { Turn } from '../turn.ts';
import { factsOf } from './order-facts.ts';
import { removeOrder, writeOrder } from './order-record.ts';
import { finalOf, isLive, stageOf, type KeptOrder } from './order.ts';

/** How often an LSP is asked how an order fares. */
const LOOK_MS = 3_000;
/** Where nothing is likely to come of one any more. */
const LAZY_MS = 600_000;

type Requested = Extract<ChannelNotice, { tag: 'open-requested' }>;

/** Channels that were bought ahead (bLIP 51): kept on disk, and followed until they are there or the money is back. */
export class OrderDesk {
  readonly #core: Core;
  readonly #rpc: Pick<RpcClient, 'ask'>;
  readonly #orders: Map<string, KeptOrder>;
  #timer: Cancel | null = null;
  #looking = false;
  /** By all who could be asked, the last time. */
  #answered = true;
  #stopped = false;

  constructor(core: Core, rpc: Pick<RpcClient, 'ask'>, kept: readonly KeptOrder[]) {
    this.#core = core;
    this.#rpc = rpc;
    this.#orders = new Map(kept.map((order) => [order.id, order]));
  }

  get(id: string): KeptOrder | null {
    const order = this.#orders.get(id);
    return order === undefined || order.removed === true ? null : order;
  }

  /** Of this LSP, those of which a channel may still come. */
  liveOf(peerId: NodeId): readonly KeptOrder[] {
    return this.#live().filter((order) => order.lsp === peerId && isLive(this.#stage(order)));
  }

  /** A channel of one that was trusted when it was bought. */
  isAwaited(peerId: NodeId): boolean {
    return this.liveOf(peerId).some(({ trusted }) => trusted);
  }

  /** The price of an order paid for this channel: the LSP is owed no fee of a payment (bLIP 52) for it as well. */
  isBought(channel: ChannelId): boolean {
    const peerId = this.#core.channels.get(channel)?.peerId;
    // One LSP has no say over what another opened.
    return [...this.#orders.values()].some(
      ({ lsp, funding }) => lsp === peerId && funding !== null && channelIdOfFunding(funding) === channel,
    );
  }

  list(): readonly OrderDetails[] {
    return [...this.#orders.values()]
      .filter(({ removed }) => removed !== true)
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
      .map((order) => this.#details(order));
  }

  save(turn: Turn, order: KeptOrder): void {
    this.#orders.set(order.id, order);
    turn.write([writeOrder(order)]);
    turn.after(() => this.begin());
  }

  remove(turn: Turn, id: string): void {
    const order = this.#orders.get(id);
    if (order !== undefined && order.funding !== null) return this.save(turn, { ...order, removed: true });
    this.#orders.delete(id);
    turn.write([removeOrder(id)]);
  }

  /** Now, and again and again while there is something to ask for. */
  begin(): void {
    if (this.#looking || this.#stopped) return;
    this.#timer?.();
    this.#timer = null;
    this.#looking = true;
    void this.#look()
      .catch((error: unknown) => this.#core.onBug(error))
      .finally(() => {
        this.#looking = false;
        if (this.#stopped || this.#live().length === 0) return;
        const isUrgent = !this.#answered || this.#live().some((order) => isLive(this.#stage(order)));
        this.#timer = this.#core.options.clock.after(isUrgent ? LOOK_MS : LAZY_MS, () => this.begin());
      });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  #stage(order: KeptOrder): OrderStage {
    return stageOf(order, factsOf(this.#core, order));
  }

  #live(): readonly KeptOrder[] {
    return [...this.#orders.values()].filter(({ over, removed }) => over === null && removed !== true);
  }

  async #look(): Promise<void> {
    const { running, driver } = this.#core;
    if (running === null) return;
    const answered = await Promise.all(
      this.#live().map(async ({ id, lsp, orderId }) => {
        const answer =
          running.peers.remoteInit(lsp) === null ? null : await getOrder(this.#rpc, lsp, orderId);
        if (this.#stopped) return true;
        driver.submit((turn) => this.#heard(turn, id, answer?.ok === true ? answer.value : null));
        if (answer === null || answer.ok) return true;
        return answer.error.code !== 'no-answer' && answer.error.code !== 'disconnected';
      }),
    );
    this.#answered = answered.every(Boolean);
  }

  /** `said`: null when the LSP said nothing that can be used. */
  #heard(turn: Turn, id: string, said: LspOrder | null): void {
    const before = this.#orders.get(id);
    if (before === undefined || before.over !== null || before.removed === true) return;
    const told = said === null ? before : this.#told(before, said);
    const facts = factsOf(this.#core, told);
    const over = finalOf(stageOf(told, facts), told, facts);
    const next = over === null ? told : { ...told, over };
    if (next === before) return;
    this.#orders.set(id, next);
    turn.write([writeOrder(next)]);
  }

  #told(before: KeptOrder, said: LspOrder): KeptOrder {
    // bLIP 51 §3.1: "MAY pull `lsps1.get_order` to check the success of the payment."
    const payment = paymentOf(before, said) ?? before.payment;
    // It may name another until there is one that could be it: a funding transaction that was replaced has another id.
    const named = said.channel?.funding ?? null;
    const isNew = named !== null && !isSameOutPoint(named, before.funding) && !this.#isTaken(named, before);
    const funding = isNew ? named : before.funding;
    if (said.orderId !== before.orderId) {
      this.#core.options.log('warn', 'lsp', 'an LSP tells of another order', { order: before.id });
      return before;
    }
    const keptUntil = said.channel?.expiresAt ?? before.keptUntil;
    if (
      said.state === before.told &&
      payment === before.payment &&
      funding === before.funding &&
      keptUntil === before.keptUntil
    )
      return before;
    return { ...before, told: said.state, payment, funding, keptUntil };
  }

  /** One channel is not two that were bought. */
  #isTaken(funding: OutPoint, { id, lsp }: KeptOrder): boolean {
    return [...this.#orders.values()].some(
      (other) => other.id !== id && other.lsp === lsp && isSameOutPoint(funding, other.funding),
    );
  }

  #details(order: KeptOrder): OrderDetails {
    const facts = factsOf(this.#core, order);
    const stage = stageOf(order, facts);
    const { way } = order;
    const onchain = way.tag === 'onchain' ? way : way.tag === 'elsewhere' ? way.onchain : null;
    const isHeld = way.tag === 'elsewhere' || (way.tag === 'lightning' && facts.payment?.state === 'pending');
    const text = way.tag === 'onchain' || !isHeld ? null : way.invoice;
    const refund = stage === 'refunding' || stage === 'refunded' ? facts.refund : null;
    const invoice = text === null ? null : decodeBolt11(text, this.#core.options.network);
    const chain = this.#core.running?.chain;
    return {
      id: order.id,
      lsp: { nodeId: order.lsp, alias: order.alias },
      lspOrderId: order.orderId,
      stage,
      way: way.tag,
      roomSat: order.lspBalance,
      clientBalanceSat: order.clientBalance,
      feeSat: order.fee,
      totalSat: order.total,
      createdAt: order.createdAt,
      expiresAt: order.expiresAt,
      paymentId:
        way.tag === 'lightning' && facts.payment !== null ? way.paymentHash : (facts.sentBy?.txId ?? null),
      cancellationId: facts.cancelledBy,
      payHere:
        way.tag === 'elsewhere' ? { invoice: way.invoice, address: way.onchain?.address ?? null } : null,
      confirmations: way.tag !== 'onchain' ? null : (facts.sentBy?.confirmations ?? 0),
      confirmationsWanted: onchain?.confirmations ?? null,
      isFeeTooLow: facts.sentBy !== null && chain?.isRefusedForFee(facts.sentBy.txId) === true,
      heldBlocks: invoice?.ok === true ? invoice.value.minFinalCltvExpiryDelta : null,
      channelId: facts.hosted?.id ?? null,
      namedChannel: facts.namedChannel,
      refundTxId: refund?.txId ?? null,
      refundedSat: refund?.amount ?? null,
      preimage: facts.preimage === null ? null : toHex(facts.preimage),
      keptUntil: order.keptUntil,
    };
  }

  /** Whether it may be taken off the list: nothing is to come of it any more, or nobody says so. */
  isOver(order: KeptOrder): boolean {
    const stage = this.#stage(order);
    return !isLive(stage) || stage === 'undelivered';
  }
}

const isSameOutPoint = ({ txId, index }: OutPoint, other: OutPoint | null): boolean =>
  other?.txId === txId && other.index === index;

/** What the LSP says of the payment; of one that somebody else makes: in whichever way it came. */
function paymentOf(before: KeptOrder, { lightning, onchain }: LspOrder): KeptOrder['payment'] | null {
  const { tag } = before.way;
  if (tag === 'lightning') return lightning?.state ?? null;
  if (tag === 'onchain') return onchain?.state ?? null;
  const states = [lightning?.state, onchain?.state].filter((state) => state !== undefined);
  const come = states.find((state) => state === 'paid' || state === 'hold');
  if (come !== undefined) return come;
  // A way that nobody took ends as one that was given back: an invoice that has expired.
  const isBack = before.payment !== 'expected' || onchain?.state === 'refunded';
  return isBack ? (states.find((state) => state === 'refunded') ?? null) : 'expected';
}

/** Why a channel that an LSP opens is none that was bought ahead; null when it is one of them. */
export function roomFault(orders: readonly KeptOrder[], requested: Requested): string | null {
  // bLIP 51 §4.1: "MUST respect the `announce_channel` flag."
  if (requested.announce) return 'the channel that was bought is not announced';
  // bLIP 51 §4.1: "MUST open the channel with at least a capacity of `lsp_balance_sat` + `client_balance_sat`."; "MUST push `client_balance_sat` to the client."
  const fits = ({ lspBalance, clientBalance }: KeptOrder): boolean =>
    requested.amount * 1000n - requested.push >= lspBalance * 1000n &&
    requested.push >= clientBalance * 1000n;
  return orders.some(fits) ? null : 'the channel is smaller than the one that was bought';
}
