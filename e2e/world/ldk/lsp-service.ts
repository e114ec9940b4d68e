import type { InvoiceRequest, OpenedChannel, OpenRequest, PeerInvoice } from '../real-peer.ts';
import type { ldk } from './library.ts';
import { LspChannels } from './lsp-channels.ts';
import { LspOrders } from './lsp-orders.ts';
import { LspRooms } from './lsp-rooms.ts';
import type { LspTerms } from './lsp-settings.ts';
import { LspWebhooks } from './lsp-webhooks.ts';
import { LspsServer } from './lsps-server.ts';
import type { LdkStore } from './store.ts';
import type { Till } from './till.ts';

export type LspParts = {
  readonly terms: LspTerms;
  /** Saved with LDK's own state, in one commit. */
  readonly store: LdkStore;
  readonly channels: ldk.ChannelManager;
  /** Where it is paid on chain. */
  readonly till: Till;
  readonly invoice: (request: InvoiceRequest) => PeerInvoice;
  readonly open: (request: OpenRequest, userId?: bigint) => Promise<OpenedChannel>;
  readonly isConnected: (client: string) => boolean;
  /** zbase32, by the node's key. */
  readonly sign: (message: string) => string;
  readonly pump: () => void;
  readonly warn: (text: string) => void;
};

/** An LSP: what it sells, to whom, and what LDK tells of it. */
export class LspService {
  readonly server: LspsServer;
  readonly channels: LspChannels;
  readonly #webhooks: LspWebhooks;
  readonly #rooms: LspRooms;

  constructor(parts: LspParts) {
    const orders = new LspOrders(parts.store);
    this.#webhooks = new LspWebhooks(parts.store, parts.sign, parts.warn);
    this.#rooms = new LspRooms(parts);
    this.channels = new LspChannels(parts, orders, this.#webhooks);
    this.server = new LspsServer(parts.terms, orders.secret, this.#webhooks, this.#rooms, (purchase) => {
      const scid = orders.newScid(() => parts.channels.get_intercept_scid());
      orders.add({
        ...purchase,
        scid,
        state: 'waiting',
        isPaid: false,
        userId: null,
        channelId: null,
        held: [],
        handed: [],
      });
      return `${scid >> 40n}x${(scid >> 16n) & 0xff_ffffn}x${scid & 0xffffn}`;
    });
  }

  /** To be called once the node is whole. */
  resume(): void {
    this.channels.resume();
  }

  /** A client is here: what was held for it goes on. */
  connected(client: string): void {
    this.#webhooks.seen(client);
    this.#rooms.connected(client);
    this.channels.connected(client);
  }

  /** False: it is for nothing that was sold. */
  heldForRoom(paymentHash: string): boolean {
    return this.#rooms.held(paymentHash);
  }

  stop(): void {
    this.#rooms.stop();
    this.channels.stop();
  }
}
