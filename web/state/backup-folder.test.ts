import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Refusal } from '../../engine/node/refusal.ts';
import { fakeWallet, never, no, ok, type FakeWallet } from '../testkit/fake-wallet.ts';
import { MemoryStorage } from '../testkit/memory-storage.ts';
import { openState } from '../testkit/open-state.ts';
import { backup, NOW, snapshots } from '../testkit/snapshots.ts';
import { BackupFolder, type Folder } from './backup-folder.svelte.ts';
import { Wallet } from './wallet.svelte.ts';

const NAME = 'leyden-backup-regtest-aabbccdd.leyden';
const BESIDE = 'leyden-backup-regtest-aabbccdd-2.leyden';
const FORMER = Uint8Array.of(9, 9, 9);

/** A folder of the person's; `files` is what is in it. */
class FakeFolder implements Folder {
  readonly name = 'Backups';
  readonly files = new Map<string, Uint8Array>();
  fails = false;
  queryPermission = (): Promise<'granted'> => Promise.resolve('granted');
  requestPermission = (): Promise<'granted'> => Promise.resolve('granted');
  getFileHandle = (
    name: string,
    { create }: { readonly create: boolean },
  ): ReturnType<Folder['getFileHandle']> => {
    const bytes = this.files.get(name);
    if (bytes === undefined && !create) return Promise.reject(new DOMException('none', 'NotFoundError'));
    return Promise.resolve({
      getFile: () => Promise.resolve(new Blob([(bytes ?? new Uint8Array()) as BlobPart])),
      createWritable: () => {
        if (this.fails) return Promise.reject(new DOMException('gone', 'NotAllowedError'));
        let written: Uint8Array = new Uint8Array();
        return Promise.resolve({
          write: (given: BufferSource) => {
            written = given as Uint8Array;
            return Promise.resolve();
          },
          close: () => {
            this.files.set(name, written);
            return Promise.resolve();
          },
        });
      },
    });
  };
}

/** A wallet whose backup says how many channels it knows: those of a file that it took back too. */
async function chosen(
  folder: FakeFolder,
  refusal: Refusal | null = null,
  saved: number[] = [],
): Promise<BackupFolder> {
  return (await withWallet(folder, refusal, saved)).one;
}

async function withWallet(
  folder: FakeFolder,
  refusal: Refusal | null = null,
  saved: number[] = [],
): Promise<{ readonly one: BackupFolder; readonly service: FakeWallet }> {
  let channels = 0;
  let counter = 0;
  const taken: Uint8Array[] = [];
  const service = fakeWallet({
    state: openState(),
    snapshots: snapshots({}),
    backup: {
      export: () => ok({ bytes: Uint8Array.of(channels), counter: (counter += 1), fileName: NAME }),
      saved: (written) => {
        saved.push(written);
        return ok(undefined);
      },
      restore: (bytes) => {
        taken.push(bytes);
        if (refusal !== null) return no(refusal);
        channels = 3;
        return ok({ found: 3, stopped: 0, known: 0, madeAt: NOW });
      },
    },
  });
  const wallet = new Wallet(service);
  await wallet.open();
  const one = new BackupFolder(wallet, { showDirectoryPicker: () => Promise.resolve(folder) });
  await one.choose();
  return { one, service };
}

/** Every promise that waits for nobody else is over. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const changed = backup({ counter: 3, channels: 1 });

describe('a folder for backups', () => {
  beforeEach(() => {
    const storage = new MemoryStorage();
    vi.stubGlobal('localStorage', storage);
    vi.stubGlobal('sessionStorage', storage);
  });
  afterEach(() => vi.unstubAllGlobals());

  it('is written to at once', async () => {
    const folder = new FakeFolder();
    const saved: number[] = [];
    const { state } = await chosen(folder, null, saved);
    expect(state).toBe('ready');
    expect(folder.files).toEqual(new Map([[NAME, Uint8Array.of(0)]]));
    expect(saved).toEqual([2]);
  });

  it('that was chosen before is asked for only once the wallet is there: what the browser has lost it says to whoever asks first', async () => {
    const asked = vi.fn(() => {
      throw new DOMException('off', 'InvalidStateError');
    });
    vi.stubGlobal('indexedDB', { open: asked });
    const service = fakeWallet({ state: openState(), snapshots: snapshots({}) });
    const wallet = new Wallet(service);
    expect(new BackupFolder(wallet, { showDirectoryPicker: never }).state).toBe('none');
    await settled();
    expect(asked).not.toHaveBeenCalled();
    await wallet.open();
    service.publish('backup', changed);
    await settled();
    expect(asked).toHaveBeenCalledOnce();
  });

  it('may hold the file of a lost device: it is taken back before another takes its place', async () => {
    const folder = new FakeFolder();
    folder.files.set(NAME, FORMER);
    await chosen(folder);
    expect(folder.files).toEqual(new Map([[NAME, Uint8Array.of(3)]]));
  });

  it('keeps a file that cannot be read; the new one stands beside it', async () => {
    const folder = new FakeFolder();
    folder.files.set(NAME, FORMER);
    await chosen(folder, { code: 'backup-unreadable', reason: 'newer-version' });
    expect(folder.files).toEqual(
      new Map([
        [NAME, FORMER],
        [BESIDE, Uint8Array.of(0)],
      ]),
    );
  });

  it('keeps a file that another device may still write; the new one stands beside it', async () => {
    const folder = new FakeFolder();
    folder.files.set(NAME, FORMER);
    await chosen(folder, { code: 'runs-elsewhere' });
    expect(folder.files.get(NAME)).toEqual(FORMER);
    expect(folder.files.has(BESIDE)).toBe(true);
  });

  it('keeps what stands beside as well, until the wallet has it', async () => {
    const folder = new FakeFolder();
    folder.files.set(NAME, FORMER);
    folder.files.set(BESIDE, FORMER);
    await chosen(folder, { code: 'runs-elsewhere' });
    expect([...folder.files]).toEqual([
      [NAME, FORMER],
      [BESIDE, FORMER],
      [BESIDE.replace('-2', '-3'), Uint8Array.of(0)],
    ]);
  });

  it.each(['erased', 'lost'])(
    'of a wallet that is %s and restored in the same page: it is taken back first',
    async (how) => {
      const folder = new FakeFolder();
      const { service } = await withWallet(folder);
      folder.files.set(NAME, FORMER);
      if (how === 'erased') localStorage.removeItem('leyden/backup-folder');
      // The disk is a new one: it counts from the beginning, and knows of no file.
      service.publish('backup', backup({ counter: 1, channels: 1, file: null }));
      await settled();
      expect(folder.files.get(NAME)).toEqual(Uint8Array.of(3));
    },
  );

  it('is left as it is while the wallet cannot take back what is in it', async () => {
    const folder = new FakeFolder();
    folder.files.set(NAME, FORMER);
    const { state } = await chosen(folder, { code: 'storage-failed', detail: 'AbortError' });
    expect(state).toBe('failed');
    expect(folder.files).toEqual(new Map([[NAME, FORMER]]));
  });

  it('is left to the tab that has the wallet: one that looks on neither writes nor fails', async () => {
    const folder = new FakeFolder();
    const { one, service } = await withWallet(folder);
    folder.files.clear();
    service.become({ tag: 'elsewhere', holder: 'open' });
    service.publish('backup', changed);
    await settled();
    expect(folder.files).toEqual(new Map());
    expect(one.state).toBe('ready');
    service.become(openState());
    service.publish('backup', changed);
    await settled();
    expect([...folder.files.keys()]).toEqual([NAME]);
  });

  it('that is chosen when all is written elsewhere already, and fails, is tried again', async () => {
    const folder = new FakeFolder();
    const { one, service } = await withWallet(folder);
    folder.files.clear();
    folder.fails = true;
    await one.choose();
    expect(one.state).toBe('failed');
    folder.fails = false;
    service.publish('backup', backup({ counter: 1, channels: 1 }));
    await settled();
    expect(one.state).toBe('ready');
    expect([...folder.files.keys()]).toEqual([NAME]);
  });

  it('that cannot be written to says so, and no file counts as saved', async () => {
    const folder = new FakeFolder();
    folder.fails = true;
    const saved: number[] = [];
    expect((await chosen(folder, null, saved)).state).toBe('failed');
    expect(saved).toEqual([]);
  });
});
