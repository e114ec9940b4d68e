import 'fake-indexeddb/auto';
import { expect, vi } from 'vitest';
import type { WalletState } from '../../engine/node/service-api.ts';
import { deleteIndexedDbStore } from '../../engine/platform/indexeddb-store.ts';
import { LogRing } from '../log-ring.ts';
import { WalletHost } from '../wallet-host.ts';

export const WORDS =
  'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'.split(' ');

type Waiting = { readonly grant: () => void; readonly refuse: (why: Error) => void };

/** One lock per name, as the browser's: held until its holder's promise ends, given in the order it was asked for. */
class Locks {
  #held: { readonly drop: (why: Error) => void } | null = null;
  #over = false;
  readonly #waiting: Waiting[] = [];

  async request(
    name: string,
    { ifAvailable = false, steal = false, signal }: LockOptions,
    run: (lock: object | null) => unknown,
  ): Promise<unknown> {
    // As the browser does, after the caller.
    await Promise.resolve();
    if (this.#over) return new Promise(() => undefined);
    if (ifAvailable && this.#held !== null) return run(null);
    if (steal) this.drop();
    else if (this.#held !== null)
      await new Promise<void>((grant, refuse) => {
        const waiting = { grant, refuse };
        this.#waiting.push(waiting);
        signal?.addEventListener('abort', () => {
          const place = this.#waiting.indexOf(waiting);
          if (place >= 0) this.#waiting.splice(place, 1);
          refuse(new Error('aborted'));
        });
      });
    return new Promise((resolve, reject) => {
      const mine = { drop: reject };
      this.#held = mine;
      Promise.resolve(run({ name })).then((value) => {
        if (this.#held === mine) this.next();
        resolve(value);
      }, reject);
    });
  }

  /** Whoever has it has it no more, and it goes to nobody. */
  drop(): void {
    this.#held?.drop(new Error('stolen'));
    this.#held = null;
  }

  /** Whoever has it loses it, and nobody gets it any more. */
  end(): void {
    this.#over = true;
    this.drop();
  }

  next(): void {
    const next = this.#waiting.shift();
    // At once: nobody slips in between.
    this.#held = next === undefined ? null : { drop: next.refuse };
    next?.grant();
  }
}

let locks = new Locks();

/** The worker with the lock dies, as far as the browser is concerned. */
export function dropLocks(): void {
  locks.drop();
  locks.next();
}

/** Nobody hears anybody from now on. */
export function silence(): void {
  Channel.all.clear();
}

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
  locks = new Locks();
  vi.stubGlobal('navigator', { locks });
  Channel.all.clear();
  vi.stubGlobal('BroadcastChannel', Channel);
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  await deleteIndexedDbStore('leyden');
}

export async function closeBrowser(): Promise<void> {
  const ended = hosts.splice(0);
  for (const host of ended) await host.erase();
  locks.end();
  // What is left of them lets go of the disk, and would still ask this browser for things.
  await vi.waitFor(async () => {
    for (const host of ended) expect(['elsewhere', 'unreadable']).toContain((await host.state()).tag);
  });
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
