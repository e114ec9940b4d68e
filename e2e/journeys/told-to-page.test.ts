import { mnemonicToEntropy, mnemonicToSeedSync } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { BrowserContext } from '@playwright/test';
import { expect, test } from './stage/test.ts';

type Heard = { readonly texts: string[] };

/** Every message that the page is sent, by a worker or over a port, as text; bytes are in hex. */
const hearMessages = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    const texts: string[] = [];
    Object.assign(globalThis, { heard: { texts } });
    const hex = (bytes: Uint8Array): string =>
      [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const written = (_key: string, value: unknown): unknown => {
      if (typeof value === 'bigint') return String(value);
      if (value instanceof ArrayBuffer) return hex(new Uint8Array(value));
      if (ArrayBuffer.isView(value))
        return hex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      if (value instanceof Map) return [...value];
      return value instanceof Set ? [...value] : value;
    };
    const note = ({ data }: MessageEvent): void => void texts.push(JSON.stringify(data, written) ?? '');
    const Plain = Worker;
    globalThis.Worker = class extends Plain {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        this.addEventListener('message', note);
      }
    };
    // Each port begins with whoever listens to it first.
    const known = new WeakSet<MessagePort>();
    const start = Reflect.get(MessagePort.prototype, 'start');
    const listen = Reflect.get(MessagePort.prototype, 'addEventListener');
    const hear = (port: MessagePort): void => {
      if (known.has(port)) return;
      known.add(port);
      listen.call(port, 'message', note as EventListener);
    };
    MessagePort.prototype.start = function (this: MessagePort) {
      hear(this);
      start.call(this);
    };
    MessagePort.prototype.addEventListener = function (
      this: MessagePort,
      ...given: Parameters<typeof listen>
    ) {
      hear(this);
      listen.apply(this, given);
    };
  });

test('no message to the page has the words or the seed, but while the words are shown', async ({
  device,
}) => {
  await hearMessages(device.context);
  const app = await device.openApp();
  const { page } = app;
  const heard = (): Promise<readonly string[]> =>
    page.evaluate(() => (globalThis as unknown as { readonly heard: Heard }).heard.texts);
  const words = await app.setup.create();
  const mnemonic = words.join(' ');
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const seed = hex(mnemonicToSeedSync(mnemonic));
  const secrets = [
    mnemonic,
    JSON.stringify(words).slice(1, -1),
    hex(mnemonicToEntropy(mnemonic, wordlist)),
    seed,
    // Either half is a key of its own.
    seed.slice(0, 64),
    seed.slice(64),
  ];
  const told = async (): Promise<readonly string[]> =>
    (await heard()).flatMap((text) => secrets.filter((secret) => text.includes(secret)));
  // They were shown, so that what listens here would have heard them.
  expect(await told()).not.toEqual([]);

  await app.reload();
  await app.home.getTestCoins();
  await app.home.expectHoldings({ onchain: 1_000_000n });
  for (const route of ['#/receive', '#/send', '#/activity', '#/channels', '#/backup', '#/settings']) {
    await page.evaluate((to) => {
      location.hash = to;
    }, route);
    await expect(page.locator('h1')).toHaveCount(1);
  }
  expect((await heard()).length).toBeGreaterThan(10);
  expect(await told()).toEqual([]);
});
