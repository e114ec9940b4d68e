import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { InvoiceRequest, OpenedChannel, OpenRequest, PeerInvoice } from '../real-peer.ts';
import { hex, isNull, unhex, type ldk } from './library.ts';
import { RoomBook, totalOf, type RoomOrder } from './lsp-room-book.ts';
import type { LspTerms } from './lsp-settings.ts';
import { RpcError } from './rpc-error.ts';
import type { LdkStore } from './store.ts';
import type { Till } from './till.ts';

type Json = Readonly<Record<string, unknown>>;

type RoomParts = {
  readonly terms: LspTerms;
  readonly store: LdkStore;
  readonly till: Till;
  readonly channels: ldk.ChannelManager;
  readonly invoice: (request: InvoiceRequest) => PeerInvoice;
  readonly open: (request: OpenRequest) => Promise<OpenedChannel>;
  readonly isConnected: (client: string) => boolean;
  readonly pump: () => void;
  readonly warn: (text: string) => void;
};

const LOOK_MS = 250;
const BLOCK_MS = 600_000;

/** LSPS1 as a service: channels that are ordered, paid for with a hold invoice or on chain, and opened. */
export class LspRooms {
  readonly #parts: RoomParts;
  readonly #book: RoomBook;
  readonly #timer: NodeJS.Timeout;
  #looking = false;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.#book = new RoomBook(parts.store);
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Null: no method of LSPS1. @throws {RpcError} */
  run(client: string, method: string, params: Json): Json | Promise<Json> | null {
    switch (method) {
      case 'lsps1.get_info':
        return this.#info();
      case 'lsps1.create_order':
        return this.#create(client, params);
      case 'lsps1.get_order': {
        const order = this.#book.orders.find(
          ({ id, client: owner }) => id === params['order_id'] && owner === client,
        );
        if (order === undefined) throw new RpcError(101, 'not found');
        return shown(order, this.#parts.terms.rooms.confirmations);
      }
      default:
        return null;
    }
  }

  /** A payment whose preimage is ours to give. False: it is for no order. */
  held(paymentHash: string): boolean {
    const order = this.#book.orders.find((one) => one.paymentHash === paymentHash);
    if (order === undefined) return false;
    if (order.state !== 'CREATED' || isPast(order)) {
      this.#giveBack(order);
      return true;
    }
    order.lightning = 'HOLD';
    this.#book.save();
    this.#openIfPaid(order);
    return true;
  }

  connected(client: string): void {
    for (const order of this.#book.orders) if (order.client === client) this.#openIfPaid(order);
  }

  #info(): Json {
    const { rooms } = this.#parts.terms;
    return {
      min_required_channel_confirmations: 0,
      min_funding_confirms_within_blocks: 1,
      supports_zero_channel_reserve: false,
      max_channel_expiry_blocks: rooms.maxExpiryBlocks,
      min_initial_client_balance_sat: '0',
      max_initial_client_balance_sat: String(rooms.maxClientSat),
      min_initial_lsp_balance_sat: String(rooms.minLspSat),
      max_initial_lsp_balance_sat: String(rooms.maxLspSat),
      min_channel_balance_sat: String(rooms.minLspSat),
      max_channel_balance_sat: String(rooms.maxLspSat + rooms.maxClientSat),
    };
  }

  async #create(client: string, params: Json): Promise<Json> {
    const { terms, invoice, till } = this.#parts;
    const { rooms } = terms;
    const lspSat = satOf(params, 'lsp_balance_sat');
    const clientSat = satOf(params, 'client_balance_sat');
    const expiryBlocks = wholeOf(params, 'channel_expiry_blocks');
    const confirmations = wholeOf(params, 'required_channel_confirmations');
    const fundingBlocks = wholeOf(params, 'funding_confirms_within_blocks');
    const { token = '', refund_onchain_address: refund = null, announce_channel: announce } = params;
    if (typeof token !== 'string' || announce !== false || (refund !== null && typeof refund !== 'string'))
      throw new RpcError(-32_602, 'invalid params');
    if (terms.tokens.length > 0 && !terms.tokens.includes(token))
      throw new RpcError(102, 'unrecognized token');
    if (lspSat < rooms.minLspSat || lspSat > rooms.maxLspSat || clientSat > rooms.maxClientSat)
      throw new RpcError(100, 'option mismatch');
    if (expiryBlocks < 1 || expiryBlocks > rooms.maxExpiryBlocks || fundingBlocks < 1)
      throw new RpcError(100, 'option mismatch');
    const feeSat = rooms.feeSat + (lspSat * BigInt(rooms.proportional)) / 1_000_000n;
    const preimage = randomBytes(32);
    const paymentHash = createHash('sha256').update(preimage).digest('hex');
    const { bolt11 } = invoice({
      amountMsat: (feeSat + clientSat) * 1000n,
      description: 'a channel',
      paymentHash,
      expirySeconds: rooms.validSeconds,
    });
    const order: RoomOrder = {
      id: randomUUID(),
      client,
      lspSat,
      clientSat,
      confirmations,
      fundingBlocks,
      expiryBlocks,
      token,
      createdAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + rooms.validSeconds * 1000).toISOString(),
      feeSat,
      preimage: preimage.toString('hex'),
      paymentHash,
      invoice: bolt11,
      address: refund === null ? null : await till.address(),
      refundAddress: refund,
      state: 'CREATED',
      lightning: 'EXPECT_PAYMENT',
      onchain: 'EXPECT_PAYMENT',
      opening: false,
      channel: null,
    };
    this.#book.add(order);
    return shown(order, rooms.confirmations);
  }

  /** What came on chain, what has expired, and what was being opened when the process ended. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const order of this.#book.orders) {
        if (order.state === 'COMPLETED') continue;
        await this.#lookAtCoins(order);
        if (order.state === 'CREATED' && isPast(order) && !order.opening) this.#fail(order);
        this.#openIfPaid(order);
      }
    } catch (error) {
      this.#parts.warn(`orders: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#looking = false;
    }
  }

  async #lookAtCoins(order: RoomOrder): Promise<void> {
    const { till, terms } = this.#parts;
    if (order.address === null || order.refundAddress === null || order.onchain === 'REFUNDED') return;
    const received = await till.receivedSat(order.address, terms.rooms.confirmations);
    if (received === 0n) return;
    if (order.state === 'FAILED') {
      order.onchain = 'REFUNDED';
      this.#book.save();
      await till.refund(order.refundAddress, received);
    } else if (order.onchain === 'EXPECT_PAYMENT' && received >= totalOf(order)) {
      order.onchain = 'PAID';
      this.#book.save();
    }
  }

  #openIfPaid(order: RoomOrder): void {
    const { open, isConnected, warn } = this.#parts;
    const isPaid = order.lightning === 'HOLD' || order.onchain === 'PAID';
    if (!isPaid || order.state !== 'CREATED' || order.opening || !isConnected(order.client)) return;
    const there = this.#openedBefore(order);
    if (there !== null) return this.#complete(order, there);
    order.opening = true;
    open({
      nodeId: order.client,
      capacitySat: order.lspSat + order.clientSat,
      pushMsat: order.clientSat * 1000n,
    }).then(
      ({ fundingTxId, fundingIndex }) => this.#complete(order, `${fundingTxId}:${fundingIndex}`),
      (error: unknown) => {
        warn(`not opened: ${error instanceof Error ? error.message : String(error)}`);
        order.opening = false;
        this.#fail(order);
      },
    );
  }

  /** It may have been opened by a process that ended before it wrote that down. */
  #openedBefore(order: RoomOrder): string | null {
    const taken = new Set(this.#book.orders.map(({ channel }) => channel?.outpoint));
    for (const channel of this.#parts.channels.list_channels()) {
      const funding = channel.get_funding_txo();
      if (isNull(funding) || !channel.get_is_outbound()) continue;
      if (hex(channel.get_counterparty().get_node_id()) !== order.client) continue;
      if (channel.get_channel_value_satoshis() !== order.lspSat + order.clientSat) continue;
      const outpoint = `${hex(Uint8Array.from(funding.get_txid()).toReversed())}:${funding.get_index()}`;
      if (!taken.has(outpoint)) return outpoint;
    }
    return null;
  }

  #complete(order: RoomOrder, outpoint: string): void {
    const expiresAt = new Date(Date.now() + order.expiryBlocks * BLOCK_MS).toISOString();
    order.opening = false;
    order.state = 'COMPLETED';
    order.channel = { outpoint, fundedAt: new Date().toISOString(), expiresAt };
    if (order.lightning === 'HOLD') {
      order.lightning = 'PAID';
      this.#parts.channels.claim_funds(unhex(order.preimage));
    }
    this.#book.save();
    this.#parts.pump();
  }

  #fail(order: RoomOrder): void {
    order.state = 'FAILED';
    if (order.lightning === 'HOLD') this.#giveBack(order);
    this.#book.save();
  }

  #giveBack(order: RoomOrder): void {
    order.lightning = 'REFUNDED';
    this.#book.save();
    this.#parts.channels.fail_htlc_backwards(unhex(order.paymentHash));
    this.#parts.pump();
  }
}

const isPast = ({ expiresAt }: RoomOrder): boolean => Date.parse(expiresAt) < Date.now();

function satOf(params: Json, name: string): bigint {
  const value = params[name];
  if (typeof value !== 'string' || !/^\d{1,16}$/.test(value)) throw new RpcError(-32_602, `invalid ${name}`);
  return BigInt(value);
}

function wholeOf(params: Json, name: string): number {
  const value = params[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new RpcError(-32_602, `invalid ${name}`);
  return value;
}

function shown(order: RoomOrder, confirmations: number): Json {
  const price = {
    expires_at: order.expiresAt,
    fee_total_sat: String(order.feeSat),
    order_total_sat: String(totalOf(order)),
  };
  const { channel } = order;
  return {
    order_id: order.id,
    lsp_balance_sat: String(order.lspSat),
    client_balance_sat: String(order.clientSat),
    required_channel_confirmations: order.confirmations,
    funding_confirms_within_blocks: order.fundingBlocks,
    channel_expiry_blocks: order.expiryBlocks,
    token: order.token,
    created_at: order.createdAt,
    announce_channel: false,
    order_state: order.state,
    payment: {
      bolt11: { state: order.lightning, ...price, invoice: order.invoice },
      ...(order.address === null
        ? {}
        : {
            onchain: {
              state: order.onchain,
              ...price,
              address: order.address,
              min_onchain_payment_confirmations: confirmations,
              refund_onchain_address: order.refundAddress,
            },
          }),
    },
    channel:
      channel === null
        ? null
        : {
            funding_outpoint: channel.outpoint,
            funded_at: channel.fundedAt,
            expires_at: channel.expiresAt,
          },
  };
}
