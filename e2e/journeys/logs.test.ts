import type { Page } from '@playwright/test';
import { settings } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { expect, test } from './stage/test.ts';

/** What stands on disk of the log, as text; empty before anything does. */
const stored = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === 'leyden-log')) return '';
    return new Promise<string>((resolve, reject) => {
      const asked = indexedDB.open('leyden-log');
      asked.addEventListener('error', () => reject(new Error('no log')));
      asked.addEventListener('success', () => {
        const got = asked.result.transaction('log').objectStore('log').get('lines');
        got.addEventListener('success', () => {
          asked.result.close();
          const bytes = (got.result as Uint8Array | undefined) ?? [];
          resolve([...bytes].map((byte) => String.fromCharCode(byte)).join(''));
        });
      });
    });
  });

test('the log tells after a reload what happened before; on disk it is encrypted, and the words are not in it', async ({
  app,
}) => {
  const words = await app.setup.create();
  const list = app.page.getByRole('list', { name: settings.logs.list });
  const opened = list.getByText('the wallet is open');
  for (const life of [1, 2, 3]) {
    await app.page.evaluate((to) => {
      location.hash = to;
    }, links.settingsLogs);
    await expect(opened).toHaveCount(life);
    // Something more to write down: whatever is written from here on has the line above in it.
    const before = await stored(app.page);
    await app.home.open();
    await app.home.getTestCoins();
    await expect.poll(() => stored(app.page)).not.toBe(before);
    expect(await stored(app.page)).not.toContain('the wallet is open');
    if (life < 3) await app.reload();
  }
  await app.page.evaluate((to) => {
    location.hash = to;
  }, links.settingsLogs);
  await expect(opened).toHaveCount(3);
  const text = await list.innerText();
  // One word alone may be one of the language.
  for (let first = 0; first + 3 <= words.length; first++)
    expect(text).not.toContain(words.slice(first, first + 3).join(' '));
});
