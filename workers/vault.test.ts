import { expect, test, vi } from 'vitest';
import { put } from '../engine/base/write.ts';
import type { DeviceKeys } from '../engine/storage/device-key.ts';
import { MemoryStore } from '../engine/storage/memory-store.ts';
import { findKeyring, makeVault, openVault, type Place, type Vault } from './vault.ts';

vi.mock(import('../engine/crypto/scrypt.ts'), async (original) => ({
  ...(await original()),
  tuneScrypt: () => Promise.resolve({ logN: 4, r: 8, p: 1 }),
}));

/** Keeps what it is given, as the browser keeps its keys. */
function deviceKeys(): DeviceKeys {
  const kept = new Map<string, Uint8Array>();
  return {
    seal: (name, _aad, plain) => {
      kept.set(name, plain.slice());
      return Promise.resolve(Uint8Array.of(1));
    },
    open: (name) => Promise.resolve(kept.get(name)?.slice() ?? null),
    forget: (name) => {
      kept.delete(name);
      return Promise.resolve();
    },
  };
}

const place = (disk: MemoryStore): Place => Object.assign(disk, { deviceKeys: deviceKeys() });
const record = Uint8Array.of(5);
const change = { tag: 'set-passphrase', passphrase: 'a long passphrase' } as const;
const proof = { tag: 'passphrase', passphrase: 'a long passphrase' } as const;

async function unlocked(disk: Place): Promise<Vault> {
  const vault = await makeVault(disk, { tag: 'none' }, [put('channel', 'a', record)]);
  if (!vault.ok) throw new Error(vault.error.code);
  return vault.value;
}

/** Opened anew, by passphrase. */
async function reopened(disk: MemoryStore): Promise<Vault> {
  const again = place(new MemoryStore(disk.snapshot()));
  const found = await findKeyring(again);
  if (!found.ok || found.value === null) throw new Error('no keyring');
  const vault = await openVault(again, found.value, proof);
  if (!vault.ok) throw new Error(vault.error.code);
  return vault.value;
}

test('the first lock puts everything under another key: what had the former one opens nothing any more', async () => {
  const disk = new MemoryStore();
  const vault = await unlocked(place(disk));
  const names = [...(await loaded(disk)).keys()];
  expect(await vault.change(change)).toEqual({ ok: true, value: undefined });
  expect([...(await loaded(disk)).keys()]).not.toEqual(names);
  expect(await vault.store.get('channel', 'a')).toEqual({ ok: true, value: record });
  const again = await reopened(disk);
  expect(await again.store.get('channel', 'a')).toEqual({ ok: true, value: record });

  // From one passphrase to another only the wrap changes: what is sealed anew is other bytes.
  const before = new Map(await loaded(disk));
  expect(await vault.change({ tag: 'set-passphrase', passphrase: 'another passphrase' })).toMatchObject({
    ok: true,
  });
  expect(await loaded(disk)).toEqual(before);
});

test.each([false, true])(
  'a first lock that failed, and the disk has it: %s. The vault finds out, and no key is lost',
  async (landed) => {
    const disk = new MemoryStore();
    const vault = await unlocked(place(disk));
    const real = disk.commit;
    vi.spyOn(disk, 'commit').mockImplementationOnce(async (writes) => {
      if (landed) await real(writes);
      return { ok: false, error: { code: 'quota', detail: 'full' } };
    });
    expect(await vault.change(change)).toMatchObject({ ok: false, error: { code: 'storage-full' } });
    expect((await vault.verify(proof)).ok).toBe(landed);
    expect(await vault.change(change)).toEqual({ ok: true, value: undefined });
    expect(await vault.verify(proof)).toEqual({ ok: true, value: undefined });
    const again = await reopened(disk);
    expect(await again.store.get('channel', 'a')).toEqual({ ok: true, value: record });
  },
);

test.each([
  'the commit is there and said to have failed',
  'what it wrote cannot be read back at once',
] as const)('sealing a disk that was in the clear: %s. The key stays, and opens it', async (how) => {
  const disk = new MemoryStore();
  await disk.commit([put('channel', 'a', record)]);
  const its = place(disk);
  const { commit } = disk;
  const refused = { ok: false, error: { code: 'unavailable', detail: 'UnknownError' } } as const;
  const committing = vi.spyOn(disk, 'commit').mockImplementation(async (writes) => {
    const done = await commit(writes);
    if (how.startsWith('the commit')) return refused;
    vi.spyOn(disk, 'scan').mockResolvedValueOnce(refused);
    return done;
  });
  expect((await makeVault(its, { tag: 'none' }, [])).ok).toBe(false);
  committing.mockRestore();
  const found = await findKeyring(its);
  if (!found.ok || found.value === null) throw new Error('no keyring');
  const vault = await openVault(its, found.value, null);
  if (!vault.ok) throw new Error(vault.error.code);
  expect(await vault.value.store.get('channel', 'a')).toEqual({ ok: true, value: record });
});

async function loaded(disk: MemoryStore): Promise<ReadonlyMap<string, Uint8Array>> {
  const rows = await disk.load('channel');
  if (!rows.ok) throw new Error(rows.error.code);
  return rows.value;
}
