import type { Wallet } from './wallet.svelte.ts';
import { forgetHandle, keepHandle, recallHandle } from './handle-store.ts';
import { forget, keep, recall } from './kept.ts';

/** The File System Access API, where a browser has it: not in the types of the platform yet. */
type Permission = 'granted' | 'denied' | 'prompt';
export type Folder = {
  readonly name: string;
  readonly queryPermission: (wish: { readonly mode: 'readwrite' }) => Promise<Permission>;
  readonly requestPermission: (wish: { readonly mode: 'readwrite' }) => Promise<Permission>;
  /** @throws a DOMException `NotFoundError` where there is none and none is wanted */
  readonly getFileHandle: (
    name: string,
    wish: { readonly create: boolean },
  ) => Promise<{
    readonly getFile: () => Promise<Pick<File, 'arrayBuffer'>>;
    readonly createWritable: () => Promise<{
      readonly write: (bytes: BufferSource) => Promise<void>;
      readonly close: () => Promise<void>;
    }>;
  }>;
};
type Picker = {
  readonly showDirectoryPicker?: (wish: {
    readonly id: string;
    readonly mode: 'readwrite';
  }) => Promise<Folder>;
};

export type FolderState =
  | 'unsupported'
  | 'none'
  /** May be written to. */
  | 'ready'
  /** Chosen, and the browser wants to be asked again. */
  | 'ask'
  /** The last file was not written. */
  | 'failed';

const HANDLE = 'backup-folder';
const WRITTEN = 'backup-folder';

/** A folder of the person's in which the backup file is renewed whenever there is a newer backup. */
export class BackupFolder {
  state: FolderState = $state.raw('none');
  name: string = $state.raw('');
  readonly #wallet: Wallet;
  readonly #picker: Picker;
  #folder: Folder | null = null;
  #writing = false;
  #isRecalled = false;
  /** The file whose former content was looked at, and the name under which it is written since. */
  #looked: { readonly fileName: string; readonly as: string } | null = null;

  constructor(wallet: Wallet, picker: Picker = window as Picker) {
    this.#wallet = wallet;
    this.#picker = picker;
    if (picker.showDirectoryPicker === undefined) {
      this.state = 'unsupported';
      return;
    }
    wallet.onSnapshot((topic) => {
      // Chromium says that it lost everything to whoever opens a database first: that must be whoever opens the wallet's.
      if (!this.#isRecalled) void this.#recall();
      if (topic === 'backup') void this.#renew();
    });
  }

  /** To be called from a click: the browser asks which. */
  async choose(): Promise<void> {
    try {
      const folder = await this.#picker.showDirectoryPicker?.({ id: 'leyden', mode: 'readwrite' });
      if (folder !== undefined) await this.#use(folder);
    } catch {
      return; // the person closed the picker
    }
  }

  /** To be called from a click: the browser asks for the permission that it took back. */
  async allow(): Promise<void> {
    const folder = this.#folder;
    if (folder === null) return;
    const given = await folder.requestPermission({ mode: 'readwrite' }).catch(() => 'denied' as const);
    this.state = given === 'granted' ? 'ready' : 'ask';
    await this.#renew(true);
  }

  /** The file that is there stays. */
  async forget(): Promise<void> {
    this.#folder = null;
    this.name = '';
    if (this.state !== 'unsupported') this.state = 'none';
    await forgetHandle(HANDLE);
  }

  async #recall(): Promise<void> {
    this.#isRecalled = true;
    const kept = (await recallHandle(HANDLE)) as Folder | null | undefined;
    if (kept == null || this.#folder !== null) return;
    this.#folder = kept;
    this.name = kept.name;
    const permission = await kept.queryPermission({ mode: 'readwrite' }).catch(() => 'prompt' as const);
    this.state = permission === 'granted' ? 'ready' : 'ask';
    await this.#renew();
  }

  async #use(folder: Folder): Promise<void> {
    this.#folder = folder;
    this.#looked = null;
    this.name = folder.name;
    this.state = 'ready';
    // What is in the folder before is not in this one.
    forget('device', WRITTEN);
    await keepHandle(HANDLE, folder);
    await this.#renew(true);
  }

  /** Writes the newest backup, unless it is there already. What comes while it writes is written after. */
  async #renew(anyway = false): Promise<void> {
    const folder = this.#folder;
    // A tab that only looks on is shown backups too, and is given none.
    if (this.#wallet.state?.tag !== 'open') return;
    if (folder === null || this.#writing || (this.state !== 'ready' && this.state !== 'failed')) return;
    this.#writing = true;
    this.#forgetOther();
    try {
      let wanted = anyway || this.#isBehind();
      while (wanted) {
        const made = await this.#wallet.ask(() => this.#wallet.node.backup.export());
        if (!made.ok) throw new Error(made.error.code);
        const { fileName, bytes, counter } = made.value;
        if (this.#looked?.fileName !== fileName) {
          this.#looked = { fileName, as: await this.#takeBack(folder, fileName) };
          continue; // made anew, with all that the former file knew
        }
        await write(folder, this.#looked.as, bytes);
        keep('device', WRITTEN, { counter });
        const noted = await this.#wallet.ask(() => this.#wallet.node.backup.saved(counter));
        if (!noted.ok) throw new Error(noted.error.code);
        this.state = 'ready';
        wanted = this.#isBehind();
      }
    } catch {
      const permission = await folder.queryPermission({ mode: 'readwrite' }).catch(() => 'prompt' as const);
      this.state = permission === 'granted' ? 'failed' : 'ask';
    } finally {
      this.#writing = false;
    }
  }

  /**
   * A file of these words that is there already may know of channels that this device does not: never written over before
   * the wallet has it.
   * @returns the name to write under: the next one where a file cannot be read, or another device may still write it
   */
  async #takeBack(folder: Folder, fileName: string): Promise<string> {
    for (let n = 1; ; n++) {
      const name = n === 1 ? fileName : fileName.replace(/(\.leyden)?$/, `-${n}$1`);
      const former = await read(folder, name);
      if (former === null) return name;
      const taken = await this.#wallet.ask(() => this.#wallet.node.backup.restore(former, false));
      if (taken.ok) return name;
      if (taken.error.code !== 'backup-unreadable' && taken.error.code !== 'runs-elsewhere')
        throw new Error(taken.error.code);
    }
  }

  /** What the wallet's own disk does not know to be written was written for a disk before it: its file is looked at again. */
  #forgetOther(): void {
    const written = writtenCounter();
    if (written > 0 && written <= (this.#wallet.backup?.file?.counter ?? 0)) return;
    forget('device', WRITTEN);
    this.#looked = null;
  }

  #isBehind(): boolean {
    const { backup } = this.#wallet;
    if (backup === null || backup.counter === 0) return false;
    return writtenCounter() < backup.counter;
  }
}

const writtenCounter = (): number => recall('device', WRITTEN, { counter: 0 }).counter;

async function read(folder: Folder, name: string): Promise<Uint8Array | null> {
  try {
    const handle = await folder.getFileHandle(name, { create: false });
    return new Uint8Array(await (await handle.getFile()).arrayBuffer());
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return null;
    throw error;
  }
}

/** The old file stays whole until the new one is: `close` puts it in place. */
async function write(folder: Folder, name: string, bytes: Uint8Array): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const writable = await file.createWritable();
  await writable.write(bytes as BufferSource);
  await writable.close();
}
