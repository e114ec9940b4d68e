import { app as words, backup, channels, home, lock, receive, send, setup } from '../../web/i18n/en.ts';
import { KEPT } from './pages/home.ts';
import { expectAccessible } from './stage/axe.ts';
import { press, tabTo } from './stage/keyboard.ts';
import { expect, test } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

const PASSPHRASE = 'four words of my own';

test('by keyboard alone: ask for money, be paid, and pay', async ({ app, world }) => {
  const { onchainSat } = await withChannel(app, world);
  const { page } = app;
  const { ldk } = world;
  const keys = page.keyboard;

  const first = await ldk.createInvoice({ amountMsat: 60_000_000n });
  await tabTo(page, new RegExp(`^${home.send}$`));
  await keys.press('Enter');
  await expect(page.getByLabel(send.to)).toBeFocused();
  await keys.insertText(first.bolt11);
  await tabTo(page, new RegExp(`^${send.next}$`));
  await keys.press('Enter');
  await app.send.cost();
  await tabTo(page, new RegExp(`^${send.review.pay}\\s`));
  await keys.press('Enter');
  await app.send.expectSent();
  await tabTo(page, new RegExp(`^${send.result.done}$`));
  await keys.press('Enter');
  await app.home.expectHoldings({ onchain: onchainSat, lightning: 440_000n, kept: KEPT });

  await tabTo(page, new RegExp(`^${home.receive}$`));
  await keys.press('Enter');
  await tabTo(page, new RegExp(`^${receive.edit.open}$`));
  await keys.press('Enter');
  await expect(page.getByLabel(receive.amount, { exact: true })).toBeFocused();
  await keys.type('7000');
  await keys.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByText('7,000 satoshis').first()).toBeAttached();
  await tabTo(page, new RegExp(`^${receive.apart}$`));
  await keys.press('Enter');
  await ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();
  await app.home.open();
  await app.home.expectHoldings({ onchain: onchainSat, lightning: 447_000n, kept: KEPT });
});

test('by keyboard alone: a wallet is made', async ({ app }) => {
  const { page } = app;
  const keys = page.keyboard;
  const at = (title: string): Promise<void> => expect(page.locator('h1')).toHaveText(title);
  await at(setup.welcome.title);
  await press(page, setup.welcome.create);
  await at(lock.choose.title);
  await tabTo(page, new RegExp(`^${lock.fields.next}$`));
  await keys.insertText(PASSPHRASE);
  await tabTo(page, new RegExp(`^${lock.fields.again}$`));
  await keys.insertText(PASSPHRASE);
  await keys.press('Enter');
  const words = await app.setup.words();
  await press(page, setup.words.next);
  await at(setup.check.title);
  const labels = await page
    .getByLabel(/^Word \d+$/)
    .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).labels?.[0]?.innerText ?? ''));
  expect(labels).toHaveLength(3);
  for (const label of labels) {
    await tabTo(page, new RegExp(`^${label}$`));
    await keys.insertText(words[Number(label.split(' ')[1]) - 1] ?? '');
  }
  await keys.press('Enter');
  await app.home.expectHoldings({});
});

test('by keyboard alone: a channel is closed', async ({ app, world }) => {
  await withChannel(app, world);
  const { page } = app;
  await app.channels.openFirst();
  await tabTo(page, new RegExp(`^${channels.close.acts.close.action}$`));
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText(channels.close.title);
  const go = page.getByRole('button', { name: new RegExp(`^${channels.close.go}`) });
  await expect(go).toBeEnabled();
  await tabTo(page, new RegExp(`^${channels.close.go}`));
  await page.keyboard.press('Enter');
  await app.channels.expectState('closing');
});

test('by keyboard alone: a channel is closed by force, and that is sped up', async ({ app, world }) => {
  await withChannel(app, world);
  const { page } = app;
  const { force } = channels.close;
  try {
    // Its own commitment would be in the mempool first, now and then.
    await world.ldk.stop();
    await app.channels.openFirst();
    await app.channels.expectState('offline');
    await press(page, channels.close.acts.close.action);
    await expect(page.locator('h1')).toHaveText(channels.close.title);
    // Not before it has said what it costs, and that was agreed to.
    const go = page.getByRole('button', { name: new RegExp(`^${force.go}`) });
    await expect(go).toBeHidden();
    await press(page, force.open);
    await expect(go).toBeDisabled();
    await tabTo(page, new RegExp(`^${force.agree}$`));
    await page.keyboard.press('Space');
    await expect(go).toBeEnabled();
    await press(page, force.go);
    await app.channels.expectState('force-closing');
    await expect(page.getByRole('region', { name: channels.closingMoney.title })).toBeVisible();

    await press(page, channels.hurry.action);
    const dearer = page.getByRole('button', { name: new RegExp(`^${channels.hurry.go} [\\d,]+ sat`) });
    await expect(dearer).toBeEnabled();
    await press(page, channels.hurry.go);
    await app.channels.movedBy(1);
  } finally {
    await world.ldk.restart();
  }
});

test('by keyboard alone: unlocked, taken over by another tab, which unlocks it too', async ({
  app,
  device,
}) => {
  await app.setup.create(PASSPHRASE);
  await app.home.getTestCoins();
  await app.home.expectHoldings({ onchain: 1_000_000n });
  await app.reload();
  await app.lock.expectLocked(false);
  await expectAccessible(app.page, 'locked');
  await tabTo(app.page, new RegExp(`^${lock.fields.current}$`));
  await app.page.keyboard.insertText('not these');
  await app.page.keyboard.press('Enter');
  await expect(app.lock.problem).toContainText('This is not your passphrase.');
  await expectAccessible(app.page, 'a wrong passphrase');
  // Back in the field: it is typed over.
  await expect(app.page.getByLabel(lock.fields.current, { exact: true })).toBeFocused();
  await app.page.keyboard.press('ControlOrMeta+a');
  await app.page.keyboard.insertText(PASSPHRASE);
  await app.page.keyboard.press('Enter');
  await app.home.expectHoldings({ onchain: 1_000_000n });

  const second = await device.openApp();
  await expect(second.home.elsewhere).toBeVisible();
  await expectAccessible(second.page, 'open elsewhere');
  await press(second.page, words.elsewhere.takeOver);
  await expect(app.home.elsewhere).toBeVisible();
  await second.lock.expectLocked(false);
  await tabTo(second.page, new RegExp(`^${lock.fields.current}$`));
  await second.page.keyboard.insertText(PASSPHRASE);
  await second.page.keyboard.press('Enter');
  await second.home.expectHoldings({ onchain: 1_000_000n });
  await app.page.bringToFront();
  await press(app.page, words.elsewhere.takeOver);
  await expect(second.home.elsewhere).toBeVisible();
});

test('by keyboard alone: a wallet is brought back, from words and a file', async ({
  app,
  newDevice,
  world,
}) => {
  const { words: recovery, onchainSat } = await withChannel(app, world);
  await app.backup.open();
  const saved = app.page.waitForEvent('download');
  await press(app.page, backup.file.save);
  const file = await (await saved).path();
  await app.page.close();

  const other = await (await newDevice()).openApp();
  const { page } = other;
  const at = (title: string): Promise<void> => expect(page.locator('h1')).toHaveText(title);
  await at(setup.welcome.title);
  await press(page, setup.welcome.restore);
  await at(setup.restore.title);
  await tabTo(page, new RegExp(`^${setup.restore.label}$`));
  await page.keyboard.insertText(recovery.join(' '));
  await press(page, setup.restore.next);
  await at(lock.choose.title);
  await tabTo(page, new RegExp(`^${lock.fields.next}$`));
  await page.keyboard.insertText(PASSPHRASE);
  await tabTo(page, new RegExp(`^${lock.fields.again}$`));
  await page.keyboard.insertText(PASSPHRASE);
  await page.keyboard.press('Enter');
  await at(backup.restore.title);
  await tabTo(page, new RegExp(`^${backup.restore.alone}$`));
  await page.keyboard.press('Space');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press(page, backup.restore.choose)]);
  await chooser.setFiles(file);
  await expect(page.getByText(backup.restore.found(1))).toBeInViewport();
  await press(page, backup.restore.done);
  // Coins are looked for on the chain.
  await expect
    .poll(async () => (await other.home.firstHoldings()).onchain)
    .toBeGreaterThan(onchainSat - KEPT - 1n);
});
