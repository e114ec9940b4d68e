import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { put, type Table } from '../base/write.ts';
import { Secret } from '../crypto/secret.ts';
import { tuneScrypt } from '../crypto/scrypt.ts';
import { countedRandom } from '../testkit/sealed-disk.ts';
import {
  openWithDevice,
  openWithPasskey,
  openWithPassphrase,
  wrapWithDevice,
  wrapWithPasskey,
  wrapWithPassphrase,
} from './key-wraps.ts';
import { decodeKeyring, encodeKeyring, type Keyring, type Wrap } from './keyring.ts';
import { MemoryStore } from './memory-store.ts';
import { openSealedStore, readKeyring, sealStore } from './open-sealed-store.ts';
import { fakeDeviceKeys } from '../testkit/device-keys.ts';

const cheap = { logN: 4, r: 8, p: 1 };
const walletId = new Uint8Array(16).fill(1);
const otherId = new Uint8Array(16).fill(2);
const dataKey = new Secret(new Uint8Array(32).fill(7));
const context = { walletId, random: countedRandom(), now: 1_800_000_000 };
const answer = {
  credentialId: Uint8Array.of(1, 2, 3),
  prfSalt: new Uint8Array(32).fill(4),
  prfOutput: new Uint8Array(32).fill(5),
};
const hex = (secret: Secret | null): string | null => (secret === null ? null : toHex(secret.expose()));

test('a passphrase opens what it wrapped, however it is composed; another one does not', async () => {
  const wrap = await wrapWithPassphrase(dataKey, 'café à la crème', cheap, context);
  expect(hex(await openWithPassphrase(wrap, 'café à la crème', walletId))).toBe(hex(dataKey));
  expect(hex(await openWithPassphrase(wrap, 'café à la crème'.normalize('NFD'), walletId))).toBe(
    hex(dataKey),
  );
  expect(await openWithPassphrase(wrap, 'cafe a la creme', walletId)).toBeNull();
  expect(await openWithPassphrase(wrap, 'café à la crème ', walletId)).toBeNull();
  expect(await openWithPassphrase(wrap, 'café à la crème', otherId)).toBeNull();
  expect(await openWithPassphrase({ ...wrap, logN: 5 }, 'café à la crème', walletId)).toBeNull();
});

test('a passkey opens what it wrapped, and nothing of another wallet or passkey', () => {
  const wrap = wrapWithPasskey(dataKey, answer, 'This phone', context);
  expect(hex(openWithPasskey(wrap, answer.prfOutput, walletId))).toBe(hex(dataKey));
  expect(openWithPasskey(wrap, new Uint8Array(32), walletId)).toBeNull();
  expect(openWithPasskey(wrap, answer.prfOutput, otherId)).toBeNull();
  expect(openWithPasskey({ ...wrap, credentialId: Uint8Array.of(9) }, answer.prfOutput, walletId)).toBeNull();
});

test('a key of the browser opens what it wrapped, as long as it is there', async () => {
  const keys = fakeDeviceKeys();
  const wrap = await wrapWithDevice(dataKey, keys, context);
  expect(hex(await openWithDevice(wrap, keys, walletId))).toBe(hex(dataKey));
  expect(await openWithDevice(wrap, keys, otherId)).toBeNull();
  await keys.forget(wrap.keyName);
  expect(await openWithDevice(wrap, keys, walletId)).toBeNull();
});

async function keyringOfAll(): Promise<Keyring> {
  const wraps: readonly Wrap[] = [
    await wrapWithPassphrase(dataKey, 'long enough', cheap, context),
    wrapWithPasskey(dataKey, answer, 'This phone', context),
    await wrapWithDevice(dataKey, fakeDeviceKeys(), context),
  ];
  return { walletId, wraps };
}

test('a keyring is read as it was written, and any bit of it that flips is damage, not a wrong passphrase', async () => {
  const keyring = await keyringOfAll();
  const stored = encodeKeyring(keyring);
  expect(decodeKeyring(stored)).toEqual({ ok: true, value: keyring });
  for (let bit = 0; bit < 8 * stored.length; bit++) {
    const flipped = stored.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(decodeKeyring(flipped)).toMatchObject({ ok: false, error: { code: 'corrupt', table: 'meta' } });
  }
  for (let length = 0; length < stored.length; length++)
    expect(decodeKeyring(stored.subarray(0, length))).toMatchObject({ error: { code: 'corrupt' } });
});

test.each([
  { logN: 24, r: 8, p: 1 },
  // As much as the library of scrypt takes by its own count, and a little more: it would throw.
  { logN: 19, r: 16, p: 1 },
])('a passphrase wrap that asks for all memory there is, is damage (%j)', async (cost) => {
  const wrap = await wrapWithPassphrase(dataKey, 'long enough', cheap, context);
  const greedy = encodeKeyring({ walletId, wraps: [{ ...wrap, ...cost }] });
  expect(decodeKeyring(greedy)).toMatchObject({ ok: false, error: { code: 'corrupt' } });
});

test.each([
  [0.1, 17],
  [90, 15],
  [40, 16],
  [10_000, 15],
])('a device that takes %d ms for 4 MiB gets 2^%d', async (each, logN) => {
  let now = 0;
  const clock = { monotonicMs: () => (now += each) };
  expect(await tuneScrypt(clock)).toEqual({ logN, r: 8, p: 1 });
});

type Frozen = {
  readonly passphrase: string;
  readonly disk: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

// Made by version 1 of keyring, manifest and sealed record. Whatever comes later must read it.
test('the frozen disk of version 1 opens with its passphrase', async () => {
  const path = new URL('./fixtures/sealed-1.json', import.meta.url);
  const frozen = JSON.parse(readFileSync(path, 'utf8')) as Frozen;
  const rows = Object.entries(frozen.disk).map(
    ([table, named]) =>
      [
        table as Table,
        new Map(Object.entries(named).map(([name, value]) => [name, fromHex(value)] as const)),
      ] as const,
  );
  const inner = new MemoryStore(new Map(rows));
  const stored = await readKeyring(inner);
  if (!stored.ok || stored.value === null) throw new Error('no keyring');
  const keyring = decodeKeyring(stored.value);
  if (!keyring.ok) throw new Error(keyring.error.detail);
  const [wrap] = keyring.value.wraps;
  if (wrap?.kind !== 'passphrase') throw new Error('not a passphrase');
  const key = await openWithPassphrase(wrap, frozen.passphrase, keyring.value.walletId);
  if (key === null) throw new Error('wrong passphrase');
  const store = await openSealedStore(inner, {
    walletId: keyring.value.walletId,
    dataKey: key,
    keyring: stored.value,
    random: countedRandom(),
  });
  expect(store.ok && (await store.value.load('channel'))).toEqual({
    ok: true,
    value: new Map([['aa/head', Uint8Array.of(1, 2, 3)]]),
  });
  expect(store.ok && (await store.value.get('meta', 'identity'))).toEqual({
    ok: true,
    value: Uint8Array.of(9),
  });
});

test('a keyring of a later version is left to a later program', async () => {
  const stored = encodeKeyring({ walletId, wraps: [wrapWithPasskey(dataKey, answer, '', context)] });
  const { sha256 } = await import('../crypto/hash.ts');
  const body = stored.slice(0, -8);
  body[0] = 2;
  const later = new Uint8Array([...body, ...sha256(body).subarray(0, 8)]);
  expect(decodeKeyring(later)).toMatchObject({ error: { code: 'newer-version' } });
});

test('sealing with a keyring of all three kinds binds it to the disk', async () => {
  const keyring = encodeKeyring(await keyringOfAll());
  const inner = new MemoryStore();
  const options = { walletId, dataKey, keyring, random: countedRandom() };
  await sealStore(inner, options, [put('meta', 'identity', Uint8Array.of(9))]);
  const stored = await readKeyring(inner);
  expect(stored).toEqual({ ok: true, value: keyring });
  expect((await openSealedStore(inner, options)).ok).toBe(true);
});
