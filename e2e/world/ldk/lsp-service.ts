import type { InvoiceRequest, OpenedChannel, OpenRequest, PeerInvoice } from '../real-peer.ts';
import { errorOf, errorText, hex, isOk, ldk, unhex } from './library.ts';
import { LspOrders, type HeldPart, type Order } from './lsp-orders.ts';
import { LspRooms } from './lsp-rooms.ts';
import type { LspTerms } from './lsp-settings.ts';
import { LspWebhooks } from './lsp-webhooks.ts';
import { isPast, LspsServer, openingFee } from './lsps-server.ts';
import type { LdkStore } from './store.ts';
import type { Till } from './till.ts';

export type LspParts = {
  readonly terms: LspTerms;
  readonly store: LdkStore;
  readonly channels: ldk.ChannelManager;
  /** Where it is paid on chain. */
  readonly till: Till;
  readonly invoice: (request: InvoiceRequest) => PeerInvoice;
  readonly open: (request: OpenRequest) => Promise<OpenedChannel>;
  readonly isConnected: (client: string) => boolean;
  /** zbase32, by the node's key. */
  readonly sign: (message: string) => string;
  readonly pump: () => void;
  readonly warn: (text: string) => void;
};

/** An LSP: sells channels that it opens when the payment for them comes, and forwards that payment less its fee. */
export class LspService {
  readonly server: LspsServer;
  readonly #parts: LspParts;
  readonly #orders: LspOrders;
  readonly #webhooks: LspWebhooks;
  readonly #rooms: LspRooms;
  readonly #held = new Map<bigint, { readonly parts: HeldPart[]; readonly timer: NodeJS.Timeout }>();

  constructor(parts: LspParts) {
    this.#parts = parts;
    this.#orders = new LspOrders(parts.store);
    this.#webhooks = new LspWebhooks(parts.store, parts.sign, parts.warn);
    this.#rooms = new LspRooms(parts);
    this.server = new LspsServer(
      parts.terms,
      this.#orders.secret,
      this.#webhooks,
      this.#rooms,
      (purchase) => {
        const scid = parts.channels.get_intercept_scid();
        this.#orders.add({ ...purchase, scid, state: 'waiting', feeMsat: 0n, channelId: null, parts: [] });
        return `${scid >> 40n}x${(scid >> 16n) & 0xff_ffffn}x${scid & 0xffffn}`;
      },
    );
  }

  /** What it held, or was doing with it, when the process ended. To be called once the node is whole. */
  resume(): void {
    for (const order of this.#orders.all()) {
      if (order.parts.length === 0) continue;
      // It may be that these went on before the end: LDK knows them no more then, and says so.
      if (order.state === 'open') this.#forward(order, order.parts, order.feeMsat);
      else this.#hold(order).parts.push(...order.parts);
      if (order.state === 'opening') this.#openingResumed(order);
    }
  }

  /** The channel may have come to be, with or without a note of its name. */
  #openingResumed(order: Order): void {
    const { channels } = this.#parts;
    const known = new Set(this.#orders.all().map(({ channelId }) => channelId));
    const found = channels.list_channels().find((channel) => {
      const id = hex(channel.get_channel_id().get_a());
      const isTheirs = hex(channel.get_counterparty().get_node_id()) === order.client;
      return channel.get_is_outbound() && isTheirs && (id === order.channelId || !known.has(id));
    });
    // A channel whose funding was not signed is gone with the process.
    if (found === undefined) order.state = 'waiting';
    else order.channelId = hex(found.get_channel_id().get_a());
    this.#orders.save();
    if (order.channelId !== null && found !== undefined) this.#readyAlready(order.channelId);
  }

  /** A payment for a channel that may not be there yet. */
  intercepted(event: ldk.Event_HTLCIntercepted): void {
    const part = { id: hex(event.intercept_id), amountMsat: event.expected_outbound_amount_msat };
    const order = this.#orders.get(event.requested_next_hop_scid);
    if (order === null || (order.state === 'waiting' && isPast(order.params))) return this.#fail([part]);
    // "LSPs MUST consider the `jit_channel_scid` as yet another alias for the specified client".
    if (order.state === 'open') return this.#forward(order, [part], 0n);
    const held = this.#held.get(order.scid) ?? this.#hold(order);
    held.parts.push(part);
    order.parts = [...order.parts, part];
    this.#orders.save();
    if (order.state === 'waiting') this.#openIfWhole(order, held.parts);
  }

  /** A client is here: what was held for it goes on. */
  connected(client: string): void {
    this.#webhooks.seen(client);
    this.#rooms.connected(client);
    for (const [scid, { parts }] of this.#held) {
      const order = this.#orders.get(scid);
      if (order?.client === client && order.state === 'waiting') this.#openIfWhole(order, parts);
    }
  }

  /** False: it is for nothing that was sold. */
  heldForRoom(paymentHash: string): boolean {
    return this.#rooms.held(paymentHash);
  }

  ready(channelId: string): void {
    for (const scid of this.#held.keys()) {
      const order = this.#orders.get(scid);
      if (order?.channelId !== channelId || order.state !== 'opening') continue;
      order.state = 'open';
      this.#orders.save();
      this.#forward(order, this.#release(scid), order.feeMsat);
    }
  }

  stop(): void {
    this.#rooms.stop();
    for (const { timer } of this.#held.values()) clearTimeout(timer);
  }

  #hold(order: Order): { readonly parts: HeldPart[]; readonly timer: NodeJS.Timeout } {
    const timer = setTimeout(() => {
      if (order.state === 'open') return;
      // Also where a channel was being opened: it did not come to be in time, and the next payment opens another.
      Object.assign(order, { state: 'waiting', channelId: null });
      this.#orders.save();
      this.#fail(this.#release(order.scid));
    }, this.#parts.terms.holdMs);
    const held: { parts: HeldPart[]; timer: NodeJS.Timeout } = { parts: [], timer };
    this.#held.set(order.scid, held);
    return held;
  }

  #release(scid: bigint): readonly HeldPart[] {
    const held = this.#held.get(scid);
    clearTimeout(held?.timer);
    this.#held.delete(scid);
    return held?.parts ?? [];
  }

  #openIfWhole(order: Order, parts: readonly HeldPart[]): void {
    const arrived = parts.reduce((sum, { amountMsat }) => sum + amountMsat, 0n);
    if (order.sizeMsat !== null && arrived < order.sizeMsat) return;
    const { terms, open, isConnected, warn } = this.#parts;
    const size = order.sizeMsat ?? arrived;
    const feeMsat = openingFee(size, order.params);
    if (feeMsat >= size || size > BigInt(order.params.max_payment_size_msat))
      return this.#fail(this.#release(order.scid));
    if (!isConnected(order.client)) {
      // It is held for a while, for a client that can be woken.
      if (!this.#webhooks.notify(order.client, 'lsps5.payment_incoming'))
        this.#fail(this.#release(order.scid));
      return;
    }
    Object.assign(order, { state: 'opening', feeMsat });
    this.#orders.save();
    open({ nodeId: order.client, capacitySat: size / 1000n + terms.spareSat }).then(
      ({ channelId }) => {
        if (order.state !== 'opening') return;
        order.channelId = channelId;
        this.#orders.save();
        this.#readyAlready(channelId);
      },
      (error: unknown) => {
        warn(`not opened: ${error instanceof Error ? error.message : String(error)}`);
        order.state = 'waiting';
        this.#orders.save();
        this.#fail(this.#release(order.scid));
      },
    );
  }

  /** It may have been ready before whoever opened it knew its name. */
  #readyAlready(channelId: string): void {
    const found = this.#parts.channels
      .list_channels()
      .find((channel) => hex(channel.get_channel_id().get_a()) === channelId);
    if (found?.get_is_channel_ready()) this.ready(channelId);
  }

  /** bLIP 52 §5: the first part pays as much of the fee as it can, then the next. */
  #forward(order: Order, parts: readonly HeldPart[], feeMsat: bigint): void {
    let left = feeMsat;
    for (const part of parts) {
      const { amountMsat } = part;
      const taken = left < amountMsat - 1n ? left : amountMsat - 1n;
      left -= taken;
      const forwarded = this.#parts.channels.forward_intercepted_htlc(
        unhex(part.id),
        ldk.ChannelId.constructor_new(unhex(order.channelId ?? '')),
        unhex(order.client),
        amountMsat - taken,
      );
      if (isOk(forwarded)) continue;
      this.#parts.warn(`not forwarded: ${errorText(errorOf(forwarded))}`);
      this.#fail([part]);
    }
    this.#parts.pump();
  }

  #fail(parts: readonly HeldPart[]): void {
    for (const { id } of parts) this.#parts.channels.fail_intercepted_htlc(unhex(id));
    this.#parts.pump();
  }
}
