import type { Page } from '@playwright/test';
import { channels, home, lock, receive, send, setup } from '../../web/i18n/en.ts';
import { axeFindings } from '../gallery/checks.ts';
import { KEPT } from './pages/home.ts';
import { eachPlace } from './stage/places.ts';
import { expect, test } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

/** The screen as it stands, in both themes. */
async function expectAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await axeFindings(page), `${what}, ${colorScheme}`).toEqual([]);
  }
}

test('axe finds nothing on the screens of the first run', async ({ app }) => {
  const { page } = app;
  const seen = async (heading: string): Promise<void> => {
    await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeAttached();
    await expectAccessible(page, heading);
  };
  await seen(setup.welcome.title);
  await page.getByRole('link', { name: setup.welcome.restore }).click();
  await seen(setup.network.title);
  await page.getByRole('button', { name: setup.network.next }).click();
  await seen(setup.restore.title);
  await page.goBack();
  await page.goBack();
  await app.setup.beginCreate();
  await seen(lock.choose.title);
  await app.setup.lock();
  await app.setup.words();
  await seen(setup.words.title);
  await page.getByRole('link', { name: setup.words.next }).click();
  await seen(setup.check.title);
});

test('axe finds nothing on any screen of a wallet in use', async ({ app, world }) => {
  await withChannel(app, world);
  const { page } = app;
  await expectAccessible(page, 'home');
  await app.channels.openFirst();
  await expectAccessible(page, 'a channel');
  await page.getByRole('link', { name: 'Close' }).click();
  await expectAccessible(page, 'closing it');
  await app.receive.open();
  await app.receive.ask(9_000n, 'Tea');
  await expectAccessible(page, 'a request');

  const { bolt11 } = await world.ldk.createInvoice({ amountMsat: 20_000_000n, description: 'Book' });
  await app.send.enter('nonsense');
  await expectAccessible(page, 'a refusal');
  await app.send.enter(bolt11);
  await app.send.cost();
  await expectAccessible(page, 'a price');
  await app.send.pay();
  await app.send.expectSent();
  await expectAccessible(page, 'what was sent');
  await app.send.enter(await world.chain.newAddress());
  await app.send.amount(5_000n);
  await app.send.cost();
  await expectAccessible(page, 'an on-chain price');
  await eachPlace(page, (name) => expectAccessible(page, name));
});

test('axe finds nothing in a wide window either', async ({ app, world }) => {
  await withChannel(app, world);
  const { page } = app;
  await page.setViewportSize({ width: 1280, height: 800 });
  await expectAccessible(page, 'home');
  await app.send.enter(await world.chain.newAddress());
  await eachPlace(page, (name) => expectAccessible(page, name));
});

test('without motion a theme is there whole at once', async ({ app }) => {
  const { page } = app;
  await expect(page.getByRole('link', { name: setup.welcome.create })).toBeVisible();
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  // Read before the browser draws: whoever looks at that moment sees two themes mixed, or one.
  const [light, atOnce, dark] = await page.evaluate(async () => {
    const colours = (): string =>
      [...document.querySelectorAll('html, body, body *')]
        .map((element) => getComputedStyle(element))
        .map(({ color, backgroundColor, borderColor }) => `${color} ${backgroundColor} ${borderColor}`)
        .join('\n');
    await new Promise(requestAnimationFrame);
    const before = colours();
    document.documentElement.dataset['theme'] = 'dark';
    const changed = colours();
    // Long enough for whatever would still be moving.
    await Promise.all(document.getAnimations().map(({ finished }) => finished));
    return [before, changed, colours()];
  });
  expect(atOnce).not.toEqual(light);
  expect(atOnce).toEqual(dark);
});

/** Goes on by Tab until what has the focus is called so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) continue;
    const called = await focused.evaluate(
      (element: HTMLElement & { labels?: NodeListOf<HTMLElement> | null }) =>
        (element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.innerText).trim(),
    );
    if (name.test(called)) return;
  }
  throw new Error(`Tab never comes to ${String(name)}`);
}

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
  const press = async (name: string): Promise<void> => {
    await tabTo(page, new RegExp(`^${name}$`));
    await keys.press('Enter');
  };
  const at = (title: string): Promise<void> => expect(page.locator('h1')).toHaveText(title);
  await at(setup.welcome.title);
  await press(setup.welcome.create);
  await at(setup.network.title);
  await expect(page.getByRole('button', { name: setup.network.next })).toBeEnabled();
  await press(setup.network.next);
  await at(lock.choose.title);
  await tabTo(page, new RegExp(`^${lock.fields.next}$`));
  await keys.insertText('four words of my own');
  await tabTo(page, new RegExp(`^${lock.fields.again}$`));
  await keys.insertText('four words of my own');
  await keys.press('Enter');
  const words = await app.setup.words();
  await press(setup.words.next);
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
  await tabTo(page, new RegExp(`^${channels.close.action}$`));
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText(channels.close.title);
  const go = page.getByRole('button', { name: new RegExp(`^${channels.close.go}`) });
  await expect(go).toBeEnabled();
  await tabTo(page, new RegExp(`^${channels.close.go}`));
  await page.keyboard.press('Enter');
  await app.channels.expectState('closing');
});
