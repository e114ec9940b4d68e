import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../../base/result.ts';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { LspDouble } from '../../testkit/lsp-double.ts';
import { AMOUNT, FEE } from '../../testkit/lsp-stage.ts';
import { NodeWorld, type NodeSeat } from '../../testkit/node-world.ts';
import { value } from '../../testkit/wallet-world.ts';
import type { InvoiceDetails } from '../api.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const CHEAP_FEE = 1_000_000n;

/** A wallet that has nothing, and two LSPs, of which the dearer is trusted and named first. */
class Market {
  readonly world = new NodeWorld();
  readonly wallet: NodeSeat = this.world.seat('wallet');
  readonly dear = new LspDouble(this.world, 'dear');
  readonly cheap = new LspDouble(this.world, 'cheap');

  static async start(): Promise<Market> {
    const market = new Market();
    const { world, wallet, dear, cheap } = market;
    cheap.terms = {
      ...cheap.terms,
      min_fee_msat: String(CHEAP_FEE),
      max_payment_size_msat: '60000000',
    };
    const lsps = [dear.server(), cheap.server({ trusted: false })];
    wallet.servers = () => Promise.resolve(ok({ esplora: [world.esplora.url], proxies: [], lsps }));
    await wallet.start();
    return market;
  }

  async quotes(amountMsat: bigint | null = AMOUNT) {
    return value(await this.world.ask(this.wallet.api.lsp.quote(amountMsat)));
  }

  async buy(alias: string): Promise<InvoiceDetails> {
    const { offers } = await this.quotes();
    const quoteId = offers.find(({ lsp }) => lsp.alias === alias)?.quoteId ?? '';
    const request = { quoteId, description: alias, maxFeeMsat: 10_000_000n };
    return value(await this.world.ask(this.wallet.api.lsp.receive(request)));
  }
}

describe('of several LSPs', () => {
  it('each says what this amount costs, its limits and whether it is trusted, and the cheapest comes first', async () => {
    const market = await Market.start();
    expect((await market.quotes()).offers).toMatchObject([
      { lsp: { alias: 'cheap' }, feeMsat: CHEAP_FEE, maximumMsat: 60_000_000n, trusted: false },
      { lsp: { alias: 'dear' }, feeMsat: FEE, maximumMsat: 100_000_000_000n, trusted: true },
    ]);
    expect((await market.quotes(null)).offers.map(({ lsp }) => lsp.alias)).toEqual(['cheap', 'dear']);
  });

  it('those that do not take the amount say why, and the others are there all the same', async () => {
    const market = await Market.start();
    const { offers, refused } = await market.quotes(70_000_000n);
    expect(offers.map(({ lsp }) => lsp.alias)).toEqual(['dear']);
    expect(refused).toMatchObject([
      { lsp: { alias: 'cheap' }, refusal: { code: 'amount-too-large', maximumMsat: 60_000_000n } },
    ]);
  });

  it('the smallest amount that any of them takes is said where none takes it', async () => {
    const { world, wallet } = await Market.start();
    expect(await world.ask(wallet.api.lsp.quote(1_500_000n))).toMatchObject({
      error: { code: 'amount-too-small', minimumMsat: 2_000_000n },
    });
  });

  it('one that vanishes is passed over, and another takes its place', async () => {
    const market = await Market.start();
    const { world, wallet, cheap } = market;
    const before = await market.quotes();
    await cheap.vanish();
    const gone = { quoteId: before.offers[0]?.quoteId ?? '', description: '' };
    expect(await world.ask(wallet.api.lsp.receive(gone))).toMatchObject({
      error: { code: 'peer-unreachable' },
    });
    const { offers, refused } = await market.quotes();
    expect(refused).toMatchObject([{ lsp: { alias: 'cheap' }, refusal: { code: 'peer-unreachable' } }]);
    expect(offers).toMatchObject([{ lsp: { alias: 'dear' } }]);
  });

  it('one that is silent is not waited for once another has an offer', async () => {
    const { world, wallet, cheap } = await Market.start();
    cheap.answer = () => null;
    const told: unknown[] = [];
    void wallet.api.lsp.quote(AMOUNT).then((answer) => told.push(answer));
    await world.settle();
    await world.pass(4_999);
    expect(told).toEqual([]);
    await world.pass(1);
    expect(told).toMatchObject([
      {
        value: {
          offers: [{ lsp: { alias: 'dear' } }],
          refused: [{ lsp: { alias: 'cheap' }, refusal: { code: 'lsp-failed', reason: 'no-answer' } }],
        },
      },
    ]);
  });

  it('one vanishes with the invoice that it sold: that expires, and the other is paid meanwhile', async () => {
    const market = await Market.start();
    const { world, wallet, cheap, dear } = market;
    const lost = await market.buy('cheap');
    await cheap.vanish();
    const { invoice, paymentId } = await market.buy('dear');
    await dear.open(200_000n);
    await world.pass(2_000);
    await dear.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    await world.pass(3_700_000);
    const stateOf = async (id: string) => value(await world.ask(wallet.api.payment(id))).state;
    expect([await stateOf(lost.paymentId), await stateOf(paymentId)]).toEqual(['expired', 'succeeded']);
  });

  // bLIP 25: "MUST fail the HTLC if they did not expect an extra fee to be taken or if the extra fee taken is too high"
  it('none keeps anything of what was bought of another', async () => {
    const market = await Market.start();
    const { world, wallet, cheap, dear } = market;
    const bought = { dear: await market.buy('dear'), cheap: await market.buy('cheap') };
    for (const name of ['dear', 'cheap'] as const)
      expect(value(decodeBolt11(bought[name].invoice, 'regtest')).routeHints).toMatchObject([
        [{ nodeId: market[name].id }],
      ]);
    await dear.open(200_000n);
    await world.pass(2_000);
    await dear.forward(bought.cheap.invoice, [{ amount: AMOUNT, kept: CHEAP_FEE }]);
    expect(dear.results.map(({ tag }) => tag)).toEqual(['failed']);
    // It forwards it whole: that is as good as any other way.
    await dear.forward(bought.cheap.invoice, [{ amount: AMOUNT, kept: 0n }]);
    expect(value(await world.ask(wallet.api.payment(bought.cheap.paymentId)))).toMatchObject({
      state: 'succeeded',
      amountMsat: AMOUNT,
      feeMsat: 0n,
    });
    expect(cheap.results).toEqual([]);
  });
});
