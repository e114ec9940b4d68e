import type { CDPSession, Page } from '@playwright/test';
import { app as appWords, home, lock, settings, setup } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import frozen from '../../workers/fixtures/clear-1.json' with { type: 'json' };
import { KEPT } from './pages/home.ts';
import { closeDatabases, diskText, writeClearDisk } from './stage/disk.ts';
import { expect, test } from './stage/test.ts';

const FIRST = 'four words not together';
const SECOND = 'another four words here';

test('a passphrase: nothing is shown without it, it can be changed, and idleness locks', async ({ app }) => {
  const { page } = app;
  const words = await app.setup.create(FIRST);
  await app.home.getTestCoins();
  await app.home.expectHoldings({ onchain: 1_000_000n });

  await app.reload();
  await app.lock.expectLocked(false);
  await app.lock.unlock(SECOND);
  await expect(app.lock.problem).toContainText('This is not your passphrase.');
  await app.lock.expectLocked(false);
  await app.lock.unlock(FIRST);
  await app.home.expectHoldings({ onchain: 1_000_000n });

  await app.lock.changePassphrase(SECOND, SECOND);
  await expect(page.getByRole('dialog').locator('.problem')).toContainText('This is not your passphrase.');
  await page.keyboard.press('Escape');
  await app.lock.changePassphrase(FIRST, SECOND);
  await app.lock.expectSaid('set-passphrase');

  await app.lock.lockNow();
  await app.lock.expectLocked(true);
  await app.lock.unlock(FIRST);
  await expect(app.lock.problem).toContainText('This is not your passphrase.');
  await app.lock.unlock(SECOND);
  await app.home.open();
  await app.home.expectHoldings({ onchain: 1_000_000n });

  // Whoever finds it open does not get the words.
  await app.settings.openWords();
  await app.settings.proveForWords(FIRST);
  await expect(app.settings.problem).toContainText('This is not your passphrase.');
  await app.settings.proveForWords(SECOND);
  expect(await app.setup.words()).toEqual(words);

  // Six minutes in which nobody touches the page, then somebody does.
  await page.clock.install();
  await page.clock.fastForward(6 * 60_000);
  await page.mouse.wheel(0, 1);
  await app.lock.expectLocked(true);
  await app.lock.unlock(SECOND);
  await app.lock.turnOff(SECOND);
  await app.lock.expectSaid('remove-all');
  await app.reload();
  await app.home.open();
  await app.home.expectHoldings({ onchain: 1_000_000n });
});

/** The device has a passkey's authenticator; `hasPrf`: one that can hold a key. */
async function withAuthenticator(
  page: Page,
  { hasPrf }: { readonly hasPrf: boolean },
): Promise<{ readonly client: CDPSession; readonly authenticatorId: string }> {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf,
      automaticPresenceSimulation: true,
    },
  });
  return { client, authenticatorId };
}

test('a passkey opens the wallet; a passphrase can stand beside it', async ({ device }) => {
  const app = await device.openNamedApp();
  const { page } = app;
  const { client, authenticatorId } = await withAuthenticator(page, { hasPrf: true });
  await app.setup.beginCreate();
  await page.getByRole('radio', { name: lock.choose.passkey.label }).check();
  await page.locator('#lock button[type=submit]').click();
  await app.setup.words();
  await page.getByRole('link', { name: setup.words.later }).click();
  await app.home.expectHoldings({});

  await app.reload();
  await app.lock.expectLocked(false);
  await app.lock.unlockWithPasskey();
  await app.home.expectHoldings({});

  await app.lock.setPassphraseByPasskey(FIRST);
  await app.lock.expectSaid('set-passphrase');
  await app.reload();
  // The device does not know its owner: the passphrase does.
  await client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await app.lock.unlockWithPasskey();
  await expect(app.lock.problem).toContainText(lock.passkey.cancelled);
  await app.lock.unlock(FIRST);
  await app.home.open();
  await app.home.expectHoldings({});
});

test('a passphrase that is very long is wrong like any other, and the right one opens as another keyboard writes it', async ({
  app,
}) => {
  const composed = 'p\u00e2t\u00e9 \u00e0 la cr\u00e8me';
  const decomposed = composed.normalize('NFD');
  expect(decomposed).not.toBe(composed);
  await app.setup.create(composed);
  await app.reload();
  await app.lock.expectLocked(false);
  await app.lock.unlock('x'.repeat(30_000));
  await expect(app.lock.problem).toContainText('This is not your passphrase.');
  await app.lock.unlock(decomposed);
  await app.home.expectHoldings({});
});

test('the browser closes the database under a locked wallet: it runs on, stays locked, and the passphrase opens it', async ({
  app,
  device,
}) => {
  const { page } = app;
  await app.setup.create(FIRST);
  await app.lock.lockNow();
  await app.lock.expectLocked(true);
  const seen = await page.evaluateHandle(() => {
    const titles = new Set<string>();
    const look = (): void => {
      for (const { textContent } of document.querySelectorAll('h1, h2')) titles.add(textContent.trim());
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
    return titles;
  });
  await closeDatabases(device.context);
  // Said, though not for long enough to be read.
  const { title } = appWords.unreadable['storage-lost'];
  await expect.poll(() => seen.evaluate((titles) => [...titles])).toContain(title);
  await app.lock.expectLocked(true);
  await app.lock.unlock(SECOND);
  await expect(app.lock.problem).toContainText('This is not your passphrase.');
  await app.lock.unlock(FIRST);
  await app.home.open();
  await app.home.expectHoldings({});
});

test('a passkey that cannot hold a key: that is said, and a passphrase does', async ({ device }) => {
  const app = await device.openNamedApp();
  const { page } = app;
  await withAuthenticator(page, { hasPrf: false });
  await app.setup.beginCreate();
  await page.getByRole('radio', { name: lock.choose.passkey.label }).check();
  await page.locator('#lock button[type=submit]').click();
  await expect(page.getByText(lock.passkey['no-key'])).toBeVisible();
  await page.getByRole('radio', { name: lock.choose.passphrase.label }).check();
  await expect(page.getByText(lock.passkey['no-key'])).toHaveCount(0);
  await app.setup.lock(FIRST);
  await app.setup.words();
});

test('no lock: the wallet opens by itself, its words are not to be read on disk, and whoever means it so is not reminded', async ({
  app,
}) => {
  const { page } = app;
  const words = await app.setup.create();
  await app.reload();
  await app.home.expectHoldings({});
  const text = await diskText(page);
  expect(text.length).toBeGreaterThan(1_000);
  // As a word of its own: one key of the disk is called `writer`.
  for (const word of words) if (word.length > 4) expect(text).not.toMatch(new RegExp(`\\b${word}\\b`));

  await app.home.getTestCoins();
  const reminder = page.getByRole('heading', { name: home.noLock.title });
  await expect(reminder).toBeVisible();
  await page.getByRole('button', { name: home.noLock.leaveLabel }).click();
  await expect(reminder).toHaveCount(0);
  await app.reload();
  await app.home.expectHoldings({ onchain: 1_000_000n });
  await expect(page.getByRole('heading', { name: home.lightningLater.title })).toBeVisible();
  await expect(reminder).toHaveCount(0);

  // Who had a lock since, and has none again, is asked once more.
  await app.lock.setPassphrase(FIRST);
  await app.lock.expectSaid('set-passphrase');
  await app.lock.turnOff(FIRST);
  await app.lock.expectSaid('remove-all');
  await app.home.open();
  await expect(reminder).toBeVisible();
});

test('a wallet that an older version left in the clear is sealed, and is the same wallet', async ({
  device,
  site,
}) => {
  const writer = await device.context.newPage();
  // A file of the origin without scripts. No tab's sign either: a browser looks for one beside what is no page.
  await writer.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await writer.goto(`${site.url}/config.json`);
  await writeClearDisk(writer, frozen.rows);
  await writer.close();

  // Its chain is none of this world's: what is shown is what is on its disk.
  device.cutServers();
  const app = await device.openApp();
  const holdings = {
    onchain: BigInt(frozen.confirmedSat),
    lightning: BigInt(frozen.localMsat) / 1000n,
    kept: KEPT,
  };
  await app.home.expectHoldings(holdings);
  await app.page.evaluate((to) => {
    location.hash = to;
  }, links.settingsWords);
  await app.page.getByRole('button', { name: settings.words.show }).click();
  expect(await app.setup.words()).toEqual(frozen.words);
  await app.home.open();
  await app.reload();
  await app.home.expectHoldings(holdings);
  const text = await diskText(app.page);
  for (const word of frozen.words) expect(text).not.toContain(word);
  expect(text).not.toContain('script/p2wpkh');
});
