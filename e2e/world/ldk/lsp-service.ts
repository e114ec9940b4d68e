import type { InvoiceRequest, OpenedChannel, OpenRequest, PeerInvoice } from '../real-peer.ts';
import { errorOf, errorText, hex, isOk, ldk, unhex } from './library.ts';
import { LspOrders, type Order } from './lsp-orders.ts';
import { LspRooms } from './lsp-rooms.ts';
import type { LspTerms } from './lsp-settings.ts';
import { LspWebhooks } from './lsp-webhooks.ts';
import { isPast, LspsServer, openingFee } from './lsps-server.ts';
import type { LdkStore } from './store.ts';
import type { Till } from './till.ts';

/** bLIP 52 §4: "SHOULD hold all payment parts active for at least 90 seconds". */
const HOLD_MS = 90_000;

type Part = { readonly interceptId: Uint8Array; readonly amountMsat: bigint };

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
  readonly #held = new Map<bigint, { readonly parts: Part[]; readonly timer: NodeJS.Timeout }>();

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
        this.#orders.add({ ...purchase, scid, state: 'waiting', feeMsat: 0n, channelId: null });
        return `${scid >> 40n}x${(scid >> 16n) & 0xff_ffffn}x${scid & 0xffffn}`;
      },
    );
  }

  /** A payment for a channel that may not be there yet. */
  intercepted(event: ldk.Event_HTLCIntercepted): void {
    const part = { interceptId: event.intercept_id, amountMsat: event.expected_outbound_amount_msat };
    const order = this.#orders.get(event.requested_next_hop_scid);
    if (order === null || (order.state === 'waiting' && isPast(order.params))) return this.#fail([part]);
    // "LSPs MUST consider the `jit_channel_scid` as yet another alias for the specified client".
    if (order.state === 'open') return this.#forward(order, [part], 0n);
    const held = this.#held.get(order.scid) ?? this.#hold(order);
    held.parts.push(part);
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

  #hold(order: Order): { readonly parts: Part[]; readonly timer: NodeJS.Timeout } {
    const timer = setTimeout(() => {
      if (order.state === 'waiting') this.#fail(this.#release(order.scid));
    }, HOLD_MS);
    const held = { parts: [], timer };
    this.#held.set(order.scid, held);
    return held;
  }

  #release(scid: bigint): readonly Part[] {
    const held = this.#held.get(scid);
    clearTimeout(held?.timer);
    this.#held.delete(scid);
    return held?.parts ?? [];
  }

  #openIfWhole(order: Order, parts: readonly Part[]): void {
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
    open({ nodeId: order.client, capacitySat: size / 1000n + terms.spareSat }).then(
      ({ channelId }) => {
        order.channelId = channelId;
        this.#orders.save();
        this.#readyAlready(channelId);
      },
      (error: unknown) => {
        warn(`not opened: ${error instanceof Error ? error.message : String(error)}`);
        order.state = 'waiting';
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
  #forward(order: Order, parts: readonly Part[], feeMsat: bigint): void {
    let left = feeMsat;
    for (const { interceptId, amountMsat } of parts) {
      const taken = left < amountMsat - 1n ? left : amountMsat - 1n;
      left -= taken;
      const forwarded = this.#parts.channels.forward_intercepted_htlc(
        interceptId,
        ldk.ChannelId.constructor_new(unhex(order.channelId ?? '')),
        unhex(order.client),
        amountMsat - taken,
      );
      if (isOk(forwarded)) continue;
      this.#parts.warn(`not forwarded: ${errorText(errorOf(forwarded))}`);
      this.#fail([{ interceptId, amountMsat }]);
    }
    this.#parts.pump();
  }

  #fail(parts: readonly Part[]): void {
    for (const { interceptId } of parts) this.#parts.channels.fail_intercepted_htlc(interceptId);
    this.#parts.pump();
  }
}
