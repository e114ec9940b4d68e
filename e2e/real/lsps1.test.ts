import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrderDetails, OrderStage, RoomOffer } from '../../engine/node/api.ts';
import { DEFAULT_LSP_TERMS } from '../world/ldk/lsp-settings.ts';
import type { Leyden } from '../world/leyden/leyden.ts';
import type { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { Stage, waitForChannel, waitForPayment } from './scenarios/stage.ts';
import { codeOf, valueOf } from './scenarios/values.ts';

const ROOM = 1_000_000n;
/** 1,000 sat and 2,000 parts per million. */
const FEE = 3_000n;
/** More than the LSP has. */
const TOO_MUCH = 15_000_000n;
const TOO_MUCH_FEE = 31_000n;

describe.each(PEER_KINDS)('room bought ahead of an LSP that is $name', (kind) => {
  let stage: Stage;
  let lsp: PeerUnderTest;

  beforeAll(async () => {
    stage = await Stage.start(kind);
    const rooms = { ...DEFAULT_LSP_TERMS.rooms, maxLspSat: 16_000_000n };
    lsp = await stage.peer({ alias: 'lsp', lsp: { ...DEFAULT_LSP_TERMS, rooms } }, 12_000_000n);
  });
  afterAll(() => stage.stop());

  const wallet = async (trusted = true): Promise<LocalLeyden> => {
    const us = await stage.local(1_000_000n, [
      { alias: 'The LSP', nodeId: lsp.id, ...lsp.address, token: null, trusted },
    ]);
    await stage.sync();
    return us;
  };

  async function offered(us: Leyden, roomSat: bigint): Promise<RoomOffer> {
    const [offer] = valueOf(await us.api.lsp.orders.quote(roomSat)).offers;
    if (offer === undefined) throw new Error('no offer');
    return offer;
  }

  const stageReached = (us: Leyden, wanted: OrderStage): Promise<OrderDetails> =>
    until(async () => (await us.api.lsp.orders.list()).find((order) => order.stage === wanted) ?? null, {
      what: `an order that is ${wanted}`,
      describe: () => us.api.lsp.orders.list(),
    });

  /** So many orders came to their end, whichever it was. */
  const ended = (us: Leyden, count: number): Promise<readonly OrderDetails[]> =>
    until(
      async () => {
        const orders = await us.api.lsp.orders.list();
        const isEnded = orders.every(({ stage: at }) => ['refunded', 'undelivered', 'open'].includes(at));
        return orders.length === count && isEnded ? orders : null;
      },
      { what: `${count} orders that ended`, describe: () => us.api.lsp.orders.list() },
    );

  /** It runs again, and we have found it. */
  async function lspBack(us: Leyden): Promise<void> {
    await lsp.restart();
    await until(async () => (await us.api.listPeers()).find(({ state }) => state === 'connected') ?? null, {
      what: 'our LSP again',
    });
  }

  test('is paid over Lightning: the payment is taken once the channel is there, and the room can be used', async () => {
    const us = await wallet();
    await stage.open(us, lsp, { by: 'us', capacitySat: 400_000n });
    const { quoteId, lightning, onchain } = await offered(us, ROOM);
    expect(lightning).toMatchObject({ feeSat: FEE, totalSat: FEE, isDear: false });
    expect(onchain).toMatchObject({ feeSat: FEE, confirmations: 1 });
    valueOf(await us.api.lsp.orders.buy({ quoteId, way: 'lightning' }));
    const order = await stageReached(us, 'open');
    expect(await waitForPayment(us, order.paymentId ?? '')).toMatchObject({
      state: 'succeeded',
      amountMsat: FEE * 1000n,
    });
    const channel = await waitForChannel(
      us,
      ({ channelId, isUsable }) => channelId === order.channelId && isUsable,
    );
    expect(channel).toMatchObject({ capacitySat: ROOM, localMsat: 0n, confirmations: 0, isAnnounced: false });
    const { invoice, paymentId } = valueOf(
      await us.api.bolt11.receive({ amountMsat: 700_000_000n, description: 'much' }),
    );
    await lsp.pay(invoice);
    expect(await waitForPayment(us, paymentId)).toMatchObject({ state: 'succeeded', feeMsat: null });
  });

  // bLIP 51 §4.1: "MUST wait for a peer connection before attempting a channel"
  test('is paid on chain: opened once it is confirmed, also when the LSP was killed meanwhile', async () => {
    const us = await wallet();
    const { quoteId } = await offered(us, ROOM);
    valueOf(await us.api.lsp.orders.buy({ quoteId, way: 'onchain' }));
    const paid = await stageReached(us, 'confirming');
    expect(paid).toMatchObject({ feeSat: FEE, totalSat: FEE, confirmationsWanted: 1 });
    await stage.inMempool(paid.paymentId ?? '');
    await lsp.kill();
    await stage.mine(1);
    await lspBack(us);
    const order = await stageReached(us, 'open');
    expect(await waitForChannel(us, ({ channelId }) => channelId === order.channelId)).toMatchObject({
      capacitySat: ROOM,
    });
    // The wallet knows of it after its own end, too.
    await us.kill();
    await us.restart();
    expect(await us.api.lsp.orders.list()).toMatchObject([{ stage: 'open', channelId: order.channelId }]);
  });

  test('comes to nothing over Lightning, and again when it is tried again: the payments are back', async () => {
    const us = await wallet();
    await stage.open(us, lsp, { by: 'us', capacitySat: 400_000n });
    for (let tries = 1; tries <= 2; tries++) {
      const { quoteId, lightning } = await offered(us, TOO_MUCH);
      expect(lightning?.feeSat).toBe(TOO_MUCH_FEE);
      valueOf(await us.api.lsp.orders.buy({ quoteId, way: 'lightning', maxFeeSat: TOO_MUCH_FEE }));
      const orders = await ended(us, tries);
      for (const order of orders)
        expect(order).toMatchObject({ stage: 'refunded', channelId: null, preimage: null });
      const { lightning: balance } = await us.api.listBalances();
      expect([balance.localMsat, balance.inFlightMsat]).toEqual([400_000_000n, 0n]);
      // Nothing of what was not opened lingers.
      expect((await lsp.channels()).map(({ capacitySat }) => capacitySat)).not.toContain(TOO_MUCH);
    }
  });

  test('comes to nothing on chain: the coins are back, less the fee of that transaction', async () => {
    const us = await wallet();
    const { quoteId } = await offered(us, TOO_MUCH);
    valueOf(await us.api.lsp.orders.buy({ quoteId, way: 'onchain', maxFeeSat: TOO_MUCH_FEE }));
    const { paymentId } = await stageReached(us, 'confirming');
    await stage.inMempool(paymentId ?? '');
    await stage.mine(1);
    await until(
      async () => {
        await stage.sync();
        return (await us.api.lsp.orders.list()).find(({ refundTxId: id }) => id !== null) ?? null;
      },
      { what: 'the refund', describe: () => us.api.lsp.orders.list() },
    );
    await stage.mine(1);
    const { refundTxId } = await stageReached(us, 'refunded');
    const back = valueOf(await us.api.payment(refundTxId ?? ''));
    expect(back.direction).toBe('incoming');
    expect(back.amountMsat).toBeGreaterThan((TOO_MUCH_FEE - 1_000n) * 1000n);
  });

  // bLIP 51 §2: "LSP MUST validate the order against the options defined in"; "LSP MUST return an `100` error
  // in case of a"
  test('is refused where it is out of what the LSP sells', async () => {
    const us = await wallet();
    expect(await us.api.lsp.orders.quote(99_999n)).toMatchObject({
      error: { code: 'channel-amount-out-of-range', minimumSat: 100_000n, maximumSat: 16_000_000n },
    });
    const { quoteId } = await offered(us, ROOM);
    await lsp.kill();
    // Noticed before it is asked, or while it is.
    const refused = codeOf(await us.api.lsp.orders.buy({ quoteId, way: 'onchain' }));
    expect(['peer-unreachable', 'lsp-failed']).toContain(refused);
    await lsp.restart();
    expect(await us.api.lsp.orders.list()).toEqual([]);
  });
});
