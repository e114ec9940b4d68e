import { HDKey } from '@scure/bip32';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { addressOf } from '../bitcoin/address.ts';
import { publicKey } from '../crypto/secp256k1.ts';
import { Secret } from '../crypto/secret.ts';
import { BIP32_INVALID, BIP32_VECTORS } from './fixtures/bip32.ts';
import { BIP39_VECTORS } from './fixtures/bip39.ts';
import { ACCOUNT_ADDRESSES, ACCOUNT_WORDS, BIP86_XPUB } from './fixtures/bip84-bip86.ts';
import { KeyTree } from './key-tree.ts';
import { deriveScript } from './own-script.ts';
import { seedOf } from './words.ts';

describe('BIP 32', () => {
  it.each(BIP32_VECTORS.flatMap(({ seed, chains }) => chains.map((chain) => ({ seed, ...chain }))))(
    '$seed $path',
    ({ seed, path, xpub, xprv }) => {
      const node = HDKey.fromMasterSeed(fromHex(seed)).derive(path);
      expect([node.publicExtendedKey, node.privateExtendedKey]).toEqual([xpub, xprv]);
    },
  );

  it.each(BIP32_INVALID)('%s is refused: %s', (key) => {
    expect(() => HDKey.fromExtendedKey(key)).toThrow(/./);
  });

  it.each(BIP39_VECTORS)('root of the words of $entropy', ({ seed, xprv }) => {
    expect(HDKey.fromMasterSeed(fromHex(seed)).privateExtendedKey).toBe(xprv);
  });
});

describe('accounts', () => {
  const tree = async (): Promise<KeyTree> => new KeyTree(await seedOf(ACCOUNT_WORDS.split(' ')), 'mainnet');

  it.each(ACCOUNT_ADDRESSES)('BIP 84 and BIP 86: $address', async ({ origin, key, address }) => {
    const keys = await tree();
    const own = deriveScript(keys.accountXpub(origin.kind), origin);
    expect(addressOf(own.script, 'mainnet')).toBe(address);
    expect(toHex(own.publicKey).endsWith(key)).toBe(true);
    expect(toHex(publicKey(keys.addressKey(origin).expose()))).toBe(toHex(own.publicKey));
  });

  it('the account key of BIP 86', async () => {
    expect((await tree()).accountXpub('p2tr')).toBe(BIP86_XPUB);
  });

  it('test networks have their own coins, and none of our keys meets another', async () => {
    const main = await tree();
    const test = new KeyTree(await seedOf(ACCOUNT_WORDS.split(' ')), 'regtest');
    const all = [main, test].flatMap((keys) => [
      keys.nodeKey(),
      keys.paymentSecrets(),
      keys.backupKey(),
      ...[0, 1, 2].flatMap((index) => [
        keys.channelSeed(index),
        keys.staticPaymentKey(index),
        keys.addressKey({ kind: 'p2wpkh', branch: 'receive', index }),
        keys.addressKey({ kind: 'p2tr', branch: 'change', index }),
      ]),
    ]);
    expect(new Set(all.map((secret) => toHex(secret.expose()))).size).toBe(2 * (3 + 3 * 4));
    expect(toHex(main.staticPaymentKey(1_003).expose())).toBe(toHex(main.staticPaymentKey(3).expose()));
  });

  it('frozen paths: what is derived today is derived for ever', async () => {
    const keys = await tree();
    expect([
      toHex(publicKey(keys.nodeKey().expose())),
      toHex(publicKey(keys.channelSeed(0).expose())),
      toHex(publicKey(keys.staticPaymentKey(0).expose())),
      toHex(publicKey(keys.paymentSecrets().expose())),
      toHex(publicKey(keys.backupKey().expose())),
      keys.fingerprint().toString(16),
    ]).toMatchInlineSnapshot(`
      [
        "02bb2cbba6e7b04978c495e9873c1f506abadba19c85672bbd05bb36c22f7d62a9",
        "037d1ef10d145a055cb543d6e7ddc05dcdefc0f1343cf73291087f3bc1555a203f",
        "03ba446dd15b00e1436d1e78a22439de6b74bc5a373df01881f74464e95ba84fc8",
        "02f8239ef03ef650add7a07573cd5a22b4eb8e44cfd4af4185695d629417af5a6f",
        "0398e6042f9406ac72d68b0ee30035b6837910a5d4ecc61a2daffba7a7695fcaf8",
        "73c5da0a",
      ]
    `);
  });

  it('nothing is left to use after wipe', async () => {
    const seed = new Secret(fromHex(BIP32_VECTORS[0]!.seed));
    const keys = new KeyTree(seed, 'mainnet');
    keys.nodeKey();
    keys.wipe();
    expect(() => keys.nodeKey()).toThrow('wiped');
    expect(() => seed.expose()).toThrow('wiped');
  });
});
