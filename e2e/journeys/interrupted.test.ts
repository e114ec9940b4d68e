import { home } from '../../web/i18n/en.ts';
import { until } from '../world/until.ts';
import type { App } from './pages/app.ts';
import { KEPT } from './pages/home.ts';
import { untilSettled } from './stage/settled.ts';
import { expect, test } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

const AMOUNT = 10_000n;

/** The engine stops between two instructions: nothing is said, nothing is saved any more. */
async function killEngine(app: App): Promise<void> {
  for (const worker of app.page.workers()) await worker.evaluate(() => self.close()).catch(() => undefined);
}

test('a payment that is held at the receiver outlives a reload', async ({ app, world }) => {
  const { onchainSat } = await withChannel(app, world);
  const preimage = '07'.repeat(32);
  const paymentHash = Buffer.from(
    await crypto.subtle.digest('SHA-256', Buffer.from(preimage, 'hex')),
  ).toString('hex');
  const { bolt11 } = await world.ldk.createInvoice({ amountMsat: 50_000_000n, paymentHash });
  await app.send.enter(bolt11);
  await app.send.pay();
  await world.ldk.waitForEvent('payment-held', (event) => event.paymentHash === paymentHash);
  const held = {
    onchain: onchainSat,
    lightning: 450_000n,
    kept: KEPT,
    pending: { [home.pending.inFlight.label]: 50_000n },
  };

  await killEngine(app);
  await app.reload();
  await app.home.open();
  await app.home.expectHoldings(held);

  await app.reload();
  await world.ldk.claim(preimage);
  await app.home.expectHoldings({ onchain: onchainSat, lightning: 450_000n, kept: KEPT });
});

test('the engine is killed at every moment of a payment; after a reload each satoshi is accounted for', async ({
  app,
  device,
  world,
}) => {
  const { onchainSat, channelSat } = await withChannel(app, world);
  const paid = async (): Promise<bigint> =>
    BigInt(
      world.ldk.events.filter(
        (event) => event.type === 'payment-received' && event.amountMsat === AMOUNT * 1000n,
      ).length,
    );
  const before = await paid();
  // A payment takes the page fewer than ten messages: update_add_htlc, signatures and revocations, both ways.
  for (const messages of [1, 2, 3, 4, 5]) {
    const { bolt11 } = await world.ldk.createInvoice({ amountMsat: AMOUNT * 1000n });
    await app.send.enter(bolt11);
    await app.send.cost();
    const sent = device.gate.sent(messages);
    await Promise.all([app.send.pay(), sent.then(() => killEngine(app))]);
    await app.reload();
    await app.channels.open();
    await app.channels.expectState('ready');
    // However it ended, both sides have the same account of it.
    await app.home.open();
    await until(
      async () => {
        const shown = await app.home.holdings().catch(() => null);
        return shown?.lightning === channelSat - ((await paid()) - before) * AMOUNT;
      },
      { what: `the account after a stop at message ${messages}`, describe: () => app.home.holdings() },
    );
    await app.home.expectHoldings({
      onchain: onchainSat,
      lightning: channelSat - ((await paid()) - before) * AMOUNT,
      kept: KEPT,
    });
  }
  await untilSettled(world);
});

test('with every server gone, the wallet opens with what it knows', async ({ app, device, world }) => {
  const { onchainSat, channelSat } = await withChannel(app, world);
  device.cutServers();
  await app.page.close();
  const offline = await device.openApp();
  await offline.home.expectHoldings({ onchain: onchainSat, lightning: channelSat, kept: KEPT });
  await expect(offline.page.getByRole('status').first()).toBeVisible();
  device.gate.reopen();
  await offline.channels.open();
  await offline.channels.expectState('ready');
});
