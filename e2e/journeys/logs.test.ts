import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';
import { mnemonicToSeedSync } from '@scure/bip39';
import { settings } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { expect, test } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

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
  expectNoWords(text, words);
});

test('the log that is downloaded tells of a channel and of payments both ways, and holds no secret of either', async ({
  app,
  world,
}) => {
  const { words } = await withChannel(app, world);
  const out = await world.ldk.createInvoice({ amountMsat: 60_000_000n });
  await app.send.enter(out.bolt11);
  await app.send.cost();
  await app.send.pay();
  await app.send.expectSent();
  const proof = await app.send.proof();
  await app.receive.open();
  await app.receive.ask(9_000n);
  const { paymentHash, preimage } = await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();

  const { name, text } = await app.settings.downloadLogs();
  expect(name).toMatch(/^leyden-\d{4}-\d\d-\d\d\.log$/);
  const lines = text.trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info|warn|error) \S+ \S/);
  expect(text).toContain('the wallet is open');
  // Without it all goes on, slower: nothing else would tell.
  expect(text).not.toContain('WebAssembly is not used');
  for (const id of [out.paymentHash, paymentHash]) expect(text).toContain(id);

  expectNoWords(text, words);
  const seed = Buffer.from(mnemonicToSeedSync(words.join(' '))).toString('hex');
  for (const secret of [proof, preimage, seed, seed.slice(0, 64), seed.slice(64)])
    expect(text).not.toContain(secret);
  // Nor is anything in it the preimage of anything in it.
  const ids = [...new Set(text.match(/\b[0-9a-f]{64}\b/g))];
  const hashes = ids.map((id) => createHash('sha256').update(Buffer.from(id, 'hex')).digest('hex'));
  expect(hashes.filter((hash) => text.includes(hash))).toEqual([]);
  expect(text).not.toMatch(/[xtv]prv[0-9A-Za-z]{20}/);
});

function expectNoWords(text: string, words: readonly string[]): void {
  // One word alone may be one of the language.
  for (let first = 0; first + 3 <= words.length; first++)
    expect(text).not.toContain(words.slice(first, first + 3).join(' '));
}
