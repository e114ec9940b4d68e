import { fromHex, toHex } from '../base/bytes.ts';
import { ok, type Result } from '../base/result.ts';
import { sha256 } from '../crypto/hash.ts';
import type { LspServer, OrderDetails, RoomOffer, RoomWay } from '../node/api.ts';
import type { Refusal } from '../node/refusal.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import { sat } from '../base/units.ts';
import { paying } from './fake-chain.ts';
import { LspDouble } from './lsp-double.ts';
import { NodeWorld, type NodeSeat } from './node-world.ts';
import { value } from './wallet-world.ts';

export const ROOM = 500_000n;
export const ROOM_FEE = 2_000n;
const PREIMAGE = '42'.repeat(32);

/** A wallet with coins and a channel to somebody, an LSP that sells room, and whoever takes payments for the LSP. */
export class RoomStage {
  readonly world = new NodeWorld();
  readonly wallet: NodeSeat = this.world.seat('wallet');
  readonly till: NodeSeat = this.world.seat('till');
  readonly lsp = new LspDouble(this.world);

  static async start(change: Partial<LspServer> = {}): Promise<RoomStage> {
    const stage = new RoomStage();
    const { world, wallet, till, lsp } = stage;
    const lsps = [lsp.server(change)];
    wallet.servers = () => Promise.resolve(ok({ esplora: [world.esplora.url], proxies: [], lsps }));
    await wallet.start();
    await till.start();
    await world.fund(wallet, 1_000_000n);
    const nodeId = await till.id();
    value(await world.ask(wallet.api.openChannel({ nodeId, host: 'till', port: 9735, amountSat: 300_000n })));
    await world.mine(6);
    lsp.shop.feeSat = ROOM_FEE;
    lsp.shop.invoice = await stage.invoice(ROOM_FEE);
    return stage;
  }

  /** A hold invoice of the till. */
  async invoice(amountSat: bigint): Promise<string> {
    const paymentHash = toHex(sha256(fromHex(PREIMAGE)));
    const request = { amountMsat: amountSat * 1000n, description: 'a channel', paymentHash };
    return value(await this.world.ask(this.till.api.bolt11.receiveForHash(request))).invoice;
  }

  async claim(): Promise<void> {
    value(await this.world.ask(this.till.api.bolt11.claim(PREIMAGE)));
    await this.world.settle();
  }

  async giveBack(): Promise<void> {
    const paymentHash = toHex(sha256(fromHex(PREIMAGE)));
    value(await this.world.ask(this.till.api.bolt11.fail(paymentHash)));
    await this.world.settle();
  }

  async offer(roomSat = ROOM): Promise<RoomOffer> {
    const { offers } = value(await this.world.ask(this.wallet.api.lsp.orders.quote(roomSat)));
    const [offer] = offers;
    if (offer === undefined) throw new Error('no offer');
    return offer;
  }

  async buy(way: RoomWay, change: Record<string, unknown> = {}): Promise<Result<{ id: string }, Refusal>> {
    const { quoteId } = await this.offer();
    return this.world.ask(this.wallet.api.lsp.orders.buy({ quoteId, way, ...change }));
  }

  /** The one order, once the LSP was asked how it fares. */
  async order(): Promise<OrderDetails> {
    await this.world.pass(3_001);
    await this.world.pass(3_001);
    const [order] = await this.world.ask(this.wallet.api.lsp.orders.list());
    if (order === undefined) throw new Error('no order');
    return order;
  }

  /** Coins of the LSP's to the address that it was given for that. */
  async refund(address: string, amountSat: bigint): Promise<void> {
    this.world.chain.add(paying([value(scriptOfAddress(address, 'regtest')), sat(amountSat)]));
    await this.world.mine(1);
  }

  /** The channel that was bought, and what the LSP says of it. */
  async deliver(capacitySat = ROOM + 1_000n, announce = false, pushed = 0n): Promise<void> {
    const { lsp, world } = this;
    await lsp.open(capacitySat, announce, pushed);
    const { durable } = lsp.state;
    if (durable === null) return;
    const { outPoint } = durable.active[0].funding;
    lsp.shop.opened(`${outPoint.txId}:${outPoint.index}`);
    await world.pass(2_000);
  }
}
