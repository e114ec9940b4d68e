import { createHash } from 'node:crypto';
import { activity, app as words, errors, explainRefusal, receive, send } from '../../web/i18n/en.ts';
import { Clipboard } from './stage/clipboard.ts';
import { expect, test } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

const hashOf = (preimage: string): string =>
  createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex');

test('an invoice is pasted and paid, its proof is copied; a request is copied as it is shared, whole and by its parts', async ({
  app,
  world,
}) => {
  await withChannel(app, world);
  const { page } = app;
  const clipboard = await Clipboard.of(page);
  const { bolt11, paymentHash } = await world.ldk.createInvoice({
    amountMsat: 60_000_000n,
    description: 'Kettle',
  });

  await clipboard.put(`  ${bolt11}\n`);
  await app.send.open();
  await app.send.paste();
  await expect(page.locator('h1')).toHaveText(send.review.title);
  await expect(page.getByText('Kettle', { exact: true })).toBeVisible();
  await app.send.cost();
  await app.send.pay();
  await app.send.expectSent();
  const proof = await app.send.proof();
  await app.send.copy(send.result.proof);
  expect(await clipboard.read()).toBe(proof);
  expect(hashOf(proof)).toBe(paymentHash);

  await page.evaluate(() => {
    navigator.share = (data) => {
      document.documentElement.dataset['shared'] = data?.text ?? '';
      return Promise.resolve();
    };
  });
  await app.receive.open();
  await app.receive.ask(9_000n, 'Tea');
  const [invoice, address] = [await app.receive.invoice(), await app.receive.address()];
  await page.getByRole('button', { name: words.share, exact: true }).click();
  const shared = await page.locator('html').getAttribute('data-shared');
  expect(shared).toMatch(new RegExp(`^bitcoin:${address}\\?amount=0\\.00009&.*lightning=${invoice}`, 'i'));
  await app.receive.copy(receive.what);
  expect(await clipboard.read()).toBe(shared);
  await app.receive.copy(receive.invoice);
  expect(await clipboard.read()).toBe(invoice);
  await app.receive.copy(receive.address);
  expect(await clipboard.read()).toBe(address);

  // The record of what was paid keeps the same.
  await app.activity.openPayment(paymentHash);
  await page.locator('summary').filter({ hasText: activity.payment.technical }).click();
  for (const [name, value] of [
    [activity.payment.proof, proof],
    [activity.payment.hash, paymentHash],
    [activity.payment.invoice, bolt11],
  ] as const) {
    await app.activity.copy(name);
    expect(await clipboard.read(), name).toBe(value);
  }
});

test('what cannot be pasted or copied says why, and what to do instead', async ({ app }) => {
  await app.setup.create();
  const { page } = app;
  const clipboard = await Clipboard.of(page);

  await clipboard.put('please send me money');
  await app.send.open();
  await app.send.paste();
  const [unrecognised] = explainRefusal({ code: 'unrecognised-input' }).sentence;
  if (typeof unrecognised !== 'string') throw new Error('it says no sentence');
  await expect(app.send.problem).toContainText(unrecognised);
  await expect(page.getByLabel(send.to)).toHaveValue('please send me money');
  await app.send.problem.locator('summary').click();
  await app.send.problem.getByRole('button', { name: errors.copy }).click();
  await expect(app.send.problem.getByRole('status')).toHaveText(words.copied);
  expect(await clipboard.read()).toBe('code: unrecognised-input');

  // Far more than any payment is: no more of it is laid out than can be typed.
  await clipboard.put('lnbcrt1☕ '.repeat(110_000));
  await app.send.paste();
  await expect(app.send.problem).toContainText('That is too long to be a payment.');
  expect((await page.getByLabel(send.to).inputValue()).length).toBe(20_000);

  // Nothing to paste: what was typed stays.
  await clipboard.put('');
  await page.getByLabel(send.to).fill('half an invoice');
  await app.send.paste();
  await expect(page.getByRole('alert')).toHaveText(send.pasteEmpty);
  await expect(page.getByLabel(send.to)).toHaveValue('half an invoice');

  await clipboard.refuse();
  await app.send.paste();
  await expect(page.getByRole('alert')).toHaveText(send.pasteRefused);
  await expect(page.getByLabel(send.to)).toHaveValue('half an invoice');
  // It is about the clipboard, not about what comes next.
  await page.getByLabel(send.to).fill('lnbcrt1');
  await expect(page.getByRole('alert')).toHaveCount(0);

  // The request stands nowhere on the screen: it is shown to be copied by hand.
  await app.receive.open();
  await app.receive.copier(receive.what).click();
  await expect(page.getByRole('alert')).toHaveText(words.copyRefused);
  await expect(page.getByText(/^bitcoin:bcrt1/)).toBeVisible();
});
