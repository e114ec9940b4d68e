import { beforeAll, describe, expect, it } from 'vitest';
import { equalBytes } from '../../base/bytes.ts';
import { scriptOfAddress } from '../../bitcoin/address.ts';
import { txIdOf } from '../../bitcoin/tx.ts';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { ROOM, ROOM_FEE, RoomStage } from '../../testkit/room-stage.ts';
import { value } from '../../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

describe('room to receive, bought ahead', () => {
  // bLIP 51 §1: "The client MUST call `lsps1.get_info` first"
  // bLIP 50 §On-chain Addresses: "writers SHOULD only emit: SegWit v0 addresses with 20 byte"
  it('is asked for within what the LSP sells, never announced, with a refund address where there are coins', async () => {
    const stage = await RoomStage.start({ token: 'of ours' });
    const { lsp, wallet, world } = stage;
    const offer = await stage.offer();
    expect(lsp.asked.map(({ method }) => method)).toEqual(['lsps1.get_info', 'lsps1.create_order']);
    expect(lsp.asked[1]?.params).toMatchObject({
      lsp_balance_sat: '500000',
      client_balance_sat: '0',
      required_channel_confirmations: 0,
      funding_confirms_within_blocks: 6,
      channel_expiry_blocks: 12_960,
      token: 'of ours',
      announce_channel: false,
      refund_onchain_address: expect.stringMatching(/^bcrt1/),
    });
    expect(offer).toMatchObject({
      roomSat: ROOM,
      clientBalanceSat: 0n,
      lightning: { feeSat: ROOM_FEE, totalSat: ROOM_FEE, isDear: false },
      onchain: { feeSat: ROOM_FEE, totalSat: ROOM_FEE, confirmations: 1 },
    });
    // Nothing is paid, and nothing to be followed, before it is bought.
    expect(await wallet.api.lsp.orders.list()).toEqual([]);
    expect(await world.ask(wallet.api.lsp.orders.quote(49_999n))).toMatchObject({
      error: { code: 'channel-amount-out-of-range', minimumSat: 50_000n, maximumSat: 10_000_000n },
    });
  });

  // bLIP 51 §2: "MUST be greater or equal `base_api.min_initial_client_balance_sat`"; "Client MAY omit this field"
  it('is asked for with the balance of ours that the LSP insists on, which is paid with the fee', async () => {
    const stage = await RoomStage.start();
    const { shop } = stage.lsp;
    shop.options = { ...shop.options, min_initial_client_balance_sat: '20000' };
    shop.invoice = null;
    const offer = await stage.offer();
    expect(offer).toMatchObject({
      clientBalanceSat: 20_000n,
      lightning: null,
      onchain: { feeSat: ROOM_FEE, totalSat: ROOM_FEE + 20_000n },
    });
    // Without a token in the settings there is none.
    expect(stage.lsp.asked[1]?.params).toMatchObject({ client_balance_sat: '20000' });
    expect(stage.lsp.asked[1]?.params).not.toHaveProperty('token');
  });

  // bLIP 51 §3.1: "MAY pay the `invoice`"; "MAY pull `lsps1.get_order` to check the success of the payment"
  // bLIP 51 §4.1: "MUST open the channel with at least a capacity of `lsp_balance_sat` + `client_balance_sat`"
  // bLIP 51 §Overprovisioning: "The LSP is allowed to overprovision"
  // bLIP 51 §3.1: "MUST release the preimage and therefore complete the payment"; "MUST set the
  // `payment.state` to `PAID`"
  // bLIP 51 §4: "`expires_at` <LSPS0.datetime> Earliest datetime when the channel MAY be closed"
  // bLIP 51 §4.1: "MAY overprovision"
  it('is paid over Lightning: held until the channel is there, and then taken', async () => {
    const stage = await RoomStage.start();
    const { wallet, lsp } = stage;
    value(await stage.buy('lightning'));
    expect(await stage.order()).toMatchObject({ stage: 'paying', way: 'lightning', feeSat: ROOM_FEE });
    lsp.shop.payment = { state: 'HOLD' };
    expect(await stage.order()).toMatchObject({ stage: 'held', preimage: null, heldBlocks: 144 });
    await stage.deliver();
    await stage.claim();
    const order = await stage.order();
    expect(order).toMatchObject({ stage: 'open', preimage: '42'.repeat(32), keptUntil: 2_063_262_645 });
    const channel = (await wallet.api.listChannels()).find(({ channelId }) => channelId === order.channelId);
    expect(channel).toMatchObject({ isUsable: true, capacitySat: ROOM + 1_000n, peerNodeId: lsp.id });
    expect(await stage.wallet.api.payment(order.paymentId ?? '')).toMatchObject({
      value: { state: 'succeeded', amountMsat: ROOM_FEE * 1000n },
    });
  });

  // bLIP 51 §3.1: "The client gets refunded automatically in case the channel open failed"
  // bLIP 51 §3.1: "The LSP MUST use `REFUNDED` for a cancelled or refunded"; "Earlier versions of this spec
  // MAY still use this state"; "MUST reject the payment"; "MUST set the `payment.state` to `CANCELLED`"
  // bLIP 51 §4.1: "MUST set `order_state` to `FAILED`"; "MUST issue a refund"
  it.each(['REFUNDED', 'CANCELLED'] as const)('comes to nothing: the payment is back (%s)', async (word) => {
    const stage = await RoomStage.start();
    value(await stage.buy('lightning'));
    stage.lsp.shop.failed('HOLD');
    expect(await stage.order()).toMatchObject({ stage: 'refunding' });
    await stage.giveBack();
    stage.lsp.shop.failed(word);
    expect(await stage.order()).toMatchObject({ stage: 'refunded', preimage: null });
    const { lightning } = await stage.wallet.api.listBalances();
    expect([lightning.localMsat, lightning.inFlightMsat]).toEqual([300_000_000n, 0n]);
  });

  // bLIP 51 §3.3: "MUST pay `order_total_sat` to `address`"
  // bLIP 51 §3.3: "MAY pull `lsps1.get_order` to check the success of the payment"; "SHOULD set the
  // transaction as confirmed after `min_onchain_payment_confirmations` confirmations"; "MUST change the
  // `payment.state` to `PAID` when the payment for"
  it('is paid on chain: waits for the confirmations, and opens', async () => {
    const stage = await RoomStage.start();
    value(await stage.buy('onchain'));
    const till = value(scriptOfAddress(stage.lsp.shop.address, 'regtest'));
    const paid = stage.world.chain.mempool.flatMap(({ outputs }) =>
      outputs.filter(({ script }) => equalBytes(script, till)),
    );
    expect(paid.map(({ amount }) => amount)).toEqual([ROOM_FEE]);
    expect(await stage.order()).toMatchObject({
      stage: 'confirming',
      confirmations: 0,
      confirmationsWanted: 1,
    });
    await stage.world.mine(1);
    stage.lsp.shop.payment = { state: 'PAID' };
    expect(await stage.order()).toMatchObject({ stage: 'opening', confirmations: 1 });
    await stage.deliver();
    expect(await stage.order()).toMatchObject({ stage: 'open' });
  });

  // bLIP 51 §3.3: "MUST refund the client to `refund_onchain_address`"; "The LSP MUST choose a reasonable fee
  // rate"; "MUST set the payment `payment.state` to `REFUNDED`"
  it('comes to nothing on chain: back is what came back, whatever the LSP says', async () => {
    const stage = await RoomStage.start();
    const { world, lsp, wallet } = stage;
    value(await stage.buy('onchain'));
    await world.mine(1);
    lsp.shop.failed('REFUNDED');
    expect(await stage.order()).toMatchObject({ stage: 'refunding', refundTxId: null });
    const refund = String(
      lsp.asked.find(({ method }) => method === 'lsps1.create_order')?.params['refund_onchain_address'],
    );
    await stage.refund(refund, ROOM_FEE - 200n);
    expect(await stage.order()).toMatchObject({
      stage: 'refunded',
      refundTxId: expect.stringMatching(/^[0-9a-f]{64}$/),
      refundedSat: ROOM_FEE - 200n,
    });
    const [order] = await wallet.api.lsp.orders.list();
    value(await world.ask(wallet.api.lsp.orders.forget(order?.id ?? '')));
    expect(await wallet.api.lsp.orders.list()).toEqual([]);
  });

  // bLIP 51 §3.3: "MAY overprovision"
  it('comes to nothing on chain, and comes back in several transactions: their sum is what came back', async () => {
    const stage = await RoomStage.start();
    const { world, lsp } = stage;
    value(await stage.buy('onchain'));
    await world.mine(1);
    lsp.shop.failed('REFUNDED');
    const refund = String(
      lsp.asked.find(({ method }) => method === 'lsps1.create_order')?.params['refund_onchain_address'],
    );
    const third = ROOM_FEE / 3n;
    await stage.refund(refund, third);
    expect(await stage.order()).toMatchObject({ stage: 'refunding', refundedSat: null });
    await stage.refund(refund, third + 1n);
    expect(await stage.order()).toMatchObject({ stage: 'refunded', refundedSat: 2n * third + 1n });
    // It may not have been the last.
    await stage.refund(refund, third - 1n);
    expect(await stage.order()).toMatchObject({ stage: 'refunded', refundedSat: 3n * third });
  });

  it('is not paid any more once the payment was cancelled, and that is in a block: it is not waited for', async () => {
    const stage = await RoomStage.start();
    const { world, wallet } = stage;
    value(await stage.buy('onchain'));
    const sent = await stage.order();
    expect(sent).toMatchObject({ stage: 'confirming' });
    expect(sent?.cancellationId).toBeNull();
    const first = value(await world.ask(wallet.api.cancelSend(sent?.paymentId ?? '', { satPerVb: 50 })));
    // Either may still be taken.
    expect(await stage.order()).toMatchObject({
      stage: 'unpaid',
      paymentId: null,
      cancellationId: first.txId,
    });
    const { txId } = value(await world.ask(wallet.api.bumpFee(first.txId, { satPerVb: 80 })));
    expect(await stage.order()).toMatchObject({ stage: 'unpaid', cancellationId: txId });
    world.chain.mempool = world.chain.mempool.filter((tx) => txIdOf(tx) === txId);
    await world.mine(1);
    const order = await stage.order();
    expect(order).toMatchObject({ stage: 'not-paid', cancellationId: txId });
    value(await world.ask(wallet.api.lsp.orders.forget(order?.id ?? '')));
    expect(await wallet.api.lsp.orders.list()).toEqual([]);
  });

  it('is there after a restart, wherever it stood', async () => {
    const stage = await RoomStage.start();
    const { wallet, lsp, world } = stage;
    value(await stage.buy('lightning'));
    lsp.shop.payment = { state: 'HOLD' };
    await wallet.restart();
    for (let seconds = 0; seconds < 30; seconds++) await world.pass(1_000);
    expect(await stage.order()).toMatchObject({ stage: 'held' });
    await stage.deliver();
    await wallet.restart();
    await stage.claim();
    for (let seconds = 0; seconds < 60; seconds++) await world.pass(1_000);
    expect(await stage.order()).toMatchObject({ stage: 'open' });
    // What is over stays over.
    await wallet.restart();
    expect(await wallet.api.lsp.orders.list()).toMatchObject([{ stage: 'open' }]);
  });

  it.each(['crash-before', 'crash-after'] as const)(
    'is paid at most once, and known when it is paid, wherever the wallet ends (%s)',
    async (tag) => {
      for (const way of ['lightning', 'onchain'] as const)
        for (let ahead = 0; ahead < 3; ahead++) {
          const stage = await RoomStage.start();
          const { wallet, world, lsp } = stage;
          const { quoteId } = await stage.offer();
          wallet.store.plan({ tag }, ahead);
          void wallet.api.lsp.orders.buy({ quoteId, way }).catch(() => undefined);
          await world.settle();
          if (wallet.isDead) await wallet.restart();
          wallet.store.spare();
          for (let seconds = 0; seconds < 20; seconds++) await world.pass(1_000);
          const orders = await wallet.api.lsp.orders.list();
          const { payments } = await wallet.api.listPayments();
          const paid = payments.filter(
            ({ direction, kind, amountMsat }) =>
              direction === 'outgoing' && kind !== 'channel-open' && amountMsat === ROOM_FEE * 1000n,
          );
          expect(paid.length).toBeLessThanOrEqual(1);
          expect(orders.length).toBeGreaterThanOrEqual(paid.length);
          expect(lsp.asked.filter(({ method }) => method === 'lsps1.create_order')).toHaveLength(1);
        }
    },
  );
});

describe('room that another wallet pays for', () => {
  async function ordered(): Promise<RoomStage> {
    const stage = await RoomStage.start();
    value(await stage.buy('elsewhere'));
    return stage;
  }
  const EXPIRED = 3_001_000;
  const SIX_HOURS = 6 * 3_600_000;

  it('shows how to pay, pays nothing itself, and follows the LSP to the channel, over a restart too', async () => {
    const stage = await ordered();
    const { wallet, lsp, world } = stage;
    const before = await wallet.api.listBalances();
    expect(await stage.order()).toMatchObject({
      stage: 'unpaid',
      way: 'elsewhere',
      totalSat: ROOM_FEE,
      payHere: { invoice: lsp.shop.invoice, address: lsp.shop.address },
      paymentId: null,
    });
    await wallet.restart();
    for (let seconds = 0; seconds < 30; seconds++) await world.pass(1_000);
    expect(await stage.order()).toMatchObject({ stage: 'unpaid', payHere: { address: lsp.shop.address } });
    lsp.shop.payment = { state: 'HOLD' };
    expect(await stage.order()).toMatchObject({ stage: 'held', heldBlocks: 144 });
    await stage.deliver();
    expect(await stage.order()).toMatchObject({ stage: 'open', paymentId: null });
    const { lightning, onchain } = await wallet.api.listBalances();
    expect([lightning.localMsat, onchain]).toEqual([before.lightning.localMsat, before.onchain]);
  });

  it('is asked for in the cheaper way alone, where they do not cost the same', async () => {
    const stage = await RoomStage.start();
    stage.lsp.shop.invoice = null;
    const { elsewhere } = await stage.offer();
    expect(elsewhere).toMatchObject({ totalSat: ROOM_FEE, heldBlocks: null, confirmations: 1 });
    value(await stage.buy('elsewhere'));
    expect(await stage.order()).toMatchObject({
      payHere: { invoice: null, address: stage.lsp.shop.address },
    });
  });

  it('is followed for some hours more when nobody seems to have paid: coins may confirm late', async () => {
    const stage = await ordered();
    await stage.world.pass(EXPIRED);
    expect(await stage.order()).toMatchObject({ stage: 'unpaid' });
    await stage.world.pass(SIX_HOURS);
    expect(await stage.order()).toMatchObject({ stage: 'not-paid' });
    // By our clock alone, which may be wrong: when the LSP was paid after all, it is seen.
    stage.lsp.shop.payment = { state: 'PAID' };
    await stage.world.pass(600_000);
    for (let seconds = 0; seconds < 60; seconds++) await stage.world.pass(1_000);
    expect(await stage.order()).toMatchObject({ stage: 'opening' });
  });

  it('ends when the LSP ends the order: an invoice that nobody paid is not money that came back', async () => {
    const stage = await ordered();
    stage.lsp.shop.failed('CANCELLED');
    expect(await stage.order()).toMatchObject({ stage: 'not-paid' });
  });

  it('comes to nothing: whoever paid over Lightning has the payment back', async () => {
    const stage = await ordered();
    stage.lsp.shop.payment = { state: 'HOLD' };
    expect(await stage.order()).toMatchObject({ stage: 'held' });
    stage.lsp.shop.failed('HOLD');
    expect(await stage.order()).toMatchObject({ stage: 'refunding' });
    stage.lsp.shop.failed('CANCELLED');
    expect(await stage.order()).toMatchObject({ stage: 'refunded' });
  });

  it('is said to be paid and done, and there is no channel: said, and still accepted when it comes', async () => {
    const stage = await ordered();
    stage.lsp.shop.opened(`${'ab'.repeat(32)}:0`);
    expect(await stage.order()).toMatchObject({ stage: 'undelivered' });
  });
});

describe('room is not paid for', () => {
  // bLIP 51 §2: "SHOULD validate the `fee_total_sat` is reasonable"; "MAY abort the flow here"
  it('when it is dear, unless it was agreed to, and above the limit of settings in any case', async () => {
    const stage = await RoomStage.start();
    const { lsp, wallet, world } = stage;
    lsp.shop.feeSat = 5_001n;
    lsp.shop.invoice = null;
    const { quoteId, onchain } = await stage.offer();
    expect(onchain?.isDear).toBe(true);
    const buy = (change: object, id = quoteId) =>
      world.ask(wallet.api.lsp.orders.buy({ quoteId: id, way: 'onchain', ...change }));
    expect(await buy({})).toMatchObject({ error: { code: 'lsp-fee-is-dear' } });
    expect(await buy({ maxFeeSat: 5_000n })).toMatchObject({ error: { code: 'lsp-fee-above-limit' } });
    lsp.shop.feeSat = 50_001n;
    const { quoteId: dearer } = await stage.offer();
    expect(await buy({ maxFeeSat: 60_000n }, dearer)).toMatchObject({
      error: { code: 'lsp-fee-above-limit', limitMsat: 50_000_000n },
    });
    expect(await wallet.api.lsp.orders.list()).toEqual([]);
    expect((await buy({ maxFeeSat: 5_001n })).ok).toBe(false);
  });

  it('twice', async () => {
    const stage = await RoomStage.start();
    const { quoteId } = await stage.offer();
    const buy = () => stage.wallet.api.lsp.orders.buy({ quoteId, way: 'onchain' });
    const answers = await stage.world.ask(Promise.all([buy(), buy()]));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'quote-expired' } });
  });

  it('when there is not enough: nothing is left to follow', async () => {
    const stage = await RoomStage.start();
    stage.lsp.shop.feeSat = 40_000n;
    stage.lsp.shop.invoice = null;
    const { shop } = stage.lsp;
    shop.options = { ...shop.options, min_initial_client_balance_sat: '900000' };
    const bought = await stage.buy('onchain', { maxFeeSat: 40_000n });
    expect(bought.ok).toBe(false);
    expect(await stage.wallet.api.lsp.orders.list()).toEqual([]);
  });

  it('and is followed where servers refuse the fee of a payment that is kept and offered on', async () => {
    const stage = await RoomStage.start();
    const { world, wallet } = stage;
    world.esplora.refusal = 'mempool min fee not met';
    value(await stage.buy('onchain'));
    expect(await stage.order()).toMatchObject({ stage: 'confirming', way: 'onchain', isFeeTooLow: true });
    // Nobody was paid: the LSP owes nothing, whatever it says.
    const { payment } = stage.lsp.shop;
    stage.lsp.shop.failed('EXPECT_PAYMENT');
    expect(await stage.order()).toMatchObject({ stage: 'lapsed' });
    stage.lsp.shop.payment = payment;
    world.esplora.refusal = null;
    await world.mine(2);
    stage.lsp.shop.payment = { state: 'PAID' };
    await stage.deliver();
    expect(await stage.order()).toMatchObject({ stage: 'open', isFeeTooLow: false });
    // Only what was never sent leaves nothing to follow.
    expect(await wallet.api.lsp.orders.list()).toHaveLength(1);
  });

  it.each<[string, (stage: RoomStage) => void]>([
    ['says that it failed', ({ lsp }) => lsp.shop.failed('EXPECT_PAYMENT')],
    ['says that it is done', ({ lsp }) => lsp.shop.opened(`${'ab'.repeat(32)}:0`)],
    ['says nothing, long after it ran out', ({ world }) => void (world.clock.skew += 4 * 86_400)],
  ])(
    'by a payment that no block has, and the LSP %s: it is to be cancelled, and followed until a block decides',
    async (_, lapses) => {
      const stage = await RoomStage.start();
      const { world, wallet, lsp } = stage;
      value(await stage.buy('onchain'));
      const before = { ...lsp.shop };
      const paid = world.chain.mempool.at(-1);
      lapses(stage);
      await world.pass(60_000);
      const sent = await stage.order();
      expect(sent).toMatchObject({ stage: 'lapsed' });
      value(await world.ask(wallet.api.cancelSend(sent?.paymentId ?? '', { satPerVb: 50 })));
      for (let look = 0; look < 3; look++) expect(await stage.order()).toMatchObject({ stage: 'lapsed' });
      // The block has the payment, and not what was to take its place.
      Object.assign(lsp.shop, { state: before.state, payment: before.payment });
      lsp.shop.failed('PAID');
      world.chain.mempool = paid === undefined ? [] : [paid];
      await world.mine(1);
      expect((await stage.order())?.stage).not.toBe('not-paid');
      expect(['refunding', 'undelivered']).toContain((await stage.order())?.stage);
    },
  );

  it('once it has expired', async () => {
    const stage = await RoomStage.start();
    const { quoteId } = await stage.offer();
    await stage.world.pass(3_001_000);
    expect(await stage.world.ask(stage.wallet.api.lsp.orders.buy({ quoteId, way: 'onchain' }))).toMatchObject(
      {
        error: { code: 'quote-expired' },
      },
    );
  });
});
