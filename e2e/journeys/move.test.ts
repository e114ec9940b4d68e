import { activity, channels, move, ways } from '../../web/i18n/en.ts';
import type { App } from './pages/app.ts';
import { untilBroadcast } from './stage/chain.ts';
import { untilSettled } from './stage/settled.ts';
import { expect } from './stage/test.ts';
import { PEERS, test } from './stage/two-peers.ts';
import { withCoins } from './stage/with-channel.ts';

const [ANNA, BERT] = PEERS;
const CHANNEL = 300_000n;
/** Each of the two keeps one satoshi of what it passes on. */
const FEE = 2n;

async function canSend(app: App, peer: string): Promise<bigint> {
  await app.channels.openNamed(peer);
  return app.channels.factSat(channels.canSend);
}

test('money moves from one channel to another, for the price that was seen', async ({ app, world }) => {
  await withCoins(app);
  for (const peer of PEERS) {
    await app.channels.openTo(CHANNEL, peer);
    await untilBroadcast(world, await app.channels.recorded(channels.facts.fundingTx));
    await world.mine();
    await app.channels.expectState('ready');
  }
  // Bert's channel is all ours: nothing can come in by it.
  await app.channels.open();
  await app.move.begin(ANNA, BERT);
  await app.page.getByLabel(move.amount, { exact: true }).fill('50000');
  await expect(app.move.problem).toContainText(move.full);

  const bert = world.peers.find(({ alias }) => alias === BERT);
  const { bolt11 } = await bert!.createInvoice({ amountMsat: 100_000_000n });
  await app.send.enter(bolt11);
  await app.send.cost();
  await app.send.pay();
  await app.send.expectSent();
  await untilSettled(world);
  const before = { anna: await canSend(app, ANNA), bert: await canSend(app, BERT) };

  await app.channels.open();
  await app.move.begin(ANNA, BERT);
  expect(await app.move.feeFor(50_000n)).toBe(FEE);
  await app.move.go();
  await app.send.expectSent();
  expect(await app.send.paidFeeSat()).toBe(FEE);

  await expect.poll(() => canSend(app, ANNA), { message: 'from there' }).toBe(before.anna - 50_000n - FEE);
  await expect.poll(() => canSend(app, BERT), { message: 'to there' }).toBe(before.bert + 50_000n);
  await app.home.open();
  const moved = app.home.activity(move.done);
  // Two payments for the nodes between, one move for its owner.
  await expect(moved).toHaveCount(1);
  await expect(moved).toContainText(activity.moved.between);
  await moved.getByRole('link').click();
  const way = app.page.getByRole('region', { name: ways.took }).getByRole('listitem');
  await expect(way).toContainText([ways.you, ANNA, BERT, ways.you]);
});
