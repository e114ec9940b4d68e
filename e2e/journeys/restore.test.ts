import { setup } from '../../web/i18n/en.ts';
import { chainFeeSat } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

test('words bring the coins back on another device; from there a part is sent, then all', async ({
  app,
  newDevice,
  world,
}) => {
  const words = await withCoins(app);
  await app.page.close();

  const other = await (await newDevice()).openApp();
  await other.setup.beginRestore();
  await other.setup.typeWords(words.join('  ').toUpperCase());
  await other.setup.lock();
  await other.setup.hadNoChannels();
  await other.home.expectHoldings({ onchain: 1_000_000n });

  const to = await world.chain.newAddress('bech32m');
  await other.send.enter(to);
  await other.send.amount(250_000n);
  const { feeSat, totalSat } = await other.send.cost();
  expect(totalSat).toBe(250_000n + feeSat);
  await other.send.send();
  await other.send.expectOnTheWay();
  expect(await chainFeeSat(world, await other.send.txId())).toBe(feeSat);
  await other.home.open();
  await other.home.expectHoldings({ onchain: 750_000n - feeSat });
  await world.mine();

  await other.send.enter(`bitcoin:${(await world.chain.newAddress('legacy')).trim()}?label=Savings`);
  await other.send.sendAll();
  const all = await other.send.cost();
  expect(all.totalSat).toBe(750_000n - feeSat);
  await other.send.send();
  await other.send.expectOnTheWay();
  expect(await chainFeeSat(world, await other.send.txId())).toBe(all.feeSat);
  await world.mine();
  await other.send.expectSent();
  await other.home.open();
  await other.home.expectHoldings({});
  await expect(other.page.getByText('Savings')).toBeVisible();
});

test('words that are not right are told apart, and nothing is made of them', async ({ app }) => {
  await app.setup.beginRestore();
  for (const [typed, said] of [
    ['abandon abandon', /2|12/],
    [`${'abandon '.repeat(11)}zzzzz`, /zzzzz|12/],
    ['abandon '.repeat(12), /./],
    ['żółw '.repeat(12), /./],
    ['abandon '.repeat(130_000), /./],
  ] as const) {
    await app.setup.typeWords(typed);
    await expect(app.setup.problem).toContainText(said);
    await expect(app.page.getByRole('heading', { name: setup.restore.title })).toBeVisible();
  }
});
