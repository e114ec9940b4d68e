import { errorOf, errorText, fixU128, hex, isOk, isTrue, ldk, some, unhex } from './library.ts';
import { newUserId } from './channel-desk.ts';
import type { HandedPart, HeldPart, LspOrders, Order } from './lsp-orders.ts';
import type { LspParts } from './lsp-service.ts';
import type { LspWebhooks } from './lsp-webhooks.ts';
import { isPast, openingFee } from './lsps-server.ts';

const sum = (parts: readonly { readonly amountMsat: bigint }[]): bigint =>
  parts.reduce((total, { amountMsat }) => total + amountMsat, 0n);
const channelIdOf = (channel: ldk.ChannelDetails): string => hex(channel.get_channel_id().get_a());

/**
 * Channels that are opened when the payment for them comes. An order and what LDK does for it are saved in one commit, so
 * that whatever is held here is held by LDK too, whenever the process ends.
 */
export class LspChannels {
  readonly #parts: LspParts;
  readonly #orders: LspOrders;
  readonly #webhooks: LspWebhooks;
  readonly #timers = new Map<bigint, NodeJS.Timeout>();

  constructor(parts: LspParts, orders: LspOrders, webhooks: LspWebhooks) {
    this.#parts = parts;
    this.#orders = orders;
    this.#webhooks = webhooks;
  }

  /** What was held, and what was being opened, when the process ended. To be called once the node is whole. */
  resume(): void {
    for (const order of this.#orders.all()) {
      if (order.held.length > 0) this.#startTimer(order);
      if (order.state !== 'opening') continue;
      const channel = this.#channelOf(order);
      // A channel whose funding was not signed is gone with the process.
      if (channel === null) Object.assign(order, { state: 'waiting', channelId: null, userId: null });
      else order.channelId = channelIdOf(channel);
      this.#orders.save();
      this.#openedAlready(order);
    }
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** A payment for a channel that may not be there yet. */
  intercepted(event: ldk.Event_HTLCIntercepted): void {
    const part = {
      id: hex(event.intercept_id),
      paymentHash: hex(event.payment_hash),
      amountMsat: event.expected_outbound_amount_msat,
    };
    const order = this.#orders.get(event.requested_next_hop_scid);
    if (order === null || (order.state === 'waiting' && isPast(order.params))) return this.#fail([part]);
    order.held = [...order.held, part];
    this.#orders.save();
    if (!this.#timers.has(order.scid)) this.#startTimer(order);
    if (this.#wholeOf(order) === null) return;
    // It is held for a while, for a client that can be woken.
    const awaited = this.#isHere(order) || this.#webhooks.notify(order.client, 'lsps5.payment_incoming');
    if (!awaited) return this.#giveBack(order);
    this.#goOn(order);
  }

  /** A client is here: what was held for it goes on. */
  connected(client: string): void {
    for (const order of this.#orders.all()) if (order.client === client) this.#goOn(order);
  }

  /** What waits for a channel that its client has yet to come back to. */
  look(): void {
    for (const order of this.#orders.all())
      if (order.state === 'open' && order.held.length > 0) this.#goOn(order);
  }

  ready(channelId: string): void {
    for (const order of this.#orders.all()) {
      if (order.channelId !== channelId || order.state !== 'opening') continue;
      order.state = 'open';
      this.#orders.save();
      this.#goOn(order);
    }
  }

  closed(channelId: string): void {
    for (const order of this.#orders.all()) {
      if (order.channelId !== channelId) continue;
      // Who has paid nothing yet may have another.
      if (!order.isPaid)
        Object.assign(order, { state: 'waiting', channelId: null, userId: null, handed: [] });
      this.#giveBack(order);
    }
  }

  /** A payment left through a channel and was claimed. */
  delivered(event: ldk.Event_PaymentForwarded): void {
    const channelId = hex(event.next_channel_id.get_a());
    const amountMsat = some<bigint>(event.outbound_amount_forwarded_msat);
    for (const order of this.#orders.all()) {
      if (order.channelId !== channelId || order.isPaid) continue;
      if (!order.handed.some((part) => part.amountMsat - part.takenMsat === amountMsat)) continue;
      // Its client claims all parts of a payment or none.
      Object.assign(order, { isPaid: true, handed: [] });
      this.#orders.save();
    }
  }

  #isHere = ({ client }: Order): boolean => this.#parts.isConnected(client);

  #channelOf({ userId, channelId }: Order): ldk.ChannelDetails | null {
    const channels = this.#parts.channels.list_channels();
    return (
      channels.find(
        (channel) =>
          channelIdOf(channel) === channelId ||
          (userId !== null && fixU128(channel.get_user_channel_id()) === userId),
      ) ?? null
    );
  }

  /** The parts of one payment that are all of it, with those that went on before and are still on their way. */
  #wholeOf(
    order: Order,
  ): { readonly held: readonly HeldPart[]; readonly onWay: readonly HandedPart[] } | null {
    for (const paymentHash of new Set(order.held.map((part) => part.paymentHash))) {
      const held = order.held.filter((part) => part.paymentHash === paymentHash);
      const onWay = this.#onWay(order).filter((part) => part.paymentHash === paymentHash);
      const isAny = order.sizeMsat === null || (order.state === 'open' && order.isPaid);
      if (isAny || sum(held) + sum(onWay) >= (order.sizeMsat ?? 0n)) return { held, onWay };
    }
    return null;
  }

  /** Of what was handed on: what has not failed since. */
  #onWay(order: Order): readonly HandedPart[] {
    if (order.handed.length === 0) return [];
    const pending = (this.#channelOf(order)?.get_pending_outbound_htlcs() ?? []).map(
      (htlc) => `${hex(htlc.get_payment_hash())} ${htlc.get_amount_msat()}`,
    );
    return order.handed.filter(({ paymentHash, amountMsat, takenMsat }) =>
      pending.includes(`${paymentHash} ${amountMsat - takenMsat}`),
    );
  }

  #goOn(order: Order): void {
    if (!this.#isHere(order)) return;
    const whole = this.#wholeOf(order);
    if (whole === null) return;
    const { held, onWay } = whole;
    const size = order.sizeMsat ?? sum(held) + sum(onWay);
    if (order.state === 'waiting') return this.#open(order, size);
    if (order.state !== 'open' || !isTrue(this.#channelOf(order)?.get_is_usable())) return;
    const taken = onWay.reduce((total, { takenMsat }) => total + takenMsat, 0n);
    const feeMsat = order.isPaid ? 0n : openingFee(size, order.params) - taken;
    order.handed = [...onWay, ...this.#forward(order, held, feeMsat)];
    this.#release(order, held);
    this.#parts.pump();
  }

  #open(order: Order, size: bigint): void {
    const { terms, open, warn } = this.#parts;
    if (openingFee(size, order.params) >= size || size > BigInt(order.params.max_payment_size_msat))
      return this.#giveBack(order);
    const userId = newUserId();
    Object.assign(order, { state: 'opening', userId, channelId: null });
    this.#orders.save();
    const isStill = (): boolean => order.state === 'opening' && order.userId === userId;
    open({ nodeId: order.client, capacitySat: size / 1000n + terms.spareSat }, userId).then(
      ({ channelId }) => {
        if (!isStill()) return;
        order.channelId = channelId;
        this.#orders.save();
        this.#openedAlready(order);
      },
      (error: unknown) => {
        warn(`not opened: ${error instanceof Error ? error.message : String(error)}`);
        if (!isStill()) return;
        Object.assign(order, { state: 'waiting', userId: null });
        this.#giveBack(order);
      },
    );
  }

  /** It may have been ready before whoever opened it knew its name. */
  #openedAlready(order: Order): void {
    const channel = this.#channelOf(order);
    if (channel !== null && isTrue(channel.get_is_channel_ready())) this.ready(channelIdOf(channel));
  }

  /** bLIP 52 §5: the first part pays as much of the fee as it can, then the next. @returns what went on less some of it */
  #forward(order: Order, parts: readonly HeldPart[], feeMsat: bigint): HandedPart[] {
    const handed: HandedPart[] = [];
    let left = feeMsat;
    for (const { id, paymentHash, amountMsat } of parts) {
      const takenMsat = left < amountMsat - 1n ? left : amountMsat - 1n;
      const forwarded = this.#parts.channels.forward_intercepted_htlc(
        unhex(id),
        ldk.ChannelId.constructor_new(unhex(order.channelId ?? '')),
        unhex(order.client),
        amountMsat - takenMsat,
      );
      if (isOk(forwarded)) {
        left -= takenMsat;
        if (!order.isPaid) handed.push({ paymentHash, amountMsat, takenMsat });
      } else {
        this.#parts.warn(`not forwarded: ${errorText(errorOf(forwarded))}`);
        this.#parts.channels.fail_intercepted_htlc(unhex(id));
      }
    }
    return handed;
  }

  #startTimer(order: Order): void {
    const late = (): void => {
      // Where no channel came to be, the next payment opens one. One that is on its way is waited for: that payment finds it.
      if (order.state === 'opening' && this.#channelOf(order) === null)
        Object.assign(order, { state: 'waiting', channelId: null, userId: null });
      this.#giveBack(order);
    };
    this.#timers.set(order.scid, setTimeout(late, this.#parts.terms.holdMs));
  }

  #release(order: Order, parts: readonly HeldPart[]): void {
    order.held = order.held.filter((part) => !parts.includes(part));
    this.#orders.save();
    if (order.held.length > 0) return;
    clearTimeout(this.#timers.get(order.scid));
    this.#timers.delete(order.scid);
  }

  #giveBack(order: Order): void {
    const { held } = order;
    this.#release(order, held);
    this.#fail(held);
  }

  #fail(parts: readonly HeldPart[]): void {
    for (const { id } of parts) this.#parts.channels.fail_intercepted_htlc(unhex(id));
    this.#parts.pump();
  }
}
