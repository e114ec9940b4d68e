import { app as words, receive } from '../../web/i18n/en.ts';
import { expectAccessibleAtBothSizes } from './stage/axe.ts';
import { expect, test } from './stage/test.ts';

test('what is asked for is paid in coins: a part of it is told, all of it is seen and then received, and a coin to an address from before answers nothing', async ({
  app,
  world,
}) => {
  const { page } = app;
  await app.setup.create();
  await app.receive.open();
  await app.receive.ask(100_000n, 'Tea');
  const first = await app.receive.address();
  await world.chain.send(first, 40_000n);
  const missing = page.getByText('still missing');
  await expect(missing).toBeVisible();
  await expect(page.getByText('60,000 satoshis').first()).toBeAttached();
  await expect(app.receive.code).toBeVisible();
  await expectAccessibleAtBothSizes(page, 'a request that is paid in part');
  // Still the same request.
  await app.reload();
  await expect(missing).toBeVisible();
  expect(await app.receive.address()).toBe(first);

  await world.chain.send(first, 60_000n);
  await app.receive.expectSeen();
  await expect(page.getByText('100,000 satoshis').first()).toBeAttached();
  await world.mine();
  await app.receive.expectReceived();
  await expect(page.getByText('100,000 satoshis').first()).toBeAttached();

  await page.getByRole('button', { name: receive.received.again }).click();
  await app.receive.ask(50_000n);
  expect(await app.receive.address()).not.toBe(first);
  await world.chain.send(first, 600n);
  await expect(page.getByText(words.notices.onchainReceived).last()).toBeVisible();
  await expect(app.receive.code).toBeVisible();
  await expect(missing).toHaveCount(0);
});
