import { lock, setup } from '../../web/i18n/en.ts';
import { expectAccessible } from './stage/axe.ts';
import { eachPlace } from './stage/places.ts';
import { expect, test } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

test('axe finds nothing on the screens of the first run', async ({ app }) => {
  const { page } = app;
  const seen = async (heading: string): Promise<void> => {
    await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeAttached();
    await expectAccessible(page, heading);
  };
  await seen(setup.welcome.title);
  await page.getByRole('link', { name: setup.welcome.restore }).click();
  await seen(setup.restore.title);
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
