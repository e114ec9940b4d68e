import type { Network } from '../engine/base/network.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import { put } from '../engine/base/write.ts';
import { encode } from '../engine/codec/field.ts';
import type { LeydenNode } from '../engine/node/node.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { LockApi, NewLock, Unlock } from '../engine/node/lock-api.ts';
import type { LogLine, NetworkServers, WalletState } from '../engine/node/service-api.ts';
import type { StoreFailure } from '../engine/storage/store.ts';
import { parseNetworkServers } from '../engine/node/servers-config.ts';
import { indexedDbCell } from '../engine/platform/indexeddb-cell.ts';
import { beginFreshLog } from '../engine/platform/indexeddb-fresh-log.ts';
import { openIndexedDbStore } from '../engine/platform/indexeddb-store.ts';
import { systemClock } from '../engine/platform/system-clock.ts';
import { systemRandom } from '../engine/platform/system-random.ts';
import type { WalletLock } from '../engine/platform/wallet-lock.ts';
import { checkWords, newWords } from '../engine/wallet/words.ts';
import { KeptLog } from './kept-log.ts';
import { lockDesk } from './lock-desk.ts';
import type { LogRing } from './log-ring.ts';
import { LookAgain } from './look-again.ts';
import { makeWallet } from './new-wallet.ts';
import { carriedFrom, isLocked, type CarriedKey, type Open, type Wallet } from './open-wallet.ts';
import { provenNow, revealWords } from './reveal-words.ts';
import { keepServers } from './chosen-servers.ts';
import { noServers } from './servers.ts';
import { OtherTabs } from './other-tabs.ts';
import { ownBuild } from './own-build.ts';
import { makeVault, openVault, refusalOf, waysOf, type FoundKeyring, type Vault } from './vault.ts';
import { DATABASE, identityOf, lookAt, removeDisk, runningState, unreadable } from './wallet-disk.ts';
import { IDENTITY_KEY, identityRecord, type Identity } from './wallet-identity.ts';
import { findServers, keepStarting, loadWallet } from './wallet-node.ts';
import { elsewhere, WalletPlace } from './wallet-place.ts';

export type WalletHostEvents = {
  readonly onState: (state: WalletState) => void;
  readonly onNode: (node: LeydenNode | null) => void;
};

/** The wallet's life in this worker: lock, disk, identity, node. Calls that change it run one after another. */
export class WalletHost {
  #state: WalletState | null = null;
  #open: Open | null = null;
  /** Only while nothing can be read. */
  #carried: CarriedKey | null = null;
  #last: Promise<unknown>;
  readonly tabs = new OtherTabs(ownBuild(), () => this.#asked());
  readonly #place = new WalletPlace((lock) => this.#soon('opening', () => this.#read(lock)));
  readonly #again = new LookAgain(() => this.#soon('looking again', () => this.#readAgain()));
  readonly #log: LogRing;
  readonly #events: WalletHostEvents;

  constructor(log: LogRing, events: WalletHostEvents) {
    this.#log = log;
    this.#events = events;
    this.#last = this.#begin();
  }

  async state(): Promise<WalletState> {
    await this.#last;
    return this.#state ?? { tag: 'unreadable', code: 'storage-failed', detail: 'not read' };
  }

  /** Null while it is locked, as everything private is. */
  get identity(): Identity | null {
    return this.#shown?.identity ?? null;
  }

  get node(): LeydenNode | null {
    return this.#shown?.node ?? null;
  }

  /** Those that the configuration names, once it was read. */
  get knownPeers(): NetworkServers['peers'] {
    const servers = this.#shown?.servers;
    return servers === undefined ? [] : [...servers.peers, ...servers.lsps];
  }

  /** Why nothing private is answered. */
  get refusal(): Refusal {
    const tag = this.#state?.tag;
    return { code: tag === 'locked' ? 'locked' : tag === 'elsewhere' ? 'open-elsewhere' : 'no-wallet' };
  }

  get #shown(): Wallet | null {
    const wallet = this.#open?.wallet ?? null;
    return wallet === null || wallet.hidden ? null : wallet;
  }

  /** Those of runs before this one with them; none while it is locked. */
  async logs(): Promise<readonly LogLine[]> {
    if ((await this.state()).tag === 'locked') return [];
    await this.#open?.log?.load();
    return this.#log.lines();
  }

  /** The servers in use: settings, or else what the page's operator offers. */
  async servers(): Promise<NetworkServers> {
    await this.#last;
    const open = this.#open;
    if (open?.wallet == null || open.wallet.hidden) return noServers;
    if (open.wallet.servers === noServers) await findServers(open, open.wallet.identity.network);
    return open.wallet.servers;
  }

  /**
   * `typed`: null for new words. `restored`: the words are older than this device, so the chain is looked through for
   * what they received.
   */
  create(
    typed: readonly string[] | null,
    network: Network,
    lock: NewLock = { tag: 'none' },
    restored = false,
  ): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      const words = checkWords(typed ?? newWords(systemRandom));
      if (!words.ok) return words;
      const open = this.#open;
      if (open === null) return err({ code: 'open-elsewhere' });
      if (open.wallet !== null || this.#state?.tag === 'locked') return err({ code: 'wallet-exists' });
      // What could not be read is a wallet all the same: its words must not be written over.
      if (this.#state?.tag !== 'none')
        return err({ code: 'storage-failed', detail: 'what is on this device could not be read' });
      const made = await makeWallet(open.place, { words: words.value, network, lock, restored });
      if (!made.ok) {
        if (made.error.code === 'wallet-exists')
          await this.#closeDisk(open).then(() => this.#read(open.lock));
        return made;
      }
      const { vault, identity } = made.value;
      open.vault = vault;
      const entered = await this.#openWallet(open, vault, identity);
      if (open.wallet !== null) provenNow(open.wallet);
      return entered;
    });
  }

  readonly lock: LockApi = lockDesk({
    inTurn: (run) => this.#inTurn(run),
    open: () => this.#open,
    state: () => this.#state,
    refusal: () => this.refusal,
    unlock: (open, by) => this.#unlock(open, by),
    onNode: (node) => this.#events.onNode(node),
    tell: (state) => this.#tell(state),
  });

  revealWords(proof: Unlock | null): Promise<Result<readonly string[], Refusal>> {
    return this.#inTurn(async () => {
      const { vault, wallet } = this.#open ?? { vault: null, wallet: null };
      if (vault === null || wallet === null || wallet.hidden) return err(this.refusal);
      return revealWords(wallet, vault, proof);
    });
  }

  wordsConfirmed(): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      const { vault, wallet } = this.#open ?? { vault: null, wallet: null };
      if (vault === null || wallet === null || wallet.hidden) return err(this.refusal);
      const identity = { ...wallet.identity, wordsConfirmed: true };
      const saved = await vault.save([put('meta', IDENTITY_KEY, encode(identityRecord, identity))]);
      if (!saved.ok) return saved;
      wallet.identity = identity;
      this.#tell(runningState(wallet, vault));
      return ok(undefined);
    });
  }

  setServers(given: NetworkServers): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      const open = this.#open;
      const identity = this.#shown?.identity;
      if (open?.vault == null || identity === undefined) return err(this.refusal);
      const servers = parseNetworkServers(given, 'servers', identity.network);
      if (!servers.ok) return servers;
      const saved = await keepServers(open, servers.value, identity.network);
      if (!saved.ok) return saved;
      await this.#closeNode(open);
      return this.#openWallet(open, open.vault, identity);
    });
  }

  /** Asks the tab that has the wallet to let go, waits until it has, and opens it here. `force`: see WalletPlace. */
  takeOver(force = false): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      // What could not be read, or was lost since, is tried anew.
      if (this.#open !== null && this.#state?.tag === 'unreadable') await this.#letGo();
      if (this.#open !== null) return ok(undefined);
      const lock = await this.#place.take(() => this.tabs.askToLetGo(), force);
      if (lock.ok) await this.#read(lock.value);
      else this.#place.standBy();
      return lock.ok ? ok(undefined) : lock;
    });
  }

  /** Deletes everything of this wallet on this device. */
  erase(): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      const open = this.#open;
      if (open === null) return err({ code: 'open-elsewhere' });
      await this.#closeNode(open);
      await this.#closeDisk(open);
      this.#log.clear();
      const removed = await removeDisk();
      if (removed.ok) await this.#read(open.lock);
      // Nothing can be opened before the browser has done it.
      else this.#tell(unreadable(removed.error));
      return removed;
    });
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #begin(): Promise<void> {
    // Beside the question whose turn it is: it touches no database of the wallet.
    const freshLog = beginFreshLog();
    const lock = await this.#place.now();
    if (lock !== null) return this.#read(lock, freshLog);
    this.#tell(elsewhere);
    // Also the one that was here before a reload may hold it, until the browser has buried it.
    this.#place.standBy();
  }

  /** With the lock held: what is on this device? */
  async #read(lock: WalletLock, freshLog = beginFreshLog()): Promise<void> {
    const onLost = (failure: StoreFailure): void => this.#lost(lock, failure);
    const opened = await openIndexedDbStore(DATABASE, { freshLog, onLost });
    if (!opened.ok) {
      this.#open = null;
      lock.release();
      this.#tell(unreadable(refusalOf(opened.error)));
      return;
    }
    const look = await lookAt(opened.value);
    const open: Open = {
      lock,
      place: opened.value,
      look,
      vault: null,
      wallet: null,
      closed: false,
      log: null,
      onChanged: () => this.#retell(open),
    };
    this.#open = open;
    void lock.lost.then(() => this.#lost(lock, { code: 'fenced', detail: 'the lock was taken' }));
    if (look.tag === 'none')
      this.#tell(opened.value.missed ? { tag: 'none', missed: true } : { tag: 'none' });
    else if (look.tag === 'unreadable') this.#tell(unreadable(look.refusal));
    else if (look.tag === 'clear') {
      // Left by a version that did not encrypt: sealed before anything else is done with it.
      const made = await makeVault(open.place, { tag: 'none' }, []);
      await this.#enter(open, made);
    } else if (!isLocked(open)) await this.#unlock(open, null);
    else if (!(await this.#goOn(open, look.found)))
      this.#tell({ tag: 'locked', ways: waysOf(look.found.keyring), running: false });
  }

  /** What was unlocked when its disk went is opened again: its payments have deadlines, and whoever unlocked it may be asleep. */
  async #goOn(open: Open, found: FoundKeyring): Promise<boolean> {
    if (this.#carried === null) return false;
    const vault = await openVault(open.place, found, this.#carried.dataKey);
    // It is under another key by now.
    if (!vault.ok && vault.error.code === 'storage-corrupt') return false;
    await this.#enter(open, vault);
    return true;
  }

  /** What could not be used may be now. */
  async #readAgain(): Promise<void> {
    const state = this.#state;
    if (state?.tag !== 'unreadable') return;
    const open = this.#open;
    if (open?.closed === false) {
      // What is still unlocked goes on; what went wrong when it was is not hidden behind the lock again.
      if (open.vault !== null) return void (await this.#enter(open, ok(open.vault)));
      if (isLocked(open) && this.#carried === null) return;
    }
    if (open !== null) {
      await this.#closeNode(open);
      await this.#closeDisk(open);
    }
    if (open?.lock.held === true) return this.#read(open.lock);
    this.#open = null;
    await this.#begin();
  }

  async #unlock(open: Open, by: Unlock | null): Promise<Result<void, Refusal>> {
    if (open.look.tag !== 'sealed') return err({ code: 'internal', detail: open.look.tag });
    const vault = await openVault(open.place, open.look.found, by);
    // Whoever mistypes tries again, and all stays as it is.
    if (!vault.ok && (vault.error.code === 'wrong-passphrase' || vault.error.code === 'wrong-passkey'))
      return vault;
    return this.#enter(open, vault);
  }

  /** With the disk unlocked: whose wallet is it? */
  async #enter(open: Open, vault: Result<Vault, Refusal>): Promise<Result<void, Refusal>> {
    if (!vault.ok) return this.#stuck(vault.error);
    open.vault = vault.value;
    const identity = await identityOf(vault.value);
    return identity.ok ? this.#openWallet(open, vault.value, identity.value) : this.#stuck(identity.error);
  }

  #stuck(refusal: Refusal): Result<void, Refusal> {
    this.#tell(unreadable(refusal));
    return err(refusal);
  }

  async #openWallet(open: Open, vault: Vault, identity: Identity): Promise<Result<void, Refusal>> {
    const loaded = await loadWallet(open, vault, identity, this.#log);
    if (!loaded.ok) return this.#stuck(loaded.error);
    const wallet = loaded.value;
    wallet.hidden = this.#carried?.hidden === true;
    open.wallet = wallet;
    open.log?.end();
    open.log = new KeptLog(this.#log, indexedDbCell('leyden-log', 'lines'), vault.aside('log'), systemClock);
    this.#log.log('info', 'worker', 'the wallet is open', { network: identity.network });
    this.#events.onNode(wallet.hidden ? null : wallet.node);
    this.#tell(runningState(wallet, vault));
    keepStarting(open, wallet.node, this.#log);
    return ok(undefined);
  }

  /** The disk is not ours any more. Nothing can be written: what runs here ends, before it says anything out of date. */
  #lost(lock: WalletLock, failure: StoreFailure): void {
    this.#soon('ending', async () => {
      const open = this.#open;
      if (open?.lock !== lock) return;
      if (failure.code === 'fenced') return this.#letGo();
      this.#carried ??= carriedFrom(open);
      await this.#closeNode(open);
      await this.#closeDisk(open);
      // The lock is kept: this one looks again first.
      this.#tell(unreadable(refusalOf(failure)));
    });
  }

  /** Another tab is next. */
  #asked(): void {
    if (this.#open !== null) this.#soon('letting go', () => this.#letGo());
    else if (this.#state?.tag === 'elsewhere') this.#place.standBy();
  }

  #soon(what: string, run: () => Promise<void>): void {
    this.#inTurn(run).catch((error: unknown) =>
      this.#log.log('error', 'worker', `${what} failed`, { why: String(error) }),
    );
  }

  async #letGo(): Promise<void> {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    try {
      await this.#closeNode(open);
    } finally {
      // Waits for a write under way; only then may another tab write.
      await this.#closeDisk(open);
      open.lock.release();
      this.#tell(elsewhere);
      this.#place.standBy();
    }
  }

  async #closeNode(open: Open): Promise<void> {
    const { wallet } = open;
    open.wallet = null;
    this.#events.onNode(null);
    await wallet?.node.api.stop();
  }

  async #closeDisk(open: Open): Promise<void> {
    const { vault } = open;
    open.vault = null;
    open.closed = true;
    open.log?.end();
    open.log = null;
    await (vault ?? open.place).close();
  }

  #retell({ wallet, vault }: Open): void {
    if (this.#state?.tag === 'open' && wallet && vault) this.#tell(runningState(wallet, vault));
  }

  #tell(state: WalletState): void {
    this.#state = state;
    if (state.tag !== 'unreadable') {
      this.#carried?.dataKey.wipe();
      this.#carried = null;
    }
    this.#again.told(state);
    this.#events.onState(state);
  }
}
