import { expect } from 'vitest';
import type { ChannelDetails, InvoiceDetails, PaymentDetails } from '../../engine/node/api.ts';
import { Stage, waitForChannel, waitForPayment } from '../real/scenarios/stage.ts';
import { valueOf } from '../real/scenarios/values.ts';
import type { RealPeer } from '../world/real-peer.ts';
import { until } from '../world/until.ts';
import { USUAL } from './play.ts';
import type { Implementation } from './implementation.ts';
import { begun, type Us } from './our-side.ts';
import type { Place } from './place.ts';
import { isSoldTwice } from './sold-twice.ts';

/** What is paid first, for which the channel is bought, and what comes later. */
export const FIRST = 50_000_000n;
export const MORE = 10_000_000n;

/** One for each channel that is opened before the chain has confirmed what the one before left over. */
const COINS = { lsp: 4, payer: 2 } as const;
const COIN = 4_000_000n;
/** Of each way from the payer to whoever sells channels. */
const WAY = 700_000n;

/** The channel, when it can be used and nothing is in flight in it. */
export const atRest = (us: Us): Promise<ChannelDetails> =>
  waitForChannel(us, ({ isUsable, pendingHtlcs }) => isUsable && pendingHtlcs === 0);

/** Whom the scenario runs with, and where our side does. */
type Where = { readonly kind: Implementation; readonly place: Place };

/** Somebody who sells channels for first payments (LSPS2), a payer with two ways to them, and wallets with nothing. */
export class Shop {
  readonly kind: Implementation;
  readonly #place: Place;
  readonly stage: Stage<RealPeer>;
  readonly lsp: RealPeer;
  readonly payer: RealPeer;

  private constructor({ kind, place }: Where, stage: Stage<RealPeer>, lsp: RealPeer, payer: RealPeer) {
    this.kind = kind;
    this.#place = place;
    this.stage = stage;
    this.lsp = lsp;
    this.payer = payer;
  }

  static async start(where: Where): Promise<Shop> {
    const { kind } = where;
    const stage = await Stage.start<RealPeer>(kind, { satPerVb: USUAL });
    try {
      const lsp = await stage.peer({ alias: 'lsp', forwards: true });
      const payer = await stage.peer({ alias: 'payer' });
      for (let i = 0; i < COINS.lsp; i++) await lsp.fund(COIN);
      for (let i = 0; i < COINS.payer; i++) await payer.fund(COIN);
      const shop = new Shop(where, stage, lsp, payer);
      await payer.connect(lsp.id, lsp.address);
      for (let ways = 0; ways < 2; ways++) await shop.#way();
      return shop;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  /** Runs what needs one, and puts it away again; once more from the start where what was sold has one name twice. */
  static async with(where: Where, run: (shop: Shop) => Promise<void>, isLast = false): Promise<void> {
    const shop = await Shop.start(where);
    let failure: unknown;
    try {
      return await run(shop);
    } catch (error) {
      failure = error;
    } finally {
      await shop.stage.stop();
    }
    if (isLast || !isSoldTwice(failure)) throw failure;
    process.stdout.write(`Begun anew: ${String(failure)}\n`);
    await Shop.with(where, run, true);
  }

  async #way(): Promise<void> {
    const { lsp, payer, stage } = this;
    const { channelId, fundingTxId } = await payer.openChannel({ nodeId: lsp.id, capacitySat: WAY });
    await stage.inMempool(fundingTxId);
    await stage.mine(6);
    for (const node of [lsp, payer])
      await node.waitForChannel((one) => one.channelId === channelId && one.isUsable, 'a way to the LSP');
  }

  /** More than one way carries, and less than both do together. */
  readonly moreThanOneWay = ((WAY * 120n) / 100n) * 1000n;

  async emptyWallet(trusted = true): Promise<Us> {
    const { lsp, stage } = this;
    const lsps = [{ alias: 'LSP', nodeId: lsp.id, ...lsp.address, token: null, trusted }];
    const us = await stage.node((settings) => begun(this.#place, { ...settings, lsps }));
    await stage.sync();
    return us;
  }

  async quote(us: Us, amountMsat: bigint | null): Promise<{ readonly quoteId: string }> {
    await this.stage.sync();
    const [offer] = valueOf(await us.api.lsp.quote(amountMsat)).offers;
    if (offer === undefined) throw new Error('no offer');
    return offer;
  }

  async invoice(us: Us, amountMsat: bigint | null): Promise<InvoiceDetails> {
    const { quoteId } = await this.quote(us, amountMsat);
    return valueOf(await us.api.lsp.receive({ quoteId, description: 'first', maxFeeMsat: 40_000_000n }));
  }

  /** What was paid is there, less the fee of 1 % or the least that the LSP takes. */
  async received(us: Us, paymentId: string, paidMsat: bigint): Promise<PaymentDetails> {
    const payment = await waitForPayment(us, paymentId);
    expect(payment).toMatchObject({ state: 'succeeded' });
    const fee = payment.feeMsat ?? 0n;
    expect(payment.amountMsat).toBe(paidMsat - fee);
    expect(fee).toBeGreaterThan(0n);
    expect(fee).toBeLessThanOrEqual(paidMsat / 25n);
    return payment;
  }

  /** What comes once the channel is there costs nothing. @returns what the payer has less, in millisatoshis */
  async payMore(us: Us): Promise<bigint> {
    await atRest(us);
    await this.stage.sync();
    const { invoice, paymentId } = valueOf(
      await us.api.bolt11.receive({ amountMsat: MORE, description: 'more' }),
    );
    // A payer whose channels have just come back needs a moment to see what they carry.
    const { feeMsat } = await until(() => this.payer.pay(invoice).catch(() => null), {
      what: 'a further payment',
      everyMs: 500,
      timeoutMs: 60_000,
    });
    expect(await waitForPayment(us, paymentId)).toMatchObject({ amountMsat: MORE, feeMsat: null });
    return MORE + feeMsat;
  }

  /** What the payer could send, in millisatoshis; null while something of it is on its way. */
  async #purse(): Promise<bigint | null> {
    const channels = await this.payer.channels();
    const isAtRest = channels.every(({ isUsable, pendingOutgoing }) => isUsable && pendingOutgoing === 0);
    return isAtRest ? channels.reduce((sum, { outboundMsat }) => sum + outboundMsat, 0n) : null;
  }

  /** What the payer can send by each of its ways. */
  async ways(): Promise<ReadonlyMap<string, bigint>> {
    const channels = await this.payer.channels();
    return new Map(channels.map(({ channelId, outboundMsat }) => [channelId, outboundMsat]));
  }

  purse(): Promise<bigint> {
    return until(() => this.#purse(), { what: 'the payer to be at rest' });
  }

  /** The payer comes to have so much. @returns it */
  async holds(msat: bigint): Promise<bigint> {
    await until(async () => (await this.#purse()) === msat, {
      what: `${msat} msat at the payer`,
      describe: () => this.payer.channels(),
    });
    return msat;
  }

  /** The LSP pays so much back to the payer, who has so much. @returns what the payer has now */
  async refill(purse: bigint, amountMsat: bigint): Promise<bigint> {
    const { bolt11 } = await this.payer.createInvoice({ amountMsat });
    await this.lsp.pay(bolt11);
    return this.holds(purse + amountMsat);
  }

  /** It runs again, and everybody has found it. */
  async back(us: Us): Promise<void> {
    const { lsp, payer } = this;
    await lsp.restart();
    await lsp.sync();
    await payer.connect(lsp.id, lsp.address);
    for (const node of [payer, lsp])
      await until(
        async () => (await node.channels()).filter(({ isUsable }) => isUsable).length >= 2 || null,
        {
          what: 'the ways to the LSP',
          timeoutMs: 60_000,
          describe: () => node.channels(),
        },
      );
    await this.found(us);
  }

  /** We have it again, whichever of us was gone. */
  async found(us: Us): Promise<void> {
    const { id, address } = this.lsp;
    await until(async () => (await us.api.connect(id, address.host, address.port, true)).ok, {
      what: 'our LSP again',
      everyMs: 100,
    });
  }
}
