import type { Page } from '@playwright/test';
import readQr from 'jsqr';
import { app as words, home, receive, send } from '../../web/i18n/en.ts';
import { expect, test } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

/** A picture, as a reader of codes takes it: in the browser, that knows PNG. */
function pixelsOf(page: Page, png: Buffer): Promise<{ data: number[]; width: number; height: number }> {
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context?.drawImage(image, 0, 0);
    const { data = [] } = context?.getImageData(0, 0, image.width, image.height) ?? {};
    return { data: [...data], width: image.width, height: image.height };
  }, png.toString('base64'));
}

/** A camera in front of this picture; the browser of the tests has none. */
function holdBeforeCamera(page: Page, png: Buffer): Promise<void> {
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width + 80, image.height + 80];
    const context = canvas.getContext('2d');
    const draw = (): void => {
      context?.fillRect(0, 0, canvas.width, canvas.height);
      context?.drawImage(image, 40, 40);
      requestAnimationFrame(draw);
    };
    draw();
    const stream = canvas.captureStream(10);
    navigator.mediaDevices.getUserMedia = () => Promise.resolve(stream);
    (window as { camera?: MediaStream }).camera = stream;
  }, png.toString('base64'));
}

test('what is asked for is a code that a camera reads, one for both ways, and it can be shared', async ({
  app,
  newDevice,
  world,
}) => {
  await withChannel(app, world);
  const { page } = app;
  // Room to be paid over Lightning.
  await app.send.enter((await world.ldk.createInvoice({ amountMsat: 60_000_000n })).bolt11);
  await app.send.cost();
  await app.send.pay();
  await app.send.expectSent();

  await page.evaluate(() => {
    navigator.share = (data) => {
      document.documentElement.dataset['shared'] = data?.text ?? '';
      return Promise.resolve();
    };
  });
  await app.receive.open();
  await app.receive.ask(9_000n, 'Tea');
  const [invoice, address] = [await app.receive.invoice(), await app.receive.address()];
  const code = page.getByRole('img', { name: receive.qr });
  await code.scrollIntoViewIfNeeded();
  const png = await code.screenshot();
  const { data, width, height } = await pixelsOf(page, png);
  const read = readQr(Uint8ClampedArray.from(data), width, height)?.data ?? '';
  const [, path, query] = /^bitcoin:([^?]*)\?(.*)$/i.exec(read) ?? [];
  expect(path?.toLowerCase()).toBe(address);
  const parts = new Map([...new URLSearchParams(query)].map(([name, value]) => [name.toLowerCase(), value]));
  expect(parts.get('lightning')?.toLowerCase()).toBe(invoice);
  expect(Number(parts.get('amount'))).toBe(0.00009);

  await page.getByRole('button', { name: words.share, exact: true }).click();
  await expect(page.locator('html')).toHaveAttribute(
    'data-shared',
    new RegExp(`^bitcoin:${address}\\?.*lightning=${invoice}`, 'i'),
  );

  const other = await (await newDevice()).openApp();
  await other.setup.create();
  await holdBeforeCamera(other.page, png);
  await other.page.getByRole('link', { name: home.send }).click();
  await other.page.getByRole('button', { name: send.scan }).click();
  await expect(other.page.locator('h1')).toHaveText(send.review.title);
  await expect(other.page.getByText('9,000 satoshis').first()).toBeAttached();
  await expect(other.page.getByText('Tea', { exact: true })).toBeVisible();
  // The camera is off as soon as it has read.
  const states = await other.page.evaluate(() =>
    ((window as { camera?: MediaStream }).camera?.getTracks() ?? []).map(({ readyState }) => readyState),
  );
  expect(states).toEqual(['ended']);
});
