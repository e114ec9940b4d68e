import type { BrowserContext, Page } from '@playwright/test';

/** Of the folder, and of what the page was told about it. */
const NAME = 'Backups';
const TAKEN = 'test/folder-permission';

/**
 * A folder of the browser's own (OPFS) where a person would pick one: a real handle, which IndexedDB keeps and through
 * which real files are written. Only what no program can press is answered here: the picker, and the question whether
 * the page may write.
 */
export class OpfsFolder {
  readonly name = NAME;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Before a page is opened. */
  static async offer(context: BrowserContext): Promise<void> {
    await context.addInitScript(
      ([name, taken]) => {
        // What is no page of a site has no files.
        if (!('FileSystemHandle' in globalThis)) return;
        const permission = (): PermissionState =>
          localStorage.getItem(taken) === null ? 'granted' : 'prompt';
        Object.assign(window, {
          showDirectoryPicker: async () =>
            (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true }),
        });
        Object.assign(FileSystemHandle.prototype, {
          queryPermission: () => Promise.resolve(permission()),
          requestPermission: () => {
            localStorage.removeItem(taken);
            return Promise.resolve('granted');
          },
        });
        // What Chromium does to a handle whose permission is gone.
        const proxied: ProxyHandler<() => Promise<unknown>> = {
          apply: (write, handle, args) =>
            permission() === 'granted'
              ? Reflect.apply(write, handle, args)
              : Promise.reject(new DOMException('not allowed', 'NotAllowedError')),
        };
        const { prototype } = FileSystemFileHandle;
        const { value } = Object.getOwnPropertyDescriptor(prototype, 'createWritable') ?? {};
        Object.assign(prototype, { createWritable: new Proxy(value as () => Promise<unknown>, proxied) });
      },
      [NAME, TAKEN] as const,
    );
  }

  /** As a browser does after a while, or a person in its settings; until the person is asked again. */
  async takeBack(): Promise<void> {
    await this.#page.evaluate((taken) => localStorage.setItem(taken, 'yes'), TAKEN);
  }

  /** Somebody deletes it. */
  async remove(): Promise<void> {
    await this.#page.evaluate(
      async (name) => (await navigator.storage.getDirectory()).removeEntry(name, { recursive: true }),
      NAME,
    );
  }

  /** The bytes of every file in it, by name. A file that is replaced while it is read is read again. */
  files(): Promise<Readonly<Record<string, readonly number[]>>> {
    return this.#page.evaluate(async (name) => {
      const read = async (): Promise<Record<string, number[]>> => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle(name).catch(() => null);
        const found: Record<string, number[]> = {};
        if (folder !== null)
          for await (const handle of folder.values())
            if (handle instanceof FileSystemFileHandle)
              found[handle.name] = [...new Uint8Array(await (await handle.getFile()).arrayBuffer())];
        return found;
      };
      for (let tries = 0; ; tries++)
        try {
          return await read();
        } catch (error) {
          if (!(error instanceof DOMException) || tries === 20) throw error;
        }
    }, NAME);
  }
}
