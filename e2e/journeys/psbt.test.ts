import { psbt } from '../../web/i18n/en.ts';
import { chainFeeSat } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

test('a transaction leaves unsigned as a file, comes back, is looked at, signed and sent', async ({
  app,
  world,
}) => {
  await withCoins(app);
  const address = await world.chain.newAddress();
  await app.psbt.make(address, 200_000n);
  await expect(app.page.getByText(address)).toBeVisible();
  const feeSat = await app.psbt.feeSat();
  expect(await app.psbt.leavesSat()).toBe(200_000n + feeSat);
  const unsigned = await app.psbt.save();

  // It waits over a reload, and its coins are not spent by anything else.
  await app.page.reload();
  await app.psbt.open();
  await expect(app.page.getByRole('heading', { name: psbt.waiting })).toBeVisible();

  await app.psbt.bring(unsigned);
  await app.psbt.sign();
  const signed = await app.psbt.save();
  await app.psbt.bring(signed);
  await app.psbt.sign();
  await app.psbt.send();
  const txId = await app.send.txId();
  expect(await chainFeeSat(world, txId)).toBe(feeSat);
  await world.mine();
  await app.home.open();
  await app.home.expectHoldings({ onchain: 800_000n - feeSat });

  // One that is given up: its coins are free again.
  await app.psbt.make(address, 100_000n);
  await app.psbt.giveUp();
  await expect(app.page.getByRole('heading', { name: psbt.waiting })).toHaveCount(0);
  await app.home.open();
  await app.home.expectHoldings({ onchain: 800_000n - feeSat });
});
