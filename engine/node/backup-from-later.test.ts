import { beforeAll, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { decode, encode } from '../codec/field.ts';
import { sha256 } from '../crypto/hash.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { Secret } from '../crypto/secret.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { openedNodes, type NodeSeat, type OpenedNodes, type NodeWorld } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import { KeyTree } from '../wallet/key-tree.ts';
import { guestRecord, type Guest } from './backup/records.ts';
import { BackupSeal } from './backup/seal.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** Of 64 kB, of which a difference is not to be printed. */
const idOf = (blob: Uint8Array): string => toHex(sha256(blob));
const alarms = async ({ api }: NodeSeat): Promise<readonly string[]> =>
  (await api.status()).alarms.map(({ code }) => code);

async function aMinute(world: NodeWorld): Promise<void> {
  for (let step = 0; step < 13; step++) await world.pass(5_000);
}

async function meanwhile<T>(world: NodeWorld, answer: Promise<T>): Promise<T> {
  for (let step = 0; step < 40; step++) await world.pass(1_000);
  return answer;
}

/** What the peer keeps of the only one that it has a channel with. */
function keptBy({ store }: NodeSeat): { readonly key: string; readonly guest: Guest } {
  for (const [key, bytes] of store.snapshot().get('meta') ?? []) {
    if (!key.startsWith('backup/guest/')) continue;
    return { key, guest: value(decode(guestRecord, bytes)) };
  }
  throw new Error('nothing is kept');
}

/** Alice's channel with Bob, who keeps what a later program of hers sealed; all are down. */
async function withLaterCopy(): Promise<OpenedNodes & { readonly later: Uint8Array }> {
  const opened = await openedNodes();
  const { world, alice, bob } = opened;
  await aMinute(world);
  alice.die();
  bob.die();
  const keys = new KeyTree(new Secret(sha256(encodeUtf8(alice.words))), 'regtest');
  const { key, guest } = keptBy(bob);
  const later = new BackupSeal(keys, 'regtest', systemRandom).blob(Uint8Array.of(99), guest.blob.length);
  const rows = new Map([...bob.store.snapshot()].map(([table, all]) => [table, new Map(all)]));
  rows.get('meta')?.set(key, encode(guestRecord, { ...guest, blob: later }));
  bob.store = new CrashStore(rows);
  await bob.start();
  return { ...opened, later };
}

it('the words alone: a peer’s copy from a later program is told of, and is not written over', async () => {
  const { world, alice, bob, later } = await withLaterCopy();
  const third = world.seat('third');
  third.words = alice.words;
  await third.start();
  const asked = third.api.backup.askPeer(await bob.id(), bob.name, 9735);
  expect(await meanwhile(world, asked)).toEqual({
    ok: false,
    error: { code: 'backup-unreadable', reason: 'newer-version' },
  });
  await aMinute(world);
  expect(await alarms(third)).toEqual(['backup-from-later']);
  expect(idOf(keptBy(bob).guest.blob)).toBe(idOf(later));
  // Nobody answered the peer for a channel that is not known here: it would have closed it.
  expect((await bob.api.listChannels()).map(({ state }) => state)).toEqual(['offline']);
});

it('a device with its channel goes on, and leaves the copy as it is', async () => {
  const { world, alice, bob, later } = await withLaterCopy();
  await alice.restart();
  await aMinute(world);
  expect(await alarms(alice)).toEqual(['backup-from-later']);
  // Nothing is said to be kept there that is not.
  expect((await alice.api.snapshot('backup')).peers.map(({ state }) => state)).toEqual(['from-later']);
  const wanted = { amountMsat: 20_000_000n, description: '' };
  const { invoice } = value(await world.ask(bob.api.bolt11.receive(wanted)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await aMinute(world);
  expect(idOf(keptBy(bob).guest.blob)).toBe(idOf(later));
});
