import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../../base/result.ts';
import { sat } from '../../base/units.ts';
import { scriptOfAddress } from '../../bitcoin/address.ts';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { paying } from '../../testkit/fake-chain.ts';
import { ROOM, ROOM_FEE, RoomStage } from '../../testkit/room-stage.ts';
import type { RoomShop } from '../../testkit/room-shop.ts';
import { value } from '../../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const MAINNET = 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq';

type Twist = (shop: RoomShop, made: Readonly<Record<string, unknown>>) => void;

/** A part of every option to pay. */
const price =
  (part: Readonly<Record<string, unknown>>): Twist =>
  (shop) =>
    (shop.payment = part);
const order =
  (part: Readonly<Record<string, unknown>>): Twist =>
  (shop) =>
    (shop.state = part);
const options =
  (part: Readonly<Record<string, unknown>>): Twist =>
  (shop) =>
    (shop.options = { ...shop.options, ...part });

describe('an LSP whose answer is not what was asked for', () => {
  it.each<readonly [string, Twist]>([
    // bLIP 51 §1: "Every `min/max` options pair MUST ensure that `min <= max`"
    ['bounds the wrong way round', options({ min_channel_balance_sat: '20000000' })],
    ['bounds that are numbers', options({ max_initial_lsp_balance_sat: 5 })],
    ['more money than there is', options({ max_channel_balance_sat: '2100000000000001' })],
    // bLIP 51 §1: "MUST be 1 or greater"
    ['channels of no time', options({ max_channel_expiry_blocks: 0 })],
    ['transactions in no block', options({ min_funding_confirms_within_blocks: 0 })],
    ['a reserve that is a word', options({ supports_zero_channel_reserve: 'yes' })],
    ['half a confirmation', options({ min_required_channel_confirmations: 0.5 })],
    // bLIP 51 §2: "MUST be at most 64 characters long"
    ['an id of 65 characters', order({ order_id: 'x'.repeat(65) })],
    ['an id that a page could take for its own', order({ order_id: '<b>\n' })],
    ['less room', order({ lsp_balance_sat: '499999' })],
    // bLIP 51 §2: "Mirrored from the request"
    ['another balance of ours', order({ client_balance_sat: '1' })],
    ['a shorter lease', order({ channel_expiry_blocks: 12_959 })],
    ['more confirmations', order({ required_channel_confirmations: 1 })],
    ['a slower funding', order({ funding_confirms_within_blocks: 7 })],
    ['an announced channel', order({ announce_channel: true })],
    ['an order that is done already', order({ order_state: 'COMPLETED' })],
    ['an order of an unknown state', order({ order_state: 'PENDING' })],
    ['no way to pay', order({ payment: {} })],
    ['a payment that is a list', order({ payment: [] })],
    // bLIP 51 §4: "MUST be `null` if the channel opening transaction has not been published yet"
    ['a channel before anybody paid', (shop) => shop.opened(`${'aa'.repeat(32)}:0`)],
    ['a channel in no outpoint', order({ channel: { funding_outpoint: 'soon' } })],
    // bLIP 51 §3.1: "MUST be the `fee_total_sat` plus the `client_balance_sat` requested in satoshi"
    ['a sum that does not add up', price({ order_total_sat: String(ROOM_FEE + 1n) })],
    ['a fee that is negative', price({ fee_total_sat: '-1' })],
    ['a payment that was made already', price({ state: 'PAID' })],
    ['a payment in an unknown state', price({ state: 'SEEN' })],
    ['a time that is none', price({ expires_at: 'tomorrow' })],
    // bLIP 51 §3.1: "MUST be a Lightning BOLT 11 invoice for the number of `order_total_sat`"
    ['an invoice of another amount', (shop) => (shop.feeSat = ROOM_FEE - 1n)],
    ['an invoice that is none', (shop) => (shop.invoice = 'lnbcrt1nonsense')],
    // bLIP 51 §3.1: "MUST be at most 2048 characters long"
    ['an invoice of 2,049 characters', (shop) => (shop.invoice = 'l'.repeat(2_049))],
    // bLIP 50 §On-chain Addresses: "An on-chain address MUST be a SegWit address"
    ['an address of another network', price({ address: MAINNET })],
    ['a refund to somebody else', price({ refund_onchain_address: 'bcrt1qsomebody' })],
    // bLIP 51 §3.3: "MUST be `null` or absent if `min_onchain_payment_confirmations` is greater than 0"
    ['a fee for haste that does not apply', price({ min_fee_for_0conf: 253 })],
  ])('%s: nothing is bought', async (_, twist) => {
    const stage = await RoomStage.start();
    const { wallet, world, lsp } = stage;
    twist(lsp.shop, lsp.shop.order ?? {});
    const answer = await world.ask(wallet.api.lsp.orders.quote(ROOM));
    expect(answer).toMatchObject({ ok: false, error: { code: 'lsp-failed', reason: 'nonsense' } });
    expect(await wallet.api.lsp.orders.list()).toEqual([]);
  });

  it.each([
    [100, 'terms-changed'],
    [102, 'token-refused'],
    [1, 'client-rejected'],
    [-32_601, 'not-offered'],
    [-32_602, 'error'],
  ] as const)('error %i has its own sentence', async (code, reason) => {
    const stage = await RoomStage.start();
    stage.lsp.answer = (_, id) =>
      `{"jsonrpc":"2.0","id":"${id}","error":{"code":${code},"message":"<b>pay me</b>"}}`;
    expect(await stage.world.ask(stage.wallet.api.lsp.orders.quote(ROOM))).toMatchObject({
      error: { code: 'lsp-failed', reason },
    });
  });
});

describe('an LSP that changes its mind before it is paid', () => {
  // bLIP 51 §2.1: "The client MAY check the current status of the order at any point"
  it.each<readonly [string, (stage: RoomStage) => void, string]>([
    [
      'a higher price',
      ({ lsp }) => (lsp.shop.payment = { fee_total_sat: '2001', order_total_sat: '2001' }),
      'terms-changed',
    ],
    ['less room', ({ lsp }) => (lsp.shop.state = { lsp_balance_sat: '499999' }), 'terms-changed'],
    ['another address', ({ lsp }) => (lsp.shop.payment = { address: MAINNET }), 'terms-changed'],
    [
      'a refund to somebody else',
      ({ lsp }) => (lsp.shop.payment = { refund_onchain_address: MAINNET }),
      'terms-changed',
    ],
    [
      'more confirmations',
      ({ lsp }) => (lsp.shop.payment = { min_onchain_payment_confirmations: 6 }),
      'terms-changed',
    ],
    ['another order', ({ lsp }) => (lsp.shop.state = { order_id: 'another' }), 'terms-changed'],
    ['an order that failed', ({ lsp }) => lsp.shop.failed('EXPECT_PAYMENT'), 'terms-changed'],
    // bLIP 51 §2.1: "Order with the requested order_id has not been found"
    [
      'an order that it does not know',
      ({ lsp }) =>
        (lsp.answer = (_, id) => `{"jsonrpc":"2.0","id":"${id}","error":{"code":101,"message":""}}`),
      'order-unknown',
    ],
    ['no answer', ({ lsp }) => (lsp.answer = () => null), 'no-answer'],
  ])('%s: nothing is paid', async (_, change, reason) => {
    const stage = await RoomStage.start();
    const { wallet, world } = stage;
    const { quoteId } = await stage.offer();
    const { totalMsat: before } = await wallet.api.listBalances();
    change(stage);
    const bought = wallet.api.lsp.orders.buy({ quoteId, way: 'onchain' });
    await world.settle();
    await world.pass(21_000);
    expect(await bought).toMatchObject({ error: { code: 'lsp-failed', reason } });
    expect(await wallet.api.lsp.orders.list()).toEqual([]);
    const { payments } = await wallet.api.listPayments();
    expect(payments.filter(({ amountMsat }) => amountMsat === ROOM_FEE * 1000n)).toEqual([]);
    expect((await wallet.api.listBalances()).totalMsat).toBe(before);
  });
});

describe('an LSP that was paid', () => {
  it.each([
    // bLIP 51 §4.1: "MUST open the channel with at least a capacity of `lsp_balance_sat` + `client_balance_sat`"
    ['and opens a smaller channel', ROOM - 1n, false],
    // bLIP 51 §4.1: "MUST respect the `announce_channel` flag"
    ['and opens a public one', ROOM + 1_000n, true],
  ] as const)('%s: it is not taken', async (_, capacity, announce) => {
    const stage = await RoomStage.start();
    value(await stage.buy('lightning'));
    await stage.deliver(capacity, announce);
    expect(stage.lsp.heard.map(({ name }) => name)).toContain('error');
    expect(await stage.wallet.api.listChannels()).toHaveLength(1);
    // It says so nowhere: the payment is what it may still take.
    stage.lsp.shop.opened(`${'aa'.repeat(32)}:0`);
    expect(await stage.order()).toMatchObject({ stage: 'paying', channelId: null });
  });

  // bLIP 51 §4.1: "MUST push `client_balance_sat` to the client"
  it('for a balance of ours too, and keeps that: its channel is not taken', async () => {
    const stage = await RoomStage.start();
    const { lsp, wallet } = stage;
    lsp.shop.options = { ...lsp.shop.options, min_initial_client_balance_sat: '20000' };
    lsp.shop.invoice = null;
    value(await stage.buy('onchain'));
    await stage.world.mine(1);
    // Large enough for both balances, and all of it the LSP's.
    await stage.deliver(ROOM + 30_000n);
    expect(lsp.heard.map(({ name }) => name)).toContain('error');
    expect(await wallet.api.listChannels()).toHaveLength(1);
  });

  // bLIP 51 §4.1: "MUST push `client_balance_sat` to the client"
  it.each([
    ['a channel that began with none of it', 0n, 'undelivered', 'without-balance'],
    ['a channel that began with a part of it', 19_999_999n, 'undelivered', 'without-balance'],
    ['the channel that began with it', 20_000_000n, 'open', null],
  ] as const)('for a balance of ours too, and names %s', async (_, pushed, stageOf, namedChannel) => {
    const stage = await RoomStage.start();
    const { lsp, wallet, world } = stage;
    lsp.shop.invoice = null;
    // The same room without it, for which a channel that has none of it is taken.
    value(await stage.buy('onchain'));
    lsp.shop.options = { ...lsp.shop.options, min_initial_client_balance_sat: '20000' };
    value(await stage.buy('onchain'));
    await world.mine(1);
    await stage.deliver(ROOM + 30_000n, false, pushed);
    // What moved since does not count.
    await wallet.restart();
    for (let seconds = 0; seconds < 30 && !lsp.isConnected; seconds++) await world.pass(1_000);
    await stage.order();
    const orders = await wallet.api.lsp.orders.list();
    expect(orders.find(({ clientBalanceSat }) => clientBalanceSat > 0n)).toMatchObject({
      stage: stageOf,
      namedChannel,
    });
  });

  // bLIP 51 §3.1: "Invoice MUST be a HOLD invoice"
  // bLIP 51 §4.1: "MUST set `order_state` to `COMPLETED`"
  it('over Lightning, and says that it opened: without the channel it is not believed', async () => {
    const stage = await RoomStage.start();
    value(await stage.buy('lightning'));
    stage.lsp.shop.opened(`${'aa'.repeat(32)}:0`);
    await stage.claim();
    expect(await stage.order()).toMatchObject({ stage: 'undelivered', preimage: '42'.repeat(32) });
  });

  // bLIP 51 §4.1: "MUST update the channel object"
  it('and names a transaction that it replaces by another: the channel is the one that came', async () => {
    const stage = await RoomStage.start();
    value(await stage.buy('lightning'));
    stage.lsp.shop.opened(`${'aa'.repeat(32)}:0`);
    await stage.claim();
    expect(await stage.order()).toMatchObject({ stage: 'undelivered' });
    await stage.deliver();
    expect(await stage.order()).toMatchObject({ stage: 'open' });
  });

  // bLIP 51 §3.1: "MUST change the `payment.state` to `HOLD` when the payment arrived"
  // bLIP 51 §4.1: "The LSP MUST open the channel under the following conditions"
  // bLIP 51 §Note about Channel Batching: "For orders where `required_channel_confirmations = 0` the LSP MUST
  // attempt"
  it('over Lightning, and is silent for hours', async () => {
    const stage = await RoomStage.start();
    value(await stage.buy('lightning'));
    await stage.claim();
    expect(await stage.order()).toMatchObject({ stage: 'opening' });
    stage.lsp.answer = () => null;
    await stage.world.pass(6 * 3_600_000 + 1_000);
    expect(await stage.order()).toMatchObject({ stage: 'undelivered' });
  });

  // bLIP 51 §3.3: "the client MUST NOT rely on the LSP confirming the transaction within the given time frame"
  // bLIP 51 §3.3: "MUST monitor the blockchain and update `onchain_payment`"; "MAY take longer than
  // `min_onchain_payment_confirmations` confirmations in case the LSP"; "MUST always set the transaction as
  // confirmed after 6 block"; "These estimates MAY change over time so the LSP MAY"
  // bLIP 51 §4.1: "MUST attempt a channel open"
  it('on chain, and says that it opened, or nothing at all for two days', async () => {
    const stage = await RoomStage.start();
    value(await stage.buy('onchain'));
    await stage.world.mine(1);
    stage.lsp.shop.opened(`${'aa'.repeat(32)}:0`);
    expect(await stage.order()).toMatchObject({ stage: 'undelivered' });
    stage.lsp.shop.state = {};
    stage.lsp.shop.payment = {};
    expect(await stage.order()).toMatchObject({ stage: 'confirming' });
    await stage.world.pass(49 * 3_600_000);
    expect(await stage.order()).toMatchObject({ stage: 'undelivered' });
  });

  // bLIP 51 §2: "MUST be unique"
  it('with an order that is another one by now: what was agreed to stands', async () => {
    const stage = await RoomStage.start();
    value(await stage.buy('lightning'));
    stage.lsp.shop.state = { order_id: 'another', order_state: 'FAILED' };
    expect(await stage.order()).toMatchObject({ stage: 'paying', lspOrderId: 'order-0' });
  });

  it('with the same invoice for the next order: it is not paid twice', async () => {
    const stage = await RoomStage.start();
    value(await stage.buy('lightning'));
    expect(await stage.buy('lightning')).toMatchObject({ error: { code: 'duplicate-payment' } });
    expect(await stage.wallet.api.lsp.orders.list()).toHaveLength(1);
  });

  it('twice, with one channel for both: the second order is still to be delivered', async () => {
    const stage = await RoomStage.start();
    const { wallet, lsp, world } = stage;
    lsp.shop.invoice = null;
    value(await stage.buy('onchain'));
    await world.mine(1);
    await stage.deliver();
    const first = await stage.order();
    expect(first).toMatchObject({ stage: 'open' });
    const said = lsp.shop.state;
    lsp.shop.state = {};
    lsp.shop.payment = {};
    value(await stage.buy('onchain'));
    await world.mine(1);
    lsp.shop.state = said;
    lsp.shop.payment = { state: 'PAID' };
    await stage.order();
    const orders = await wallet.api.lsp.orders.list();
    expect(orders.find(({ id }) => id !== first.id)).toMatchObject({ stage: 'undelivered', channelId: null });
    // Nor when the first is off the list.
    value(await world.ask(wallet.api.lsp.orders.forget(first.id)));
    expect(await stage.order()).toMatchObject({ stage: 'undelivered', channelId: null });
  });

  // bLIP 51 §3.3: "MUST be `order_total_sat` MINUS transaction size * onchain fee rate"
  it('and sends a little to where a refund would go: the order stands', async () => {
    const stage = await RoomStage.start();
    const { wallet, lsp, world } = stage;
    const told = (): string[] =>
      lsp.asked.flatMap(({ params }) => (params['refund_onchain_address'] as string | undefined) ?? []);
    lsp.shop.invoice = null;
    value(await stage.buy('onchain'));
    const [address = ''] = told();
    await stage.refund(address, ROOM_FEE / 2n - 1n);
    expect(await stage.order()).toMatchObject({ stage: 'confirming', refundTxId: null });
    // All of it, and in no block: what is not may be taken back.
    world.chain.add(paying([value(scriptOfAddress(address, 'regtest')), sat(ROOM_FEE)]));
    expect(await stage.order()).toMatchObject({ stage: 'confirming', refundTxId: null });
    await stage.deliver();
    expect(await stage.order()).toMatchObject({ stage: 'open' });
    // The next order has an address of its own, so that nothing of this one is taken for its refund.
    lsp.shop.state = {};
    lsp.shop.payment = {};
    value(await stage.buy('onchain'));
    expect(new Set(told()).size).toBe(2);
    const [other] = (await wallet.api.lsp.orders.list()).filter(({ stage: one }) => one !== 'open');
    await world.mine(1);
    expect(other).toMatchObject({ refundTxId: null });
  });

  it('and opens when it is trusted no more: its channel waits for the chain', async () => {
    const stage = await RoomStage.start();
    const { wallet, lsp, world } = stage;
    value(await stage.buy('lightning'));
    await stage.claim();
    const lsps = [lsp.server({ trusted: false })];
    wallet.servers = () => Promise.resolve(ok({ esplora: [world.esplora.url], proxies: [], lsps }));
    await wallet.restart();
    for (let seconds = 0; seconds < 30 && !lsp.isConnected; seconds++) await world.pass(1_000);
    expect(await stage.order()).toMatchObject({ stage: 'opening' });
    lsp.hurries = false;
    await stage.deliver();
    expect((await wallet.api.listChannels()).find(({ peerNodeId }) => peerNodeId === lsp.id)).toMatchObject({
      isUsable: false,
      confirmationsRequired: 3,
    });
  });

  // bLIP 51 §4.1: "MUST use a high enough on-chain fee rate to ensure"
  // bLIP 51 §Note about Channel Batching: "The LSP MUST still ensure that the funding transaction gets"
  it('and opens long after it had to: what was paid for is taken', async () => {
    const stage = await RoomStage.start();
    value(await stage.buy('lightning'));
    await stage.claim();
    await stage.world.pass(7 * 3_600_000);
    expect(await stage.order()).toMatchObject({ stage: 'undelivered' });
    await stage.deliver();
    expect(await stage.order()).toMatchObject({ stage: 'open' });
    expect(
      (await stage.wallet.api.listChannels()).find(({ peerNodeId }) => peerNodeId === stage.lsp.id),
    ).toMatchObject({ isUsable: true });
  });

  it('and gives one order’s money back: another that was shown at the same time has not ended', async () => {
    const stage = await RoomStage.start();
    const { wallet, lsp, world } = stage;
    lsp.shop.invoice = null;
    const [first, second] = [await stage.offer(), await stage.offer()];
    const buy = (quoteId: string) => world.ask(wallet.api.lsp.orders.buy({ quoteId, way: 'onchain' }));
    // Both were told the same address: what was not bought by then is asked for again.
    value(await buy(second.quoteId));
    expect(await buy(first.quoteId)).toMatchObject({ error: { code: 'quote-expired' } });
    // Money at the address, of which the LSP says nothing, ends no order either.
    const [address = ''] = lsp.asked.flatMap(
      ({ params }) => (params['refund_onchain_address'] as string | undefined) ?? [],
    );
    await stage.refund(address, ROOM_FEE);
    expect(await stage.order()).toMatchObject({ stage: 'confirming' });
    lsp.shop.failed('REFUNDED');
    expect(await stage.order()).toMatchObject({ stage: 'refunded' });
  });

  // bLIP 51 §4.1: "MUST send `channel_ready` after the funding transaction has
  // `required_channel_confirmations`"
  it('without being trusted: its channel waits for confirmations', async () => {
    const stage = await RoomStage.start({ trusted: false });
    value(await stage.buy('lightning'));
    stage.lsp.hurries = false;
    await stage.deliver();
    const channel = (await stage.wallet.api.listChannels()).find(
      ({ peerNodeId }) => peerNodeId === stage.lsp.id,
    );
    expect(channel).toMatchObject({ isUsable: false, confirmationsRequired: 3 });
    expect(await stage.order()).toMatchObject({ stage: 'open' });
  });
});
