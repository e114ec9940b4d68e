import 'fake-indexeddb/auto';
import { vi } from 'vitest';
import type { WalletState } from '../../engine/node/service-api.ts';
import { deleteIndexedDbStore } from '../../engine/platform/indexeddb-store.ts';
import { LogRing } from '../log-ring.ts';
import { WalletHost } from '../wallet-host.ts';

export const WORDS =
  'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'.split(' ');

/** One lock per name, as the browser's: held until its holder's promise ends. */
class Locks {
  readonly #held = new Map<string, Promise<unknown>>();

  async request(
    name: string,
    { ifAvailable = false, signal }: LockOptions,
    run: (lock: object | null) => unknown,
  ): Promise<unknown> {
    // As the browser does, after the caller.
    await Promise.resolve();
    if (ifAvailable && this.#held.has(name)) return run(null);
    while (this.#held.has(name)) {
      await Promise.race([this.#held.get(name), aborted(signal)]);
      if (signal?.aborted === true) throw new Error('aborted');
    }
    const holding = Promise.resolve(run({ name })).finally(() => this.#held.delete(name));
    this.#held.set(name, holding);
    return holding;
  }
}

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));

type Heard = (message: { readonly data: unknown }) => void;

/** Node.js's own reaches every thread of the process: tests of other files too. */
class Channel {
  static readonly all = new Map<string, Set<Channel>>();
  readonly #peers: Set<Channel>;
  readonly #heard = new Set<Heard>();

  constructor(name: string) {
    this.#peers = Channel.all.get(name) ?? new Set();
    Channel.all.set(name, this.#peers.add(this));
  }

  addEventListener(_type: 'message', heard: Heard): void {
    this.#heard.add(heard);
  }

  postMessage(message: unknown): void {
    const data = structuredClone(message);
    queueMicrotask(() => {
      for (const peer of this.#peers) if (peer !== this) for (const heard of peer.#heard) heard({ data });
    });
  }
}

const hosts: WalletHost[] = [];

/** A browser without a network, and nothing on its disk. The tests' file has to set `self.location` beforehand. */
export async function newBrowser(): Promise<void> {
  vi.stubGlobal('navigator', { locks: new Locks() });
  Channel.all.clear();
  vi.stubGlobal('BroadcastChannel', Channel);
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  await deleteIndexedDbStore('leyden');
}

export async function closeBrowser(): Promise<void> {
  for (const host of hosts.splice(0)) await host.erase();
  vi.unstubAllGlobals();
}

/** The worker of another tab, or of the same one after a reload. */
export function openHost(): { readonly host: WalletHost; readonly states: WalletState[] } {
  const states: WalletState[] = [];
  const host = new WalletHost(new LogRing(), {
    onState: (state) => states.push(state),
    onNode: () => undefined,
  });
  hosts.push(host);
  return { host, states };
}
