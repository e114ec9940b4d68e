import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../../base/result.ts';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { AMOUNT, FEE, LspStage } from '../../testkit/lsp-stage.ts';
import { value } from '../../testkit/wallet-world.ts';
import { FEATURES } from '../../wire/feature-table.ts';
import { hasBit } from '../../wire/features.ts';

const MPP = FEATURES.basic_mpp.bit + 1;

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

describe('a wallet with nothing', () => {
  // bLIP 52 §1: "The client MUST request `lsps2.get_info` to read the `opening_fee` of the LSP"
  it('is told what it costs before anything is bought', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    const { offers, refused } = value(await world.ask(wallet.api.lsp.quote(AMOUNT)));
    expect(refused).toEqual([]);
    expect(offers).toMatchObject([
      { amountMsat: AMOUNT, feeMsat: FEE, trusted: true, minimumMsat: 3_000_000n, isDear: false },
    ]);
    expect(lsp.asked.map(({ method }) => method)).toEqual(['lsps2.get_info']);
  });

  // bLIP 25: "type: 65537 (`extra_fee`)"
  // bLIP 52 §5: "Clients MUST suppress such checks for parts"
  // bLIP 52 §5: "The client MAY immediately send `channel_ready`"
  // bLIP 52 §4: "The client MAY issue the generated invoice to the payer"
  it('is paid through a channel that the LSP opens for it, less the fee that was shown', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    await stage.open();
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('fulfilled');
    expect(await stage.payment(paymentId)).toMatchObject({
      state: 'succeeded',
      amountMsat: AMOUNT - FEE,
      feeMsat: FEE,
    });
    const [channel] = await stage.wallet.api.listChannels();
    expect(channel).toMatchObject({ state: 'ready', localMsat: AMOUNT - FEE, confirmations: 0 });
    const { lightning, totalMsat } = await stage.wallet.api.listBalances();
    expect([lightning.localMsat, totalMsat]).toEqual([AMOUNT - FEE, AMOUNT - FEE]);
    expect(lightning.receivableMsat).toBeGreaterThan(0n);
  });

  // bLIP 52 §5: "`option_scid_alias` is set"
  it('is paid through a channel whose type does not have option_scid_alias, and hints at it by its alias', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    stage.lsp.typesAlias = false;
    const aliases: unknown[] = [];
    stage.lsp.tap = (message) => {
      if (message.name === 'channel_ready') aliases.push(message.alias);
      return message;
    };
    await stage.open();
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded', amountMsat: AMOUNT - FEE });
    const { wallet, lsp } = stage;
    expect(await wallet.api.listChannels()).toMatchObject([{ state: 'ready', confirmations: 0 }]);
    const next = value(await wallet.api.bolt11.receive({ amountMsat: 1_000_000n, description: 'more' }));
    expect(aliases[0]).toBeTypeOf('bigint');
    expect(value(decodeBolt11(next.invoice, 'regtest')).routeHints).toMatchObject([
      [{ nodeId: lsp.id, scid: aliases[0] }],
    ]);
  });

  // bLIP 52 §5: "the client MUST accept the non-standard forward(s)"; "it MUST claim at least one payment part"
  it('is paid in parts, of which the first bears what it can of the fee', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    await stage.open();
    const parts = [
      { amount: 1_500_000n, kept: 1_499_000n },
      { amount: 30_000_000n, kept: 501_000n },
      { amount: 18_500_000n, kept: 0n },
    ];
    await stage.lsp.forward(invoice, parts);
    expect(stage.lsp.results.map(({ tag }) => tag)).not.toContain('failed');
    expect(await stage.payment(paymentId)).toMatchObject({ amountMsat: AMOUNT - FEE, feeMsat: FEE });
  });

  // bLIP 52 §4: "MUST compute the `opening_fee` based on the value of the"
  it('is paid an amount that the payer chose, less its share', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice(null);
    await stage.open(1_000_000n);
    // 1 % of it is more than the least fee.
    await stage.lsp.forward(invoice, [{ amount: 300_000_000n, kept: 3_000_000n }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded', feeMsat: 3_000_000n });
  });

  // bLIP 52 §6: "the client MUST use the `alias` for future invoices on the channel"
  it('is paid the next time through the channel that is there, under its alias and with no fee', async () => {
    const stage = await LspStage.start();
    const first = await stage.invoice();
    await stage.open();
    await stage.lsp.forward(first.invoice, [{ amount: AMOUNT, kept: FEE }]);
    const { wallet, world, lsp } = stage;
    const request = { amountMsat: 20_000_000n, description: 'second' };
    const second = value(await world.ask(wallet.api.bolt11.receive(request)));
    await lsp.forward(second.invoice, [{ amount: 20_000_000n, kept: 0n }]);
    expect(await stage.payment(second.paymentId)).toMatchObject({ amountMsat: 20_000_000n, feeMsat: null });
  });

  // bLIP 52 §3: "If the client intends to wait for confirmation […] it MUST increase the margin"
  // bLIP 52 §Trust Models: "the client SHOULD wait for at least 1 confirmation"
  // bLIP 52 §Trust Models: "MAY wait for the funding transaction to be broadcast and validated as being correct"
  it('waits for confirmations of a channel of an LSP that is not trusted', async () => {
    const stage = await LspStage.start({ trusted: false });
    const { invoice, paymentId } = await stage.invoice();
    expect(value(decodeBolt11(invoice, 'regtest')).minFinalCltvExpiryDelta).toBe(48);
    stage.lsp.hurries = false;
    await stage.open();
    expect(await stage.wallet.api.listChannels()).toMatchObject([
      { isUsable: false, confirmationsRequired: 3 },
    ]);
    await stage.world.mine(3);
    stage.lsp.hurry();
    await stage.world.settle();
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded' });
  });
});

describe('the invoice', () => {
  // bLIP 52 §3: "The sum of `timestamp` and `x`/`expiry` fields is equal to or less than `opening_fee_params.valid_until`"
  // bLIP 52 §3: "`r` contains a single route hint with a single hop"; "`pubkey` is the LSP public node ID"; "`short_channel_id`
  // is the `jit_channel_scid`"; "`fee_base_msat` and `fee_proportional_millionths` are 0"; "`cltv_expiry_delta` is
  // `lsp_cltv_expiry_delta`"
  // bLIP 52 §3: "`c` contains a `min_final_cltv_expiry_delta` that is at least +2 higher than its normal setting"
  // bLIP 52 §2: "`jit_channel_scid` is the SCID to use for creating the route hint in the invoice"
  // bLIP 52 §1: "`token` is an *optional*, arbitrary JSON string"
  // bLIP 52 §3: "`n` is the client node ID"
  // bLIP 52 §3: "Ultimately, the client MUST provide the information below to the payer"
  // bLIP 52 §3: "The client MAY then generate a BOLT11 invoice"; "If the client generates a BOLT11 invoice,
  // the client MUST"
  it('names the channel to come, and expires with the quote', async () => {
    const stage = await LspStage.start();
    stage.lsp.terms = {
      ...stage.lsp.terms,
      valid_until: new Date((stage.world.clock.now() + 900) * 1000).toISOString(),
    };
    const { invoice, expiresAt } = await stage.invoice();
    expect(stage.lsp.asked[0]).toMatchObject({ method: 'lsps2.get_info', params: {} });
    expect(stage.lsp.asked[0]?.params).not.toHaveProperty('token');
    const decoded = value(decodeBolt11(invoice, 'regtest'));
    expect(decoded.routeHints).toEqual([
      [
        {
          nodeId: stage.lsp.id,
          scid: (100n << 40n) | (1n << 16n),
          feeBase: 0n,
          feeProportionalMillionths: 0,
          cltvExpiryDelta: 72,
        },
      ],
    ]);
    const payee = await stage.wallet.id();
    expect(decoded).toMatchObject({ amount: AMOUNT, payee, minFinalCltvExpiryDelta: 42 });
    const plain = { amountMsat: 1_000_000n, description: 'as any other' };
    const other = value(await stage.wallet.api.bolt11.receive(plain)).invoice;
    expect(value(decodeBolt11(other, 'regtest')).minFinalCltvExpiryDelta).toBe(40);
    expect(expiresAt).toBe(stage.world.clock.now() + 900);
    expect(decoded.timestamp + decoded.expiry).toBe(expiresAt);
  });

  // bLIP 52 §3: "If `payment_size_msat` unspecified […] do not specify an invoice amount, and disable the `basic_mpp` feature"
  // bLIP 52 §3: "If `payment_size_msat` specified […] set the invoice amount to `payment_size_msat`"
  // bLIP 52 §2: "the client MUST leave out this parameter, but MUST indicate to the payer to **NOT** use multipath payments";
  // "the client SHOULD provide this parameter"
  // bLIP 52 §2: "if it does, MAY indicate to the payer to **USE**"
  it('allows several parts only where the LSP knows the amount', async () => {
    const stage = await LspStage.start();
    const fixed = value(decodeBolt11((await stage.invoice()).invoice, 'regtest'));
    expect(hasBit(fixed.features, MPP)).toBe(true);
    const open = value(decodeBolt11((await stage.invoice(null)).invoice, 'regtest'));
    expect(open.amount).toBeNull();
    expect(hasBit(open.features, MPP)).toBe(false);
    expect(stage.lsp.asked.map(({ params }) => params['payment_size_msat'])).toEqual([
      undefined,
      '50000000',
      undefined,
      undefined,
    ]);
  });

  // bLIP 52 §2: "Clients MUST copy it verbatim from an entry of `opening_fee_params_menu`"
  // bLIP 52 §1: "`token` is an *optional*, arbitrary JSON string"
  it('is bought with the promise exactly as the LSP wrote it, and the token of settings', async () => {
    const stage = await LspStage.start({ token: 'of "ours"' });
    const menu =
      '{ "promise":"p\\u0041" , "min_fee_msat":"2000000","proportional":1.0e4,"valid_until":"2035-05-20T08:30:45Z",' +
      '"min_lifetime":1008,"max_client_to_self_delay":2016,"min_payment_size_msat":"1","max_payment_size_msat":"100000000000" }';
    stage.lsp.answer = (method, id, good) =>
      method === 'lsps2.buy'
        ? good
        : `{"jsonrpc":"2.0","id":"${id}","result":{"opening_fee_params_menu":[${menu}],"more":{"x":[1]}}}`;
    await stage.invoice();
    expect(stage.lsp.asked[0]?.params).toEqual({ token: 'of "ours"' });
    expect(stage.lsp.asked[1]?.text).toContain(`"opening_fee_params":${menu},`);
  });
});

describe('what is refused before there is an invoice', () => {
  // bLIP 52 §2: "The client MUST ensure that `payment_size_msat` is within"
  it('an amount of which nothing would be left: the smallest that goes is said', async () => {
    const { world, wallet } = await LspStage.start();
    expect(await world.ask(wallet.api.lsp.quote(2_999_999n))).toMatchObject({
      error: { code: 'amount-too-small', minimumMsat: 3_000_000n },
    });
    value(await world.ask(wallet.api.lsp.quote(3_000_000n)));
    expect(await world.ask(wallet.api.lsp.quote(100_000_001_000n))).toMatchObject({
      error: { code: 'amount-too-large', maximumMsat: 100_000_000_000n },
    });
  });

  // bLIP 52 §1: "determine if the resulting `opening_fee` is reasonable"
  it('a fee that is dear, unless it was agreed to, and one above the limit of settings in any case', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    lsp.terms = { ...lsp.terms, min_fee_msat: '3000000' };
    const quote = async (): Promise<string> =>
      value(await world.ask(wallet.api.lsp.quote(AMOUNT))).offers[0]?.quoteId ?? '';
    const quoteId = await quote();
    const receive = (id: string, maxFeeMsat?: bigint) =>
      world.ask(
        wallet.api.lsp.receive({
          quoteId: id,
          description: '',
          ...(maxFeeMsat === undefined ? {} : { maxFeeMsat }),
        }),
      );
    expect(await receive(quoteId)).toMatchObject({ error: { code: 'lsp-fee-is-dear', feeMsat: 3_000_000n } });
    expect(await receive(quoteId, 2_999_999n)).toMatchObject({ error: { code: 'lsp-fee-above-limit' } });
    expect((await receive(quoteId, 3_000_000n)).ok).toBe(true);
    lsp.terms = { ...lsp.terms, min_fee_msat: '50000001', max_payment_size_msat: '900000000000' };
    const dear = value(await world.ask(wallet.api.lsp.quote(1_000_000_000n))).offers[0]?.quoteId ?? '';
    expect(await receive(dear, 60_000_000n)).toMatchObject({
      error: { code: 'lsp-fee-above-limit', limitMsat: 50_000_000n },
    });
    expect(lsp.asked.filter(({ method }) => method === 'lsps2.buy')).toHaveLength(1);
  });

  it('terms that are dear for some amount that the payer may choose, unless they were agreed to', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    const offered = async (change: Record<string, unknown>) => {
      const terms = lsp.terms;
      lsp.terms = { ...terms, ...change };
      const [offer] = value(await world.ask(wallet.api.lsp.quote(null))).offers;
      lsp.terms = terms;
      return { isDear: offer?.isDear, quoteId: offer?.quoteId ?? '' };
    };
    expect(await offered({})).toMatchObject({ isDear: false });
    expect(await offered({ min_fee_msat: '2500001' })).toMatchObject({ isDear: true });
    // One in a hundred and a bit: dear from 250,000 sat on.
    expect(await offered({ proportional: 10_001 })).toMatchObject({ isDear: true });
    const { isDear, quoteId } = await offered({ min_fee_msat: '1', proportional: 900_000 });
    expect(isDear).toBe(true);
    const receive = (bound: { readonly maxFeeMsat?: bigint }) =>
      world.ask(wallet.api.lsp.receive({ quoteId, description: '', ...bound }));
    expect(await receive({})).toMatchObject({ error: { code: 'lsp-fee-is-dear' } });
    expect((await receive({ maxFeeMsat: 45_000_000n })).ok).toBe(true);
  });

  it('a fee above the limit that one set oneself, also when it was agreed to', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    wallet.servers = () =>
      Promise.resolve(
        ok({ esplora: [world.esplora.url], proxies: [], lsps: [lsp.server()], lspFeeLimitSat: 1_999 }),
      );
    await wallet.restart();
    const [offer] = value(await world.ask(wallet.api.lsp.quote(AMOUNT))).offers;
    const request = { quoteId: offer?.quoteId ?? '', description: '', maxFeeMsat: FEE };
    expect(await world.ask(wallet.api.lsp.receive(request))).toMatchObject({
      error: { code: 'lsp-fee-above-limit', feeMsat: FEE, limitMsat: 1_999_000n },
    });
    expect(lsp.asked.map(({ method }) => method)).toEqual(['lsps2.get_info']);
  });

  // bLIP 52 §1: "up to which this specific `opening_fee_params` is valid"
  it('a price that is past: nothing is bought under it', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    const [offer] = value(await world.ask(wallet.api.lsp.quote(AMOUNT))).offers;
    await world.pass(((offer?.validUntil ?? 0) - world.clock.now() - 59) * 1000);
    const request = { quoteId: offer?.quoteId ?? '', description: '', maxFeeMsat: FEE };
    expect(await world.ask(wallet.api.lsp.receive(request))).toMatchObject({
      error: { code: 'quote-expired' },
    });
    expect(lsp.asked.map(({ method }) => method)).toEqual(['lsps2.get_info']);
  });

  it('everything, where no LSP is set, none answers or the quote is not known', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    expect(
      await world.ask(wallet.api.lsp.receive({ quoteId: 'of long ago', description: '' })),
    ).toMatchObject({ error: { code: 'quote-expired' } });
    await lsp.vanish();
    expect(await world.ask(wallet.api.lsp.quote(AMOUNT))).toMatchObject({
      error: { code: 'peer-unreachable' },
    });
    const lonely = world.seat('lonely');
    await lonely.start();
    expect(await world.ask(lonely.api.lsp.quote(AMOUNT))).toMatchObject({ error: { code: 'no-lsp' } });
  });
});
