import { activity, channels } from '../../web/i18n/en.ts';
import { untilBroadcast } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';

const CAPACITY = 400_000n;

test('a peer opens a channel to us; we are paid in it and pay from it', async ({ app, world }) => {
  const { ldk } = world;
  await app.setup.create();
  const nodeId = await app.settings.nodeId();
  await app.settings.connect(`${ldk.id}@${ldk.address.host}:${ldk.address.port}`);
  await app.settings.expectConnected();
  const { channelId } = await ldk.openChannel({ nodeId, capacitySat: CAPACITY });
  await app.channels.open();
  await app.channels.expectState('waiting-for-confirmations');
  await world.mine(6);
  await app.channels.expectState('ready');
  await app.home.open();
  await app.home.expectHoldings({});

  await app.receive.open();
  await app.receive.ask(null, 'For anything');
  await ldk.pay(await app.receive.invoice(), { amountMsat: 60_000_000n });
  await app.receive.expectReceived();
  await app.home.open();
  await app.home.expectHoldings({ lightning: 60_000n });

  const { bolt11 } = await ldk.createInvoice({ description: 'You choose' });
  await app.send.enter(bolt11);
  await app.send.amount(20_000n);
  expect(await app.send.cost()).toEqual({ feeSat: 0n, totalSat: 20_000n });
  await app.send.pay();
  await app.send.expectSent();
  await app.home.open();
  await app.home.expectHoldings({ lightning: 40_000n });
  await expect(app.home.activity('You choose')).toContainText(activity.states.succeeded.outgoing);

  // Without an invoice: a node's id is enough.
  await app.send.enter(ldk.id);
  await app.send.amount(5_000n);
  expect(await app.send.cost()).toEqual({ feeSat: 0n, totalSat: 5_000n });
  await app.send.pay();
  await app.send.expectSent();
  await app.home.open();
  await app.home.expectHoldings({ lightning: 35_000n });
  await expect(app.home.activity(activity.kinds.spontaneous.outgoing)).toBeVisible();

  const theirs = (await ldk.channels()).find((channel) => channel.channelId === channelId);
  expect(theirs?.isUsable).toBe(true);

  // Who opened pays for the close: nothing is taken from us.
  await app.channels.openFirst();
  const quote = await app.channels.closeTogether('exact');
  expect(quote).toEqual({ feeSat: 0n, receivedSat: 35_000n });
  await untilBroadcast(world, await app.channels.recorded(channels.facts.closingTx));
  await world.mine(6);
  await app.home.open();
  await app.home.expectHoldings({ onchain: 35_000n });
});
