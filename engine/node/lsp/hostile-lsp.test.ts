import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import { encodeBolt11 } from '../../invoice/bolt11-encode.ts';
import { signRecoverable } from '../../crypto/secp256k1.ts';
import { nodeId, paymentHash } from '../../base/ids.ts';
import { ok } from '../../base/result.ts';
import { blockDelta } from '../../base/units.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { WITHOUT_ALIAS } from '../../testkit/lsp-double.ts';
import { AMOUNT, FEE, LspStage } from '../../testkit/lsp-stage.ts';
import { value } from '../../testkit/wallet-world.ts';
import { encodeChannelType, parseChannelType } from '../../wire/channel-type.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** The same invoice for another payment, that nobody asked for. */
const another = (invoice: string): string =>
  value(
    encodeBolt11(
      { ...value(decodeBolt11(invoice, 'regtest')), paymentHash: paymentHash('77'.repeat(32)) },
      (hash) => signRecoverable(hash, new Uint8Array(32).fill(7)),
    ),
  );

/** What the LSP was told when its channel was not taken. */
const lastError = ({ lsp }: LspStage): string | undefined =>
  lsp.heard.findLast(({ name }) => name === 'error')?.name;

// bLIP 25: "MUST fail the HTLC if they did not expect an extra fee to be taken or if the extra fee taken is too high"
// bLIP 52 §5: "The client MUST check that the sum of all `extra_fee`s in a single multipart payment"
describe('an LSP that takes more than it said', () => {
  // bLIP 52 §5: "The LSP MUST ensure that all parts forwarded sum up"
  it.each([
    ['in one part', [{ amount: AMOUNT, kept: FEE + 1n }]],
    [
      'over several parts',
      [
        { amount: 25_000_000n, kept: FEE },
        { amount: 25_000_000n, kept: 1n },
      ],
    ],
    ['and all of it', [{ amount: AMOUNT, kept: AMOUNT - 1n }]],
  ])('gets nothing: %s', async (_, parts) => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    await stage.open();
    await stage.lsp.forward(invoice, parts);
    await stage.world.pass(61_000);
    expect(stage.lsp.results.map(({ tag }) => tag)).toEqual(parts.map(() => 'failed'));
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'pending' });
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'fee-refused' });
    // Which a stray payment of anybody's does not change.
    const stray = another(invoice);
    await stage.lsp.forward(stray, [{ amount: AMOUNT, kept: 0n }], AMOUNT, nodeId(await stage.wallet.id()));
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'fee-refused' });
    // The same payment without the greed goes through.
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded', feeMsat: FEE });
    expect(await stage.total()).toBe(AMOUNT - FEE);
  });

  it('gets its fee once for a channel, however many were asked for, and none for one that was there', async () => {
    const stage = await LspStage.start();
    const [first, second] = [await stage.invoice(), await stage.invoice()];
    await stage.open(1_000_000n);
    const third = await stage.invoice();
    await stage.lsp.forward(first.invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('fulfilled');
    for (const { invoice, paymentId } of [second, third]) {
      await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
      expect(stage.outcome).toBe('failed');
      expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'fee-refused' });
      await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: 0n }]);
      expect(stage.outcome).toBe('fulfilled');
    }
    const { totalMsat } = await stage.wallet.api.listBalances();
    expect(totalMsat).toBe(3n * AMOUNT - FEE);
  });

  it('gets its fee once for a channel, also where two payments come through it at a time', async () => {
    const stage = await LspStage.start();
    const [first, second] = [await stage.invoice(), await stage.invoice()];
    await stage.open(1_000_000n);
    await stage.lsp.forward(first.invoice, [{ amount: 30_000_000n, kept: FEE }], AMOUNT);
    await stage.lsp.forward(second.invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('fulfilled');
    await stage.lsp.forward(first.invoice, [{ amount: 20_000_000n, kept: 0n }], AMOUNT);
    expect(stage.outcome).toBe('failed');
    expect(await stage.payment(first.paymentId)).toMatchObject({ state: 'pending' });
  });

  // bLIP 25: "MUST set `extra_fee` to the amount of extra fee they"
  // bLIP 52 §5: "The LSP MUST include an `extra_fee` (type 65537) TLV to"
  it('gets nothing when it sends less without saying that it kept something', async () => {
    const stage = await LspStage.start();
    const { invoice } = await stage.invoice();
    await stage.open();
    stage.lsp.tap = (message) => {
      if (message.name !== 'update_add_htlc') return message;
      const { extraFee: _, ...plain } = message;
      return plain;
    };
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('failed');
    expect(await stage.total()).toBe(0n);
  });

  // bLIP 25: "MUST either accept or reject the HTLC as if it had received `htlc_value + extra_fee`"
  // bLIP 52 §5: "The LSP MUST NOT include this `extra_fee` TLV if the"
  it('gets nothing when what it kept and what it sent are not the whole', async () => {
    const stage = await LspStage.start();
    const { invoice } = await stage.invoice();
    await stage.open();
    stage.lsp.tap = (message) =>
      message.name === 'update_add_htlc' ? { ...message, extraFee: message.amount } : message;
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('failed');
    expect(await stage.total()).toBe(0n);
  });

  it('gets nothing of a payment for which nothing was bought', async () => {
    const stage = await LspStage.start();
    const first = await stage.invoice();
    await stage.open();
    await stage.lsp.forward(first.invoice, [{ amount: AMOUNT, kept: FEE }]);
    const { world, wallet, lsp } = stage;
    const request = { amountMsat: 20_000_000n, description: 'second' };
    const second = value(await world.ask(wallet.api.bolt11.receive(request)));
    await lsp.forward(second.invoice, [{ amount: 20_000_000n, kept: 1n }]);
    expect(await stage.payment(second.paymentId)).toMatchObject({ state: 'pending' });
    expect(stage.outcome).toBe('failed');
    expect(await stage.total()).toBe(AMOUNT - FEE);
  });

  it('gets nothing a second time for a payment that was made', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    await stage.open(400_000n);
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('failed');
    expect(await stage.payment(paymentId)).toMatchObject({ amountMsat: AMOUNT - FEE, feeMsat: FEE });
    expect(await stage.total()).toBe(AMOUNT - FEE);
  });
});

describe('an LSP that delivers something else', () => {
  it('another hash than that of the invoice', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    await stage.open();
    const forged = another(invoice);
    await stage.lsp.forward(forged, [{ amount: AMOUNT, kept: FEE }], AMOUNT, nodeId(await stage.wallet.id()));
    expect(stage.outcome).toBe('failed');
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'pending' });
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'other-payment' });
    expect(await stage.total()).toBe(0n);
  });

  // bLIP 52 §5: "`announce_channel` is `false`"
  // bLIP 52 §5: "Rejection is via the `error` Lightning BOLT message"
  // bLIP 52 §5: "The LSP and client MUST negotiate these options and parameters"
  it('a public channel', async () => {
    const stage = await LspStage.start();
    const { paymentId } = await stage.invoice();
    await stage.open(200_000n, true);
    expect(lastError(stage)).toBe('error');
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'channel-public' });
    expect(await stage.wallet.api.listChannels()).toEqual([]);
    expect(await stage.total()).toBe(0n);
  });

  // bLIP 52 §5: "`option_scid_alias` is set"
  it('a channel that invoices could not name before the chain has it', async () => {
    const stage = await LspStage.start({}, WITHOUT_ALIAS);
    const { paymentId } = await stage.invoice();
    stage.lsp.typesAlias = false;
    await stage.open();
    expect(lastError(stage)).toBe('error');
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'channel-refused' });
    expect(await stage.wallet.api.listChannels()).toEqual([]);
    expect(await stage.total()).toBe(0n);
  });

  // bLIP 52 §5: "The LSP MUST ensure the channel is large enough"
  it('a channel too small for the payment', async () => {
    const stage = await LspStage.start();
    const { paymentId } = await stage.invoice();
    await stage.open(47_999n);
    expect(lastError(stage)).toBe('error');
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'channel-too-small' });
    expect(await stage.wallet.api.listChannels()).toEqual([]);
    expect(await stage.total()).toBe(0n);
  });

  // bLIP 52 §5: "Clients MAY reject the channel open attempt if any other parameters or options are not desired by the client"
  it('a channel with terms that are taken of nobody', async () => {
    const stage = await LspStage.start();
    const { paymentId } = await stage.invoice();
    stage.lsp.tap = (message) =>
      message.name === 'open_channel' ? { ...message, toSelfDelay: blockDelta(10_000) } : message;
    await stage.open();
    expect(lastError(stage)).toBe('error');
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'channel-refused' });
    expect(await stage.wallet.api.listChannels()).toEqual([]);
    expect(await stage.total()).toBe(0n);
  });

  it('a channel without confirmations, where it is not trusted so far', async () => {
    const stage = await LspStage.start({ trusted: false });
    const { paymentId } = await stage.invoice();
    stage.lsp.tap = (message) => {
      const type =
        message.name === 'open_channel' ? parseChannelType(message.channelType ?? new Uint8Array()) : null;
      return type === null
        ? message
        : { ...message, channelType: encodeChannelType({ ...type, zeroConf: true }) };
    };
    await stage.open();
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'channel-unconfirmed' });
    expect(lastError(stage)).toBe('error');
    expect(await stage.wallet.api.listChannels()).toEqual([]);
    expect(await stage.total()).toBe(0n);
  });

  // bLIP 52 §3: "The client MUST impose its normal setting on actual received payment"
  it('a payment that is about to expire', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    await stage.open();
    stage.lsp.blocks = 36;
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('failed');
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'pending' });
    expect(await stage.total()).toBe(0n);
  });
});

describe('an LSP that does not deliver', () => {
  // bLIP 52 §Flow (LSP Trusts Client Model): "if the flow does not complete in that timeout, the"
  // bLIP 52 §2: "SHOULD check that it has sufficient incoming liquidity from the"
  // bLIP 52 §4: "When all conditions below are true, MUST continue to the"
  it('and never opens: the invoice expires', async () => {
    const stage = await LspStage.start();
    const { paymentId } = await stage.invoice();
    await stage.world.pass(3_700_000);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'expired' });
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'not-opened' });
    expect(await stage.total()).toBe(0n);
  });

  it('and opens, and never forwards: the channel is there all the same', async () => {
    const stage = await LspStage.start();
    const { paymentId } = await stage.invoice();
    await stage.open();
    await stage.world.pass(3_700_000);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'expired' });
    expect(await stage.wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'not-forwarded' });
    expect(await stage.wallet.api.listChannels()).toMatchObject([{ isUsable: true, localMsat: 0n }]);
    expect(await stage.total()).toBe(0n);
  });

  // bLIP 52 §4: "MUST also have, for all pending payment parts, a separate"
  it('and forwards what the invoice was good for once it has expired', async () => {
    const stage = await LspStage.start();
    const { invoice } = await stage.invoice();
    await stage.open();
    await stage.world.pass(3_700_000);
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('failed');
    expect(await stage.total()).toBe(0n);
  });

  // bLIP 52 §5: "The client MAY wait for the funding transaction to appear in its mempool"
  // bLIP 52 §5: "The LSP MUST immediately broadcast the channel funding transaction and"
  it('and keeps its funding transaction to itself: the channel is not used', async () => {
    const stage = await LspStage.start();
    await stage.invoice();
    stage.lsp.publishes = false;
    await stage.open();
    await stage.world.pass(600_000);
    expect(await stage.wallet.api.listChannels()).toMatchObject([{ isUsable: false }]);
    expect(stage.lsp.heard.map(({ name }) => name)).not.toContain('channel_ready');
    stage.lsp.publishNow();
    await stage.world.pass(2_000);
    expect(await stage.wallet.api.listChannels()).toMatchObject([{ isUsable: true }]);
  });

  it('and holds what it forwarded, deaf to the preimage: the channel goes on chain before the payment expires', async () => {
    const stage = await LspStage.start();
    const { world, wallet, lsp } = stage;
    const { invoice, paymentId } = await stage.invoice();
    await stage.open();
    await world.mine(6);
    lsp.deaf = () => lsp.heard.some(({ name }) => name === 'update_fulfill_htlc');
    await lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    const [channel] = await wallet.api.listChannels();
    const isSpent = (): boolean =>
      [...world.chain.mempool, ...world.chain.blocks.flatMap(({ txs }) => txs)].some(({ inputs }) =>
        inputs.some(({ outPoint }) => outPoint.txId === channel?.fundingTxId),
      );
    for (let blocks = 0; blocks < 49 && !isSpent(); blocks++) await world.mine(1);
    // Of the 50 blocks that the LSP gave it, some are left to take the money with.
    expect(isSpent()).toBe(true);
    expect(world.chain.blocks.length).toBeLessThan(110 + 6 + 50 - 10);
    expect(await stage.payment(paymentId)).toMatchObject({ feeMsat: FEE });
    expect(await wallet.api.lsp.conduct(paymentId)).toMatchObject({ value: 'payment-held' });
    expect(await wallet.api.listChannels()).toMatchObject([{ isUsable: false }]);
    // No coins pay for taking it: the page asks for some, and with them it is taken before the LSP could take it back.
    const { onchain } = await wallet.api.listBalances();
    expect([onchain.keptSat, onchain.keptWantedSat, await stage.total()]).toEqual([
      0n,
      25_000n,
      AMOUNT - FEE,
    ]);
    await world.fund(wallet, 25_000n);
    await world.mine(3);
    await world.mine(150);
    await world.mine(1);
    const { closingSat, onchain: coins } = await wallet.api.listBalances();
    expect([closingSat, coins.pendingSat]).toEqual([0n, 0n]);
    expect(await stage.total()).toBeGreaterThan(25_000_000n + AMOUNT - FEE - 3_000_000n);
  });

  // bLIP 52 §4: "SHOULD wait for payment parts of a single payment hash"; "SHOULD group together payment
  // parts of a single payment hash"
  it('all of it: the parts that came are given back within a minute', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    await stage.open();
    await stage.lsp.forward(invoice, [{ amount: 30_000_000n, kept: FEE }], AMOUNT);
    expect(stage.outcome).toBeNull();
    await stage.world.pass(61_000);
    expect(stage.outcome).toBe('failed');
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'pending' });
    expect(await stage.total()).toBe(0n);
  });

  // bLIP 52 §5: "AND confirm that the funding transaction output is correct, before sending `channel_ready`"
  it('and whose funding transaction pays another script: the channel is not used', async () => {
    const stage = await LspStage.start();
    await stage.invoice();
    stage.lsp.fundsElsewhere = true;
    await stage.open();
    await stage.world.pass(60_000);
    expect(await stage.wallet.api.listChannels()).toMatchObject([{ isUsable: false }]);
    expect(stage.wallet.complaints.join()).toContain('does not pay the channel');
  });

  // bLIP 52 §2: "The client MAY abort the flow if the LSP specified `client_trusts_lsp` as `true`"; "If specified and `true`, the
  // client MUST trust the LSP"
  // bLIP 52 §5: "The client MUST NOT wait for the LSP to broadcast the funding transaction before sending the preimage"; "The
  // client and LSP MUST immediately send `channel_ready`"
  // bLIP 52 §Trust Models: "the client MUST transmit the preimage as soon as the incoming HTLC has been irrevocably committed"
  // bLIP 52 §Trust Models: "The LSP MAY signal a"
  it('before it has the preimage: only where it is trusted', async () => {
    for (const trusted of [true, false]) {
      const stage = await LspStage.start({ trusted });
      const { world, wallet, lsp } = stage;
      lsp.bought = { ...lsp.bought, client_trusts_lsp: true };
      const { offers } = value(await world.ask(wallet.api.lsp.quote(AMOUNT)));
      const quoteId = offers[0]?.quoteId ?? '';
      const answer = await world.ask(wallet.api.lsp.receive({ quoteId, description: '' }));
      if (!answer.ok) {
        expect([trusted, answer.error.code]).toEqual([false, 'lsp-wants-trust']);
        continue;
      }
      lsp.publishes = false;
      await stage.open();
      await lsp.forward(answer.value.invoice, [{ amount: AMOUNT, kept: FEE }]);
      expect(await stage.payment(answer.value.paymentId)).toMatchObject({ state: 'succeeded' });
    }
  });

  // bLIP 52 §2: "`client_trusts_lsp` is an *optional* Boolean. If not specified, it defaults to `false`"
  // bLIP 52 §Trust Models: "The LSP SHOULD default to"
  it('before it has the preimage: not where it did not say so, and then also of one that is not trusted', async () => {
    const stage = await LspStage.start({ trusted: false });
    const { wallet, world, lsp } = stage;
    const { client_trusts_lsp: _unsaid, ...bought } = lsp.bought;
    lsp.bought = bought;
    const { offers } = value(await world.ask(wallet.api.lsp.quote(AMOUNT)));
    const quoteId = offers[0]?.quoteId ?? '';
    value(await world.ask(wallet.api.lsp.receive({ quoteId, description: '' })));
    lsp.publishes = false;
    await stage.open();
    expect(await wallet.api.listChannels()).toMatchObject([{ isUsable: false }]);
  });

  // bLIP 52 §5: "The LSP MAY wait for the client to send the"
  it('after it has the preimage: nothing else comes through what it never showed, and that is told', async () => {
    const stage = await LspStage.start();
    const { world, wallet, lsp } = stage;
    lsp.bought = { ...lsp.bought, client_trusts_lsp: true };
    lsp.publishes = false;
    const first = await stage.invoice();
    await stage.open(1_000_000n);
    await lsp.forward(first.invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('fulfilled');
    // An ordinary one, and another in trust: what the channel was opened for has come.
    const ordinary = { amountMsat: 20_000_000n, description: 'second' };
    const second = value(await world.ask(wallet.api.bolt11.receive(ordinary)));
    const third = await stage.invoice();
    const refused = async (): Promise<void> => {
      await lsp.forward(second.invoice, [{ amount: 20_000_000n, kept: 0n }]);
      expect(stage.outcome).toBe('failed');
      await lsp.forward(third.invoice, [{ amount: AMOUNT, kept: 0n }]);
      expect(stage.outcome).toBe('failed');
    };
    await refused();
    await world.pass(2_000);
    await world.pass(700_000);
    await world.pass(2_000);
    const alarms = async () => (await wallet.api.status()).alarms;
    expect(await alarms()).toMatchObject([{ code: 'unseen-funding' }]);
    await wallet.restart();
    for (let seconds = 0; seconds < 30 && !lsp.isConnected; seconds++) await world.pass(1_000);
    await world.pass(700_000);
    await world.pass(2_000);
    expect(await alarms()).toMatchObject([{ code: 'unseen-funding' }]);
    await refused();
    lsp.publishNow();
    await world.pass(2_000);
    await lsp.forward(second.invoice, [{ amount: 20_000_000n, kept: 0n }]);
    expect(stage.outcome).toBe('fulfilled');
  });

  it('before it has the preimage, in parts: also where the wallet starts anew between them', async () => {
    const stage = await LspStage.start();
    const { world, wallet, lsp } = stage;
    lsp.bought = { ...lsp.bought, client_trusts_lsp: true };
    lsp.publishes = false;
    const { invoice, paymentId } = await stage.invoice();
    await stage.open();
    await lsp.forward(invoice, [{ amount: 30_000_000n, kept: FEE }], AMOUNT);
    await wallet.restart();
    for (let seconds = 0; seconds < 30 && !lsp.isConnected; seconds++) await world.pass(1_000);
    await world.pass(2_000);
    expect(stage.outcome).toBeNull();
    await lsp.forward(invoice, [{ amount: 20_000_000n, kept: 0n }], AMOUNT);
    expect(lsp.results.map(({ tag }) => tag)).not.toContain('failed');
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded', feeMsat: FEE });
  });

  it('before it has the preimage: not any more, once it is trusted no longer', async () => {
    const stage = await LspStage.start();
    const { world, wallet, lsp } = stage;
    lsp.bought = { ...lsp.bought, client_trusts_lsp: true };
    const { invoice } = await stage.invoice();
    const lsps = [lsp.server({ trusted: false })];
    wallet.servers = () => Promise.resolve(ok({ esplora: [world.esplora.url], proxies: [], lsps }));
    await wallet.restart();
    for (let seconds = 0; seconds < 30 && !lsp.isConnected; seconds++) await world.pass(1_000);
    lsp.publishes = false;
    lsp.hurries = false;
    await stage.open();
    expect(await wallet.api.listChannels()).toMatchObject([{ isUsable: false, confirmationsRequired: 3 }]);
    lsp.publishNow();
    await world.mine(3);
    lsp.hurry();
    await world.settle();
    await lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(stage.outcome).toBe('fulfilled');
  });
});
