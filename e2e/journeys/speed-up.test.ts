import { activity } from '../../web/i18n/en.ts';
import { chainFeeSat } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

test('a payment that waits is sped up, for what was said', async ({ app, world }) => {
  await withCoins(app);
  await app.send.enter(await world.chain.newAddress());
  await app.send.amount(200_000n);
  await app.send.feerate(2);
  const first = await app.send.cost();
  await app.send.send();
  await app.send.expectOnTheWay();
  const slow = await app.send.txId();
  expect(await chainFeeSat(world, slow)).toBe(first.feeSat);

  await app.activity.openPayment(slow);
  await app.activity.beginSpeedUp(20);
  const { extraSat, feeSat, txId } = await app.activity.speedUp();
  expect(extraSat).toBe(feeSat - first.feeSat);
  expect(await chainFeeSat(world, txId)).toBe(feeSat);
  expect(await app.activity.feeSat()).toBe(feeSat);
  // The peer's own may wait there too.
  const waiting = await world.chain.rpc.call<string[]>('getrawmempool');
  expect(waiting).toContain(txId);
  expect(waiting).not.toContain(slow);

  await world.mine();
  await app.home.open();
  await app.home.expectHoldings({ onchain: 800_000n - feeSat });
  await expect(app.home.activity(activity.kinds.onchain.outgoing)).toHaveCount(2);
});

test('a payment that waits is cancelled, for what was said: its coins are back', async ({ app, world }) => {
  await withCoins(app);
  await app.send.enter(await world.chain.newAddress());
  await app.send.amount(200_000n);
  await app.send.feerate(2);
  await app.send.cost();
  await app.send.send();
  await app.send.expectOnTheWay();
  const sent = await app.send.txId();

  await app.activity.openPayment(sent);
  const { feeSat, txId } = await app.activity.cancelSend(20);
  expect(await chainFeeSat(world, txId)).toBe(feeSat);
  expect(await world.chain.rpc.call<string[]>('getrawmempool')).not.toContain(sent);

  await world.mine();
  await app.home.open();
  await app.home.expectHoldings({ onchain: 1_000_000n - feeSat });
});
