import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeId } from '../../engine/base/ids.ts';
import { lspOf, parseHook, type Hook } from './hook.ts';

/** The name of a hook as it stands in its webhook's address: 64 digits of hex. */
export type HookName = string;
const NAME = /^[0-9a-f]{64}$/;
export const isHookName = (text: string): text is HookName => NAME.test(text);

/** `lsp`: of a hook of old, whose webhook does not say who may call it. */
export type StoredHook = { readonly hook: Hook; readonly lsp: NodeId | null };

/** One file for each hook, written whole or not at all: where the browser is woken, and until when we remember it. */
export class HookStore {
  readonly #folder: string;
  readonly #isPushService: (endpoint: URL) => boolean;
  readonly #forgetAfterMs: number;
  /** When each is forgotten, in ms since 1970. */
  readonly #until: Map<HookName, number>;
  #written = 0;
  /** Ends when the last write does. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    folder: string,
    isPushService: (endpoint: URL) => boolean,
    forgetAfterMs: number,
    until: Map<HookName, number>,
  ) {
    this.#folder = folder;
    this.#isPushService = isPushService;
    this.#forgetAfterMs = forgetAfterMs;
    this.#until = until;
  }

  /** Makes the folder where it is missing. */
  static async open(
    folder: string,
    isPushService: (endpoint: URL) => boolean,
    forgetAfterMs: number,
  ): Promise<HookStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = await readdir(folder);
    // What a crash left half written.
    for (const file of files) if (file.endsWith('.new')) await rm(join(folder, file), { force: true });
    const until = new Map<HookName, number>();
    for (const name of files.filter(isHookName))
      until.set(name, await untilOf(join(folder, name), forgetAfterMs));
    return new HookStore(folder, isPushService, forgetAfterMs, until);
  }

  get size(): number {
    return this.#until.size;
  }

  has(name: HookName): boolean {
    return this.#until.has(name);
  }

  /** Null when there is none, or what stands there is not a hook of ours any more. */
  async get(name: HookName): Promise<StoredHook | null> {
    if (!this.#until.has(name)) return null;
    try {
      const json: unknown = JSON.parse(await readFile(this.#path(name), 'utf8'));
      const hook = parseHook(json, this.#isPushService);
      return typeof hook === 'string' ? null : { hook, lsp: lspOf(json) };
    } catch {
      return null;
    }
  }

  /** A new one is perhaps nobody's: it is remembered half as long as one that came back, or whose LSP called. */
  async put(name: HookName, hook: Hook, nowMs: number): Promise<void> {
    await this.#inTurn(async () => {
      const until = this.#until.has(name) ? nowMs + this.#forgetAfterMs : this.#soon(nowMs);
      // Its LSP may still have the webhook of old.
      const lsp = (await this.get(name))?.lsp ?? null;
      await this.#write(name, { hook, lsp }, until);
    });
  }

  /**
   * Its LSP has signed something.
   * @param byAddress the webhook's address said who it is: from now on that is the LSP's webhook, and the id is forgotten
   */
  async called(name: HookName, byAddress: boolean, nowMs: number): Promise<void> {
    await this.#inTurn(async () => {
      const stored = await this.get(name);
      const until = this.#until.get(name);
      if (stored === null || until === undefined) return;
      const lsp = byAddress ? null : stored.lsp;
      const isLong = until > this.#soon(nowMs);
      if (isLong && lsp === stored.lsp) return;
      await this.#write(name, { hook: stored.hook, lsp }, isLong ? until : nowMs + this.#forgetAfterMs);
    });
  }

  /** @returns whether one was found that is forgotten soon anyway, as a new one is; it is gone now */
  async makeRoom(nowMs: number): Promise<boolean> {
    let soonest: HookName | null = null;
    let earliest = Infinity;
    for (const [name, until] of this.#until)
      if (until <= this.#soon(nowMs) && until < earliest) [soonest, earliest] = [name, until];
    if (soonest === null) return false;
    await this.delete(soonest);
    return true;
  }

  async delete(name: HookName): Promise<void> {
    await this.#inTurn(() => this.#remove(name));
  }

  /** Unless its wallet has meanwhile renewed it at another address than `endpoint`. */
  async deleteAt(name: HookName, endpoint: string): Promise<void> {
    await this.#inTurn(async () => {
      if ((await this.get(name))?.hook.endpoint === endpoint) await this.#remove(name);
    });
  }

  /** @returns how many were to be forgotten by now, and are gone */
  async forget(nowMs: number): Promise<number> {
    let forgotten = 0;
    for (const [name, until] of this.#until) {
      if (until >= nowMs) continue;
      await this.delete(name);
      forgotten += 1;
    }
    return forgotten;
  }

  /** When a hook is forgotten that is new now. */
  #soon(nowMs: number): number {
    return nowMs + this.#forgetAfterMs / 2;
  }

  async #remove(name: HookName): Promise<void> {
    this.#until.delete(name);
    await rm(this.#path(name), { force: true });
  }

  async #write(name: HookName, { hook, lsp }: StoredHook, until: number): Promise<void> {
    this.#written += 1;
    const draft = `${this.#path(name)}.${this.#written}.new`;
    const json = { ...(lsp === null ? {} : { lsp }), ...hook, until };
    await writeFile(draft, JSON.stringify(json), { mode: 0o600, flush: true });
    await rename(draft, this.#path(name));
    this.#until.set(name, until);
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

/** One of old says whether its LSP ever signed anything, and its file's time is when the wallet last renewed it. */
async function untilOf(file: string, forgetAfterMs: number): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [, until] = /"until":(\d+)\}$/.exec(text) ?? [];
  if (until !== undefined) return Number(until);
  const { mtimeMs } = await stat(file);
  return mtimeMs + (text.endsWith('"signed":true}') ? forgetAfterMs : forgetAfterMs / 2);
}
