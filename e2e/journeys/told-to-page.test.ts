import { mnemonicToEntropy, mnemonicToSeedSync } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { BrowserContext } from '@playwright/test';
import { publicKey } from '../../engine/crypto/secp256k1.ts';
import { Secret } from '../../engine/crypto/secret.ts';
import { BRANCHES, SCRIPT_KINDS } from '../../engine/wallet/key-origin.ts';
import { KeyTree, STATIC_PAYMENT_KEYS } from '../../engine/wallet/key-tree.ts';
import { backup, channels } from '../../web/i18n/en.ts';
import type { App } from './pages/app.ts';
import { untilBroadcast } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';

type Heard = { readonly texts: string[] };

const PASSPHRASE = 'four words not together';

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

/** Hex, or words, of all that the wallet makes from its words and anybody could sign with; and the id of the node. */
function secretsOf(words: readonly string[]): {
  readonly secrets: readonly string[];
  readonly nodeId: string;
} {
  const mnemonic = words.join(' ');
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const seedBytes = mnemonicToSeedSync(mnemonic);
  const seed = hex(seedBytes);
  const keys = new KeyTree(new Secret(seedBytes), 'regtest');
  const made = [
    keys.nodeKey(),
    keys.channelSeed(0),
    keys.paymentSecrets(),
    keys.backupKey(),
    // Which one a channel has follows from bytes that the worker drew.
    ...Array.from({ length: STATIC_PAYMENT_KEYS }, (_, i) => keys.staticPaymentKey(i)),
    ...SCRIPT_KINDS.flatMap((kind) =>
      BRANCHES.flatMap((branch) => [0, 1, 2].map((index) => keys.addressKey({ kind, branch, index }))),
    ),
  ];
  const secrets = [
    mnemonic,
    JSON.stringify(words).slice(1, -1),
    hex(mnemonicToEntropy(mnemonic, wordlist)),
    seed,
    // Either half is a key of its own.
    seed.slice(0, 64),
    seed.slice(64),
    ...made.map((key) => hex(key.expose())),
  ];
  return { secrets, nodeId: hex(publicKey(keys.nodeKey().expose())) };
}

/** What this page has heard since it was loaded. */
const heardBy = ({ page }: App): Promise<readonly string[]> =>
  page.evaluate(() => (globalThis as unknown as { readonly heard: Heard }).heard.texts);

async function toldTo(app: App, secrets: readonly string[]): Promise<readonly string[]> {
  const texts = (await heardBy(app)).join('\n');
  expect(texts.length).toBeGreaterThan(1_000);
  return secrets.filter((secret) => texts.includes(secret));
}

test('no message to the page has the words, the seed or a key made from it, but while the words are shown: locked, unlocked, backed up and restored', async ({
  device,
  newDevice,
  world,
}) => {
  await hearMessages(device.context);
  const app = await device.openApp();
  const { page } = app;
  const words = await app.setup.create(PASSPHRASE);
  const { secrets, nodeId } = secretsOf(words);
  // They were shown, so that what listens here would have heard them.
  expect(await toldTo(app, secrets)).not.toEqual([]);

  await app.reload();
  await app.lock.unlock(PASSPHRASE);
  await app.home.getTestCoins();
  await app.home.expectHoldings({ onchain: 1_000_000n });
  await app.channels.openTo(500_000n);
  await untilBroadcast(world, await app.channels.recorded(channels.facts.fundingTx));
  await world.mine();
  await app.channels.expectState('ready');
  for (const route of ['#/receive', '#/send', '#/activity', '#/channels', '#/settings']) {
    await page.evaluate((to) => {
      location.hash = to;
    }, route);
    await expect(page.locator('h1')).toHaveCount(1);
  }
  await app.backup.open();
  const file = await app.backup.saveFile();
  await app.lock.lockNow();
  await app.lock.expectLocked(true);
  await app.lock.unlock(PASSPHRASE);
  await app.channels.openFirst();
  await app.channels.expectState('ready');
  // The keys are this wallet's: what is public of the first is told.
  expect(await toldTo(app, [nodeId])).toEqual([nodeId]);
  expect(await toldTo(app, secrets)).toEqual([]);
  await page.close();

  const other = await newDevice();
  await hearMessages(other.context);
  const again = await other.openApp();
  await again.setup.beginRestore();
  await again.setup.typeWords(words.join(' '));
  await again.setup.lock(PASSPHRASE);
  await again.backup.restoreFile(file);
  await expect(again.page.getByText(backup.restore.found(1))).toBeInViewport();
  expect(await toldTo(again, secrets)).toEqual([]);
});
