import { toHex } from '../../base/bytes.ts';
import { nodeId, type NodeId, type PaymentHash, type PaymentId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { msat, type Msat } from '../../base/units.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../../channel/default-config.ts';
import type { ChannelNotice } from '../../channel/effect.ts';
import type { Env } from '../../channel/env.ts';
import type { IncomingHtlc } from '../../channel/htlc.ts';
import { chooseOffer, type Offer } from '../../lsp/choose-offer.ts';
import { isBlind } from '../../payment/opening-fee.ts';
import { incomingIdOf } from '../../payment/receive-request.ts';
import { LSPS_MESSAGE } from '../../lsp/lsps0.ts';
import { buy, getInfo, type Bought } from '../../lsp/lsps2.ts';
import { RpcClient } from '../../lsp/rpc-client.ts';
import { smallestPayment } from '../../lsp/smallest-payment.ts';
import type { WireMessage } from '../../wire/wire-message.ts';
import type { Answer } from '../api.ts';
import type { HostedChannel } from '../channel-host.ts';
import { connectTo } from '../commands/peers.ts';
import type { Core } from '../core.ts';
import type { LspConduct, LspQuote, LspServer } from '../lsp-api.ts';
import type { Servers } from '../node-options.ts';
import type { Refusal } from '../refusal.ts';
import { channelDetails } from '../snapshots/channels.ts';
import type { Turn } from '../turn.ts';
import { Conduct } from './conduct.ts';
import { FundingLook } from './funding-look.ts';
import { OrderDesk, roomFault } from './order-desk.ts';
import type { KeptOrder } from './order.ts';
import { isDear, limitOf, mayBeDear } from './fee-limits.ts';
import { refusalFromLsp } from './lsp-refusal.ts';
import { openingFault, type Ordered } from './open-terms.ts';

export type Quoted = { readonly server: LspServer; readonly offer: Offer; readonly amount: Msat | null };

const MOST_QUOTES = 50;

/** What the node has to do with LSPs: asks for prices, buys, and judges the channels that they open for it. */
export class LspDesk {
  readonly #core: Core;
  readonly #rpc: RpcClient;
  readonly #look: FundingLook;
  readonly orders: OrderDesk;
  readonly #conduct = new Conduct();
  /** Shown and not bought yet. In memory: a quote that a restart forgets is asked for again. */
  readonly #quotes = new Map<string, Quoted>();
  servers: readonly LspServer[] = [];
  /** The most that is ever agreed to for one channel. */
  feeLimit: Msat = msat(0);
  pushRelay: string | null = null;

  constructor(core: Core, orders: readonly KeptOrder[]) {
    this.#core = core;
    this.#look = new FundingLook(core);
    this.#rpc = new RpcClient({
      send: (peerId, message) => core.running?.peers.send(peerId, message) ?? false,
      random: core.options.random,
      clock: core.options.clock,
      log: core.options.log,
    });
    this.orders = new OrderDesk(core, this.#rpc, orders);
  }

  /** Before channels resume: what they do for an LSP depends on whether it is trusted. */
  configure({
    lsps,
    lspFeeLimitSat,
    pushRelay,
  }: Pick<Servers, 'lsps' | 'lspFeeLimitSat' | 'pushRelay'>): void {
    this.servers = lsps ?? [];
    this.feeLimit = limitOf(lspFeeLimitSat);
    this.pushRelay = pushRelay ?? null;
  }

  begin(): void {
    this.#look.begin();
    this.orders.begin();
  }

  get rpc(): Pick<RpcClient, 'ask'> {
    return this.#rpc;
  }

  stop(): void {
    this.#look.stop();
    this.orders.stop();
    this.#rpc.stop();
  }

  up(peerId: NodeId): void {
    this.#rpc.up(peerId);
    this.orders.begin();
  }

  down(peerId: NodeId): void {
    this.#rpc.down(peerId);
  }

  heard(turn: Turn, peerId: NodeId, message: WireMessage): void {
    if (message.name === 'open_channel') this.#conduct.asked(this.#ordersOf(peerId), peerId, message);
    if (message.name !== 'unknown' || message.type !== LSPS_MESSAGE) return;
    turn.after(() => this.#rpc.heard(peerId, message.payload));
  }

  expects(peerId: NodeId): boolean {
    return this.#ordersOf(peerId).length > 0 || this.orders.liveOf(peerId).length > 0;
  }

  /**
   * How far the peer of a channel is believed. bLIP 52 §5: "The client MUST NOT wait for the LSP to broadcast the funding
   * transaction before sending the preimage via a `update_fulfill_htlc`."; "The client and LSP MUST immediately send
   * `channel_ready`." bLIP 52 §Trust Models: "the client MUST transmit the preimage as soon as the incoming HTLC has been
   * irrevocably committed."
   */
  trust(channel: HostedChannel): Pick<Env, 'trustsUnconfirmed' | 'fundingSeen' | 'takesUnseen'> {
    const { peerId } = channel;
    const orders = this.#ordersOf(peerId);
    const blind = this.#isTrusted(peerId) ? orders.filter(({ opening }) => isBlind(opening)) : [];
    // What the channel was opened for is what comes first.
    const isNew = channel.state.durable?.ledger.local === 0n;
    return {
      // Asked at the opening alone, and not at each message: it looks through the wallet.
      trustsUnconfirmed:
        channel.state.durable === null &&
        (this.#opensUnconfirmed(peerId, orders) || this.#sellsUnconfirmed(peerId)),
      fundingSeen: this.#look.isSeen(channel) || blind.length > 0,
      takesUnseen: (hash) => isNew && blind.some(({ paymentHash }) => paymentHash === hash),
    };
  }

  /** As settings say it now: an order may be of a time when they said something else. */
  #isTrusted(peerId: NodeId): boolean {
    return this.servers.some((server) => server.trusted && server.nodeId === peerId);
  }

  #opensUnconfirmed(peerId: NodeId, orders: readonly Ordered[]): boolean {
    return this.#isTrusted(peerId) && orders.some(({ opening }) => opening.unconfirmed);
  }

  #sellsUnconfirmed(peerId: NodeId): boolean {
    return this.#isTrusted(peerId) && this.orders.isAwaited(peerId);
  }

  /**
   * What is made of a channel that a peer wants to open. Null: nothing was bought of it.
   * `unconfirmed`: it is used before the chain confirms it.
   */
  judge(
    peerId: NodeId,
    requested: Extract<ChannelNotice, { tag: 'open-requested' }>,
  ): Result<{ readonly unconfirmed: boolean }, string> | null {
    const orders = this.#ordersOf(peerId);
    const rooms = this.orders.liveOf(peerId);
    if (orders.length === 0 && rooms.length === 0) return null;
    const forPayment = orders.length === 0 ? null : openingFault(orders, requested);
    if (orders.length > 0 && forPayment === null)
      return ok({ unconfirmed: this.#opensUnconfirmed(peerId, orders) });
    const asRoom = rooms.length === 0 ? null : roomFault(rooms, requested);
    if (rooms.length > 0 && asRoom === null) return ok({ unconfirmed: this.#sellsUnconfirmed(peerId) });
    return err(forPayment ?? asRoom ?? 'nothing of the kind was bought');
  }

  /**
   * We did not take a channel that a peer wanted to open. bLIP 52 §5: "Clients MAY reject the channel open attempt if any other
   * parameters or options are not desired by the client (for example, it MAY reject non-zero channel reserve requirements
   * imposed on the client by the LSP)."
   */
  openRefused(peerId: NodeId): void {
    this.#conduct.channelRefused(this.#ordersOf(peerId), peerId);
  }

  /** An HTLC came. */
  offered(htlc: IncomingHtlc): void {
    if (htlc.skimmedFee === undefined) return;
    const { payments, options } = this.#core;
    const orders = payments.openings(options.clock.now());
    const { paymentHash, channelId } = htlc;
    const isOwed = !this.orders.isBought(channelId) && payments.isOwed(paymentHash, channelId);
    this.#conduct.offered(orders, htlc, payments.skimmed(paymentHash), isOwed);
  }

  /** It was judged, and is of a payment that we know or not. */
  judged(peerId: NodeId, { paymentHash }: IncomingHtlc): void {
    const known = this.#core.payments.entry(incomingIdOf(paymentHash), this.#core.options.clock.now());
    if (known === null) this.#conduct.unknown(this.#ordersOf(peerId), peerId);
  }

  /** `paymentId`: of an incoming payment, which is its hash. */
  conduct(paymentId: string): LspConduct | null {
    const noted = this.#conduct.of(paymentId as PaymentHash);
    if (noted !== null) return noted;
    const { payments, options } = this.#core;
    const payment = payments.entry(paymentId as PaymentId, options.clock.now());
    if (payment === null || payment.lsp === null) return null;
    if (payment.state === 'succeeded')
      return isCollected(this.#core, payment.lsp, paymentId) ? 'payment-held' : null;
    if (payment.state !== 'expired') return null;
    return hasRoomOf(this.#core, payment.lsp, payment.amount ?? msat(1)) ? 'not-forwarded' : 'not-opened';
  }

  /** A channel has its funding transaction: it may have to be seen before the channel is used. */
  lookForFunding(): void {
    this.#look.begin();
  }

  #ordersOf(peerId: NodeId): readonly Ordered[] {
    const { payments, options } = this.#core;
    return payments.openings(options.clock.now()).filter(({ opening }) => opening.lsp === peerId);
  }

  async quote(server: LspServer, amount: Msat | null): Answer<LspQuote> {
    const lsp = nodeId(server.nodeId);
    const { host, port } = server;
    const connected = await connectTo(this.#core, lsp, { host, port });
    if (!connected.ok) return connected;
    const menu = await getInfo(this.#rpc, lsp, server.token);
    if (!menu.ok) return err(refusalFromLsp(menu.error));
    const { toSelfDelay } = DEFAULT_CHANNEL_CONFIG;
    const offer = chooseOffer(menu.value, { amount, now: this.#core.options.clock.now(), toSelfDelay });
    if (!offer.ok) return err(refusalFromLsp(offer.error));
    const quoteId = toHex(this.#core.options.random(16));
    const quoted = { server, offer: offer.value, amount };
    this.#keep(quoteId, quoted);
    return ok(shown(quoteId, quoted));
  }

  quoted(quoteId: string): Quoted | null {
    return this.#quotes.get(quoteId) ?? null;
  }

  /** Under exactly the terms of the quote. */
  async buy({ server, offer, amount }: Quoted): Answer<Bought> {
    const lsp = nodeId(server.nodeId);
    const { host, port } = server;
    const connected = await connectTo(this.#core, lsp, { host, port });
    if (!connected.ok) return connected;
    const bought = await buy(this.#rpc, lsp, offer.params, amount);
    if (!bought.ok) return err<Refusal>(refusalFromLsp(bought.error));
    return bought;
  }

  #keep(quoteId: string, quoted: Quoted): void {
    this.#quotes.set(quoteId, quoted);
    const [oldest] = this.#quotes.keys();
    if (this.#quotes.size > MOST_QUOTES && oldest !== undefined) this.#quotes.delete(oldest);
  }
}

/** A channel with this peer can take that much: of what is asked for anew, nobody has to pay for another. */
const hasRoomOf = (core: Core, peerId: NodeId, amount: Msat): boolean =>
  channelDetails(core).some(
    ({ peerNodeId, state, closing, receivableMsat }) =>
      peerNodeId === peerId && state !== 'closed' && closing === null && receivableMsat >= amount,
  );

/** A channel with this peer closed with this payment to us in it, which the chain has to give us. */
const isCollected = (core: Core, peerId: NodeId, hash: string): boolean =>
  core.channels
    .ofPeer(peerId)
    .some(
      ({ state: { durable } }) =>
        durable?.phase === 'closing' &&
        [...durable.ledger.incoming.values()].some(({ add }) => add.paymentHash === hash),
    );

/** A person is asked before it is bought. */
export const isDearQuote = ({ offer: { fee, params }, amount }: Pick<Quoted, 'offer' | 'amount'>): boolean =>
  fee === null || amount === null ? mayBeDear(params) : isDear(fee, amount);

function shown(quoteId: string, { server, offer, amount }: Quoted): LspQuote {
  const { params, fee } = offer;
  return {
    quoteId,
    lsp: { nodeId: server.nodeId, alias: server.alias },
    amountMsat: amount,
    feeMsat: fee,
    minFeeMsat: params.minFee,
    proportionalMillionths: Number(params.proportional),
    minimumMsat: smallestPayment(params) ?? params.minPayment,
    maximumMsat: params.maxPayment,
    validUntil: params.validUntil,
    trusted: server.trusted,
    isDear: isDearQuote({ offer, amount }),
  };
}
