import { channels, receive, settings } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { expiredInvoice } from './stage/expired-invoice.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

const MEGABYTE = 'lnbcrt1☕ '.repeat(110_000);
/** BOLT 11 §Examples: a donation, on mainnet. */
const MAINNET_INVOICE =
  'lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fxdwk8qakdyafkq3yap9us6v52vjjsrvywa6rt52cm9r9zqt8r2t7mlcwspyetp5h2tztugp9lfyql';
const BROKEN_ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt081';

test('what cannot be paid is told in a sentence, whatever was pasted', async ({ app }) => {
  await withCoins(app);
  for (const [what, text] of [
    ['nothing', ''],
    ['spaces', '   \n\t '],
    ['words', 'please send me money'],
    ['unicode', '💸‮אבג 零 \u0000\u{1F468}‍👩‍👧'],
    ['markup', '<img src=x onerror=alert(1)>'],
    ['a megabyte', MEGABYTE],
    ['an address of mainnet', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
    ['an invoice of mainnet', MAINNET_INVOICE],
    ['an address with a wrong letter', BROKEN_ADDRESS],
    ['a link to nowhere', 'bitcoin:?amount=1'],
    ['a link with a wrong amount', 'bitcoin:bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080?amount=-1'],
    ['an offer', 'lno1pqps7sjqpgtyzm3qv4uxzmtsd3jjqer9wd3hy6tsw35k7msjzfpy7nz5yqcny'],
  ] as const) {
    await app.send.enter(text);
    await expect(app.send.problem, what).toBeVisible();
    await expect(app.send.problem, what).toContainText(/\w{3,}.*\./);
  }

  await app.send.enter(expiredInvoice());
  await expect(app.send.problem).toBeVisible();

  await app.send.enter('bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080');
  for (const amount of ['0', '-5', '1.5', '1e9', 'ten', '١٢٣', '💰', '1'.repeat(1_000)]) {
    await app.send.amount(amount);
    await expect(app.page.getByRole('alert').first(), amount).toBeVisible();
  }
  for (const amount of [1n, 1_000_000n, 2_099_999_999_999_999n]) {
    await app.send.amount(amount);
    await expect(app.send.problem, `${amount} sat`).toBeVisible();
  }
  await app.home.open();
  await app.home.expectHoldings({ onchain: 1_000_000n });
});

test('every other field takes nonsense calmly', async ({ app }) => {
  await withCoins(app);
  const { page } = app;
  const go = (hash: string): Promise<void> =>
    page.evaluate((to) => {
      location.hash = to;
    }, hash);

  await app.receive.open();
  await page.getByRole('button', { name: receive.edit.open }).click();
  for (const amount of ['0', 'x', '9'.repeat(400)]) {
    await page.getByLabel(receive.amount, { exact: true }).fill(amount);
    await expect(page.getByRole('alert').first(), amount).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await app.receive.ask(1_000n, `‮"'<b>${'é'.repeat(100)}`);

  await go(links.channelOpen);
  for (const amount of [1n, 999_999n, 2_099_999_999_999_999n]) {
    await page.getByLabel(channels.open.amount).fill(amount.toString());
    await expect(app.channels.problem, `${amount} sat`).toBeVisible();
  }
  await page.getByRole('radio', { name: channels.open.other }).check();
  for (const uri of ['nonsense', `02${'00'.repeat(32)}`, `${'f'.repeat(66)}@host:0`, MEGABYTE]) {
    await page.getByLabel(channels.open.uri).fill(uri);
    await expect(page.getByRole('alert').first(), uri.slice(0, 80)).toBeVisible();
  }

  for (const uri of ['', 'nonsense', `${'ab'.repeat(33)}@127.0.0.1:9735`]) {
    await app.settings.connect(uri);
    await expect(page.getByRole('alert').first(), uri).toBeVisible();
  }

  await go(links.settingsServers);
  for (const url of [
    '',
    'ftp://x',
    'http://example.com',
    'javascript:alert(1)',
    'https://☕/?a=b',
    MEGABYTE,
  ]) {
    await page.getByLabel(settings.servers.esplora).fill(url);
    await page.getByRole('button', { name: settings.servers.save }).click();
    await expect(app.settings.problem, url.slice(0, 80)).toBeVisible();
  }

  for (const hash of [
    '#/nowhere',
    '#/activity/%E0%A4%A',
    '#/channels/☕',
    '#/send/payment/0',
    '#/activity/..%2f..',
  ]) {
    await go(hash);
    await expect(page.locator('main'), hash).toContainText(/\w{3,}/);
  }
  await app.home.open();
  await app.home.expectHoldings({ onchain: 1_000_000n });
});
