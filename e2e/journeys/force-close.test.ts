import { activity, channels, home } from '../../web/i18n/en.ts';
import { KEPT } from './pages/home.ts';
import { expectAccessibleAtBothSizes } from './stage/axe.ts';
import { ANCHOR, ANCHORS, chainFeeSat, untilBroadcast } from './stage/chain.ts';
import { untilSettled } from './stage/settled.ts';
import { expect, test } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

const PAID = 100_000n;
/** Blocks for which our own commitment holds our money back. */
const DELAY = 144;

test('the peer is gone: force closed, sped up, waited for, and back to the satoshi', async ({
  app,
  world,
}) => {
  const { page, channels: lightning } = app;
  const { onchainSat, channelSat } = await withChannel(app, world);
  const { bolt11 } = await world.ldk.createInvoice({ amountMsat: PAID * 1000n });
  await app.send.enter(bolt11);
  await app.send.cost();
  await app.send.pay();
  await app.send.expectSent();
  const local = channelSat - PAID;
  // Our commitment would hold the payment still.
  await untilSettled(world);
  try {
    await world.ldk.stop();
    await lightning.openFirst();
    await lightning.expectState('offline');
    const quote = await lightning.beginForceClose();
    expect(quote.feeSat + quote.receivedSat).toBe(local);
    await expectAccessibleAtBothSizes(page, 'agreeing to a force close');
    await lightning.forceClose();

    // What it is, how much, and when: in no block yet.
    const closingFee = await lightning.factSat(channels.facts.closingFee);
    const coming = local - closingFee;
    await expect
      .poll(() => lightning.stillComing())
      .toEqual([
        { what: channels.closingMoney.kinds.balance, sat: coming, when: channels.closingMoney.afterClose },
      ]);
    const commitment = await lightning.recorded(channels.facts.closingTx);
    await untilBroadcast(world, commitment);
    expect(closingFee).toBe((await chainFeeSat(world, commitment)) + ANCHORS);
    await expectAccessibleAtBothSizes(page, 'a force close in no block');
    await app.home.open();
    const closing = { [home.pending.closing.label]: coming };
    await app.home.expectHoldings({ onchain: onchainSat, kept: KEPT, pending: closing });

    await lightning.openFirst();
    await lightning.beginHurry(20);
    await expectAccessibleAtBothSizes(page, 'speeding it up');
    const { extraSat, feeSat } = await lightning.hurry();
    expect(extraSat).toBe(feeSat);
    const [child = ''] = await lightning.movedBy(1);
    await untilBroadcast(world, child);
    expect(await chainFeeSat(world, child)).toBe(feeSat);
    expect(await lightning.factSat(channels.closingMoney.fees)).toBe(feeSat);

    // In a block: from now on it waits, and says until when. A reload changes nothing of it.
    const from = (await world.chain.height()) + 1 + DELAY;
    await world.mine();
    await expect(page.getByText(channels.closingMoney.fromBlockIn(from, 'about 1 day'))).toBeVisible();
    await expectAccessibleAtBothSizes(page, 'a force close that waits');
    await app.reload();
    await app.home.open();
    const coins = onchainSat - feeSat + ANCHOR;
    await app.home.expectHoldings({ onchain: coins, kept: KEPT, pending: closing });
    await expect(page.getByText(home.closingUntil(from, 'about 1 day'))).toBeVisible();

    await world.mine(DELAY - 1);
    await lightning.openFirst();
    const [, claim = ''] = await lightning.movedBy(2);
    await untilBroadcast(world, claim);
    await expect(page.getByText(channels.homecoming.moving)).toBeVisible();
    await expectAccessibleAtBothSizes(page, 'the claim in no block');
    const claimFee = await chainFeeSat(world, claim);
    expect(await lightning.factSat(channels.closingMoney.fees)).toBe(feeSat + claimFee);
    const cameBack = coming - claimFee - feeSat + ANCHOR;
    expect(await lightning.factSat(channels.facts.returned)).toBe(cameBack);
    await world.mine();
    await expect(page.getByText(channels.homecoming.here)).toBeVisible();
    await world.mine(6);
    await lightning.expectState('closed');
    expect(await lightning.factSat(channels.facts.cameBack)).toBe(cameBack);
    expect(await lightning.factSat(channels.facts.closingFee)).toBe(closingFee);
    // About what was said, but for the hurry: what it was said to cost is of rates that stay as they are.
    const cost = closingFee + claimFee;
    expect(quote.feeSat).toBeGreaterThanOrEqual(cost);
    expect(quote.feeSat).toBeLessThan((cost * 3n) / 2n);
    expect(await lightning.factSat(channels.closingMoney.allFees)).toBe(feeSat + claimFee);
    await expectAccessibleAtBothSizes(page, 'a force close that is over');
    await app.home.open();
    await app.home.expectHoldings({ onchain: onchainSat + cameBack });
    await expect(app.home.activity(activity.kinds['channel-close'].incoming)).toHaveCount(1);
    await expect(app.home.activity(activity.kinds['channel-close'].outgoing)).toHaveCount(1);
  } finally {
    await world.ldk.restart();
  }
});
