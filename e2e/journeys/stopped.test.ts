import { activity, channels, networkMap, send, ways } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { fact } from './pages/amounts.ts';
import { expect as patient } from './pages/patient.ts';
import { untilBroadcast } from './stage/chain.ts';
import { expect } from './stage/test.ts';
import { PEERS, test } from './stage/two-peers.ts';
import { withCoins } from './stage/with-channel.ts';

const [ANNA] = PEERS;
const CHANNEL = 400_000n;
/** That Anna can still send: less than is asked of her. */
const LEFT = 25_000_000n;

test('a payment that failed shows where it stopped, in words, and how far it came', async ({
  app,
  world,
}) => {
  const [anna, bert] = world.peers;
  if (anna === undefined || bert === undefined) throw new Error('two peers were asked for');
  await withCoins(app);
  await app.channels.openTo(CHANNEL, ANNA);
  await untilBroadcast(world, await app.channels.recorded(channels.facts.fundingTx));
  await world.mine();
  await app.channels.expectState('ready');
  // Anna's side of the channel between the two, whatever it is after other journeys, nearly all of it: nobody but the two
  // can know.
  const { outboundMsat } = await anna.waitForChannel(
    ({ counterparty, isUsable }) => counterparty === bert.id && isUsable,
    'the channel between the two',
  );
  await anna.paySpontaneously(bert.id, outboundMsat - LEFT);

  const { bolt11 } = await bert.createInvoice({ amountMsat: 200_000_000n, description: 'Too much for Anna' });
  await app.page.goto(`${new URL(app.page.url()).origin}/${links.settingsMap}`);
  await patient(fact(app.page, networkMap.channels)).toContainText('1');
  await app.send.enter(bolt11);
  expect((await app.send.cost()).totalSat).toBe(200_001n);
  await app.send.pay();
  await patient(app.page.getByRole('heading', { name: send.result.failed })).toBeVisible();

  await app.home.open();
  await app.home.activity('Too much for Anna').getByRole('link').click();
  await patient(fact(app.page, activity.payment.state)).toContainText(activity.states.failed.outgoing);
  const way = app.page.getByRole('region', { name: ways.stoppedTitle });
  const places = way.getByRole('list').first().getByRole('listitem');
  await patient(places).toContainText([ways.you, ANNA, ways.receiver]);
  await patient(places.nth(1)).toContainText('It had too little on its side of the next channel.');
  await patient(places.nth(2)).toContainText(ways.notReached);
});
