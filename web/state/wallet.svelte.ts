import type { Network } from '../../engine/base/network.ts';
import type { Result } from '../../engine/base/result.ts';
import type { LockWays } from '../../engine/node/lock-api.ts';
import type { NodeApi, Snapshots, Topic } from '../../engine/node/api.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import type { WalletService, WalletState } from '../../engine/node/service-api.ts';
import { afterFrame } from './after-frame.ts';
import { ask } from './ask.ts';
import { forgetHandle } from './handle-store.ts';
import { forget, forgetAll, keep, recall } from './kept.ts';
import { keepSeen, recallSeen } from './seen.ts';
import { markErasing, markWallet, markedWallet, unmarkWallet } from './wallet-mark.ts';

const TOPICS: readonly Topic[] = ['status', 'balances', 'channels', 'peers', 'payments', 'backup'];

/**
 * What stands below all else on home: it takes longer to draw than the balance, the more of it there is. Not the backup, whose
 * step comes above others, which would move.
 */
const BELOW: readonly Topic[] = ['payments'];

/** As long as index.html waits for the page itself. */
const LATE_MS = 10_000;

/** The browser's data is empty, and nobody emptied it on purpose: see wallet-mark.ts. */
export type GoneState = { readonly tag: 'gone'; readonly network: string };

/** The wallet as the page sees it: whole snapshots of the engine, replaced and never changed. */
export class Wallet {
  readonly service: WalletService;
  /** Null until the disk was read. */
  state: WalletState | GoneState | null = $state.raw(null);
  /** Set when the worker itself cannot be reached. */
  broken: Refusal | null = $state.raw(null);
  #late = $state.raw(false);
  #begunAnew = false;
  #snapshots: { readonly [T in Topic]: Snapshots[T] | null } = $state.raw({
    status: null,
    balances: recallSeen(),
    channels: null,
    peers: null,
    payments: null,
    backup: null,
  });
  /** Whether this browser had a wallet without a lock when the page was last open: it is drawn before the disk is read. */
  readonly expected: boolean = recall('device', 'wallet', { open: false }).open;
  /** What of it came ahead of the frame that shows the first balance. Null once that is drawn. */
  #below: (() => void)[] | null = [];
  #unwatch: (() => void)[] = [];
  #listeners = new Set<(topic: Topic) => void>();
  #onRead: (() => void) | null;

  /** @param onRead the engine runs, and what is on the disk is nothing that it cannot read */
  constructor(service: WalletService, onRead: () => void = () => undefined) {
    this.service = service;
    this.#onRead = onRead;
  }

  /** The engine does not come, or has said nothing for long: perhaps this build of it is no good. */
  get stuck(): boolean {
    return this.broken !== null || (this.#late && this.state === null);
  }
  get node(): NodeApi {
    return this.service.node;
  }
  get status(): Snapshots['status'] | null {
    return this.#snapshots.status;
  }
  get balances(): Snapshots['balances'] | null {
    return this.#snapshots.balances;
  }
  get channels(): Snapshots['channels'] | null {
    return this.#snapshots.channels;
  }
  get peers(): Snapshots['peers'] | null {
    return this.#snapshots.peers;
  }
  get backup(): Snapshots['backup'] | null {
    return this.#snapshots.backup;
  }
  get payments(): Snapshots['payments'] | null {
    return this.#snapshots.payments;
  }
  get network(): Network | null {
    return this.state?.tag === 'open' ? this.state.network : null;
  }

  /** Called after each snapshot that arrives. */
  onSnapshot(listener: (topic: Topic) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows the wallet for as long as the page lives: its state, and its snapshots while it is open. */
  async open(): Promise<void> {
    const late = setTimeout(() => (this.#late = true), LATE_MS);
    this.#unwatch.push(() => clearTimeout(late));
    const watched = await ask(async () => {
      // All asked at once, in order: what an answer waits for, the others have behind them.
      const asked = [
        this.service.watchState((state) => this.#enter(state)),
        ...TOPICS.map((topic) => this.service.watch(topic, (snapshot) => this.#take(topic, snapshot))),
      ];
      this.#unwatch.push(...(await Promise.all(asked)));
      return { ok: true as const, value: undefined };
    });
    this.broken = watched.ok ? null : watched.error;
  }

  close(): void {
    for (const stop of this.#unwatch) stop();
    this.#unwatch = [];
  }

  /** Of a browser that removed the page's mark as well. */
  #missedIn({ missed }: WalletState & { readonly tag: 'none' }): { readonly network: string } | null {
    return missed === true && !this.#begunAnew ? { network: '' } : null;
  }

  /** After a command that changes it, for those who go on at once. */
  async refresh(): Promise<void> {
    const answer = await ask(async () => ({ ok: true as const, value: await this.service.state() }));
    if (answer.ok) this.#enter(answer.value);
    else this.broken = answer.error;
  }

  #enter(state: WalletState): void {
    if (state.tag !== 'unreadable') {
      this.#onRead?.();
      this.#onRead = null;
    }
    if (state.tag === 'open') markWallet(state.network);
    else if (state.tag === 'locked') markWallet(null);
    const missed = state.tag === 'none' ? (markedWallet() ?? this.#missedIn(state)) : null;
    this.state = missed === null ? state : { tag: 'gone', network: missed.network };
    // Of a wallet with a lock nothing stays behind, not even in this tab.
    const unlocked = state.tag === 'open' && !hasLock(state.lock);
    if (state.tag === 'open' || state.tag === 'none' || state.tag === 'locked')
      keep('device', 'wallet', { open: unlocked });
    if (!unlocked && state.tag !== 'elsewhere') forget('tab', 'seen');
    // What was locked or erased is not to be seen; what another tab has only while it shows it.
    if (state.tag !== 'open' && !(state.tag === 'elsewhere' && state.holder === 'open')) {
      this.#below = null;
      this.#snapshots = {
        status: null,
        balances: null,
        channels: null,
        peers: null,
        payments: null,
        backup: null,
      };
    }
  }

  /** Every call of the engine goes through here: that another tab took over is noticed wherever it shows first. */
  async ask<T>(answer: () => Promise<Result<T, Refusal>>): Promise<Result<T, Refusal>> {
    const result = await ask(answer);
    if (!result.ok && result.error.code === 'open-elsewhere') await this.refresh();
    return result;
  }

  async erase(): Promise<Result<void, Refusal>> {
    markErasing(true);
    const result = await this.ask(() => this.service.erase());
    if (result.ok) {
      forgetAll();
      void forgetHandle('backup-folder');
      await this.refresh();
    }
    // A disk that could not be emptied yet is emptied by the browser later: that is no loss then.
    else if (!result.error.code.startsWith('storage-')) markErasing(false);
    return result;
  }

  /** The wallet that was here is given up: what follows is a first run. */
  async beginAnew(): Promise<void> {
    this.#begunAnew = true;
    unmarkWallet();
    // The folder of the wallet before: its files stay in it.
    forget('device', 'backup-folder');
    void forgetHandle('backup-folder');
    await this.refresh();
  }

  #drawn(): void {
    const below = this.#below ?? [];
    this.#below = null;
    for (const take of below) take();
  }

  #take<T extends Topic>(topic: T, snapshot: Snapshots[T]): void {
    if (this.#below !== null && BELOW.includes(topic)) {
      this.#below.push(() => this.#take(topic, snapshot));
      return;
    }
    if (topic === 'balances' && this.#below !== null) afterFrame(() => this.#drawn());
    this.#snapshots = { ...this.#snapshots, [topic]: snapshot };
    if (
      this.balances !== null &&
      topic === 'balances' &&
      this.state?.tag === 'open' &&
      !hasLock(this.state.lock)
    )
      keepSeen(this.balances);
    for (const listener of this.#listeners) listener(topic);
  }
}

const hasLock = ({ passphrase, passkeys }: LockWays): boolean => passphrase || passkeys.length > 0;
