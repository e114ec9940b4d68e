import { activity, app as shell, channels, home } from '../../web/i18n/en.ts';
import { satIn } from './pages/amounts.ts';
import { KEPT } from './pages/home.ts';
import { chainFeeSat, untilBroadcast } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';

const COINS = 1_000_000n;
const CHANNEL = 500_000n;

test('from nothing to a paid invoice and back on chain, to the satoshi', async ({ app, world }) => {
  const { home: front, channels: lightning } = app;
  await app.setup.create();
  await front.expectHoldings({});

  await front.getTestCoins();
  await front.expectHoldings({ onchain: COINS });

  const openFee = await lightning.openTo(CHANNEL);
  // The screen in front is that channel's: nothing covers it to say that it is there.
  await expect(app.page.getByText(shell.notices.channelPending)).toHaveCount(0);
  const fundingTx = await lightning.recorded(channels.facts.fundingTx);
  await untilBroadcast(world, fundingTx);
  expect(await chainFeeSat(world, fundingTx)).toBe(openFee);
  const left = COINS - CHANNEL - openFee;
  await front.open();
  await front.expectHoldings({
    onchain: left,
    kept: KEPT,
    pending: { [home.pending.opening.label]: CHANNEL },
  });
  await world.mine();
  await front.expectHoldings({ onchain: left, lightning: CHANNEL, kept: KEPT });

  const theirs = await world.ldk.createInvoice({ amountMsat: 100_000_000n, description: 'Coffee' });
  await app.send.enter(theirs.bolt11);
  expect(await app.send.cost()).toEqual({ feeSat: 0n, totalSat: 100_000n });
  await app.send.pay();
  await app.send.expectSent();
  expect(await app.send.paidFeeSat()).toBe(0n);
  const claimed = await world.ldk.waitForEvent(
    'payment-received',
    ({ paymentHash }) => paymentHash === theirs.paymentHash,
  );
  expect(claimed.amountMsat).toBe(100_000_000n);
  expect(await sha256(await app.send.proof())).toBe(theirs.paymentHash);
  await app.send.done();
  await front.expectHoldings({ onchain: left, lightning: 400_000n, kept: KEPT });

  await app.receive.open();
  await app.receive.ask(25_000n, 'Lunch ☕');
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();
  await front.open();
  await front.expectHoldings({ onchain: left, lightning: 425_000n, kept: KEPT });

  await app.reload();
  await front.expectHoldings({ onchain: left, lightning: 425_000n, kept: KEPT });
  expect(await satIn(front.activity('Coffee'))).toBe(100_000n);
  expect(await satIn(front.activity('Lunch ☕'))).toBe(25_000n);
  await expect(front.activity(activity.kinds['channel-open'].outgoing)).toContainText(
    activity.moved.toLightning,
  );
  await lightning.openFirst();
  await lightning.expectState('ready');
  await expect(app.page.getByRole('heading', { name: channels.with(world.ldk.alias) })).toBeVisible();

  // With a channel open, not all of it goes.
  await app.send.enter(await world.chain.newAddress());
  await app.send.sendAll();
  expect(await app.send.staysSat()).toBe(KEPT);
  expect((await app.send.cost()).totalSat).toBe(left - KEPT);

  await lightning.openFirst();
  const quote = await lightning.closeTogether('at most');
  expect(quote.receivedSat + quote.feeSat).toBe(425_000n);
  const closeFee = await lightning.factSat(channels.facts.closingFee);
  const returned = await lightning.factSat(channels.facts.returned);
  expect(closeFee).toBeLessThanOrEqual(quote.feeSat);
  const closingTx = await lightning.recorded(channels.facts.closingTx);
  await untilBroadcast(world, closingTx);
  expect(await chainFeeSat(world, closingTx)).toBe(closeFee);
  expect(returned).toBe(425_000n - closeFee);
  await front.open();
  await world.mine();
  // Until the close is buried, what it might have needed is kept back.
  await front.expectHoldings({ onchain: left + returned, kept: KEPT });
  await lightning.openFirst();
  await expect(app.page.getByText(channels.closeConfirmed)).toBeVisible();
  await world.mine(6);
  await lightning.expectState('closed');

  await app.reload();
  await front.open();
  await front.expectHoldings({ onchain: COINS - openFee - 100_000n + 25_000n - closeFee });
  expect(await satIn(front.activity(activity.kinds['channel-close'].incoming))).toBe(returned);
  await app.send.enter(await world.chain.newAddress());
  await app.send.sendAll();
  expect((await app.send.cost()).totalSat).toBe(left + returned);
});

async function sha256(hex: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(hex, 'hex'))).toString('hex');
}
