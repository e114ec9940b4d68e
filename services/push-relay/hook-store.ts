import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseHook, type Hook } from './hook.ts';

/** The name of a hook as it stands in its webhook's address: 64 digits of hex. */
export type HookName = string;
const NAME = /^[0-9a-f]{64}$/;
export const isHookName = (text: string): text is HookName => NAME.test(text);

/** One file for each hook, written whole or not at all; its time is when the wallet last renewed it. */
export class HookStore {
  readonly #folder: string;
  readonly #isPushService: (endpoint: URL) => boolean;
  readonly #names: Set<HookName>;
  /** Those whose LSP never signed anything, the oldest first: perhaps nobody's. */
  readonly #unsigned: Set<HookName>;
  #written = 0;
  /** Ends when the last write does. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    folder: string,
    isPushService: (endpoint: URL) => boolean,
    names: Iterable<HookName>,
    unsigned: Iterable<HookName>,
  ) {
    this.#folder = folder;
    this.#isPushService = isPushService;
    this.#names = new Set(names);
    this.#unsigned = new Set(unsigned);
  }

  /** Makes the folder where it is missing. */
  static async open(folder: string, isPushService: (endpoint: URL) => boolean): Promise<HookStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = await readdir(folder);
    // What a crash left half written.
    for (const file of files) if (file.endsWith('.new')) await rm(join(folder, file), { force: true });
    const names = files.filter(isHookName);
    return new HookStore(folder, isPushService, names, await unsignedOf(folder, names));
  }

  get size(): number {
    return this.#names.size;
  }

  has(name: HookName): boolean {
    return this.#names.has(name);
  }

  /** Null when there is none, or what stands there is not a hook of ours any more. */
  async get(name: HookName): Promise<Hook | null> {
    if (!this.#names.has(name)) return null;
    try {
      const hook = parseHook(JSON.parse(await readFile(this.#path(name), 'utf8')), this.#isPushService);
      return typeof hook === 'string' ? null : hook;
    } catch {
      return null;
    }
  }

  /** Made, or renewed, at `nowMs`. */
  async put(name: HookName, hook: Hook, nowMs: number): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#names.has(name)) this.#unsigned.add(name);
      await this.#write(name, hook, nowMs);
      this.#names.add(name);
    });
  }

  /** Its LSP has signed something. */
  async signed(name: HookName): Promise<void> {
    if (!this.#unsigned.has(name)) return;
    await this.#inTurn(async () => {
      const hook = await this.get(name);
      if (hook === null || !this.#unsigned.delete(name)) return;
      await this.#write(name, hook, (await stat(this.#path(name))).mtimeMs);
    });
  }

  /** @returns whether there was one that its LSP never signed for; the oldest of them is gone now */
  async makeRoom(): Promise<boolean> {
    const [oldest] = this.#unsigned;
    if (oldest === undefined) return false;
    await this.delete(oldest);
    return true;
  }

  async delete(name: HookName): Promise<void> {
    await this.#inTurn(() => this.#remove(name));
  }

  /** Unless its wallet has meanwhile renewed it at another address than `endpoint`. */
  async deleteAt(name: HookName, endpoint: string): Promise<void> {
    await this.#inTurn(async () => {
      if ((await this.get(name))?.endpoint === endpoint) await this.#remove(name);
    });
  }

  /** @returns how many were renewed before `earliestMs`, and are gone now */
  async forgetBefore(earliestMs: number): Promise<number> {
    let forgotten = 0;
    for (const name of this.#names) {
      const file = await stat(this.#path(name)).catch(() => null);
      if (file !== null && file.mtimeMs >= earliestMs) continue;
      await this.delete(name);
      forgotten += 1;
    }
    return forgotten;
  }

  async #remove(name: HookName): Promise<void> {
    this.#names.delete(name);
    this.#unsigned.delete(name);
    await rm(this.#path(name), { force: true });
  }

  async #write(name: HookName, hook: Hook, timeMs: number): Promise<void> {
    this.#written += 1;
    const draft = `${this.#path(name)}.${this.#written}.new`;
    const stored = this.#unsigned.has(name) ? hook : { ...hook, signed: true };
    await writeFile(draft, JSON.stringify(stored), { mode: 0o600, flush: true });
    await utimes(draft, timeMs / 1000, timeMs / 1000);
    await rename(draft, this.#path(name));
  }

  /** One write after the other: none comes between what another read and what it removes. */
  #inTurn(write: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(write);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #path(name: HookName): string {
    return join(this.#folder, name);
  }
}

/** The oldest first. */
async function unsignedOf(folder: string, names: readonly HookName[]): Promise<readonly HookName[]> {
  const unsigned: { readonly name: HookName; readonly timeMs: number }[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const text = await readFile(file, 'utf8').catch(() => '');
    if (!text.endsWith('"signed":true}')) unsigned.push({ name, timeMs: (await stat(file)).mtimeMs });
  }
  return unsigned.toSorted((a, b) => a.timeMs - b.timeMs).map(({ name }) => name);
}
