import type { PeerEvent } from '../real-peer.ts';
import type { Rpc } from '../rpc.ts';
import { followChain, type Best } from './chain-follower.ts';
import type { ldk } from './library.ts';

/** Keeps LDK at bitcoind's tip, one run at a time. */
export class ChainSync {
  readonly #rpc: Rpc;
  readonly #listeners: readonly ldk.Listen[];
  /** Called after each block. */
  readonly #stirred: () => void;
  readonly #tell: (event: PeerEvent) => void;
  #best: Best;
  #running: Promise<void> | null = null;
  #isStopped = false;

  constructor(parts: {
    readonly rpc: Rpc;
    readonly listeners: readonly ldk.Listen[];
    readonly best: Best;
    readonly stirred: () => void;
    readonly tell: (event: PeerEvent) => void;
  }) {
    this.#rpc = parts.rpc;
    this.#listeners = parts.listeners;
    this.#best = parts.best;
    this.#stirred = parts.stirred;
    this.#tell = parts.tell;
  }

  /** Looks once; joins the look that is under way. */
  look(): Promise<void> {
    this.#running ??= this.#follow().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Resolves when the tip as of the call is known. */
  async toTip(): Promise<void> {
    // The look under way may have seen an older tip.
    await this.#running;
    await this.look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running?.catch(() => {
      // bitcoind may have gone first.
    });
  }

  async #follow(): Promise<void> {
    const before = this.#best;
    this.#best = await followChain(this.#rpc, this.#best, {
      connected: ({ bytes, height }) => {
        if (this.#isStopped) return;
        for (const listener of this.#listeners) listener.block_connected(bytes, height);
        this.#stirred();
      },
      disconnected: (header, height) => {
        if (this.#isStopped) return;
        for (const listener of this.#listeners) listener.block_disconnected(header, height);
        this.#stirred();
      },
    });
    if (this.#best.hash !== before.hash) this.#tell({ type: 'block', ...this.#best });
  }
}
