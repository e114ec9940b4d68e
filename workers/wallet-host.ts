import type { Network } from '../engine/base/network.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import { put, type Write } from '../engine/base/write.ts';
import { decode, encode } from '../engine/codec/field.ts';
import { Secret } from '../engine/crypto/secret.ts';
import { restoreWrite } from '../engine/node/loaded.ts';
import { loadNode, type LeydenNode } from '../engine/node/node.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { NetworkServers, WalletState } from '../engine/node/service-api.ts';
import { parseNetworkServers } from '../engine/node/servers-config.ts';
import { fetchHttp } from '../engine/platform/fetch-http.ts';
import { deleteIndexedDbStore, openIndexedDbStore } from '../engine/platform/indexeddb-store.ts';
import { instantiateSecp256k1 } from '../engine/platform/secp256k1-web.ts';
import { systemClock } from '../engine/platform/system-clock.ts';
import { systemRandom } from '../engine/platform/system-random.ts';
import { acquireWalletLock, awaitWalletLock, type WalletLock } from '../engine/platform/wallet-lock.ts';
import { webSocketDial } from '../engine/platform/websocket-dial.ts';
import type { Store, StoreFailure } from '../engine/storage/store.ts';
import { checkWords, seedOf } from '../engine/wallet/words.ts';
import type { LogRing } from './log-ring.ts';
import { decodeServers, encodeServers, fetchConfig, noServers, serversOf } from './servers.ts';
import { TakeOver } from './take-over.ts';
import { IDENTITY_KEY, SERVERS_KEY, identityRecord, type Identity } from './wallet-identity.ts';

const DATABASE = 'leyden';
const LOCK = 'leyden-wallet';
const TAKE_OVER_MS = 15_000;
const START_AGAIN_MS: readonly number[] = [2_000, 5_000, 15_000, 30_000];

/** An open wallet: the one writer of its store, for as long as `lock` is held. */
type Open = {
  readonly lock: WalletLock;
  readonly store: Store;
  wallet: { identity: Identity; servers: NetworkServers; readonly node: LeydenNode } | null;
};

export type WalletHostEvents = {
  readonly onState: (state: WalletState) => void;
  readonly onNode: (node: LeydenNode | null) => void;
};

/** The wallet's life in this worker: lock, disk, identity, node. Calls that change it run one after another. */
export class WalletHost {
  #state: WalletState | null = null;
  #open: Open | null = null;
  #last: Promise<unknown>;
  readonly #takeOver = new TakeOver();
  readonly #log: LogRing;
  readonly #events: WalletHostEvents;

  constructor(log: LogRing, events: WalletHostEvents) {
    this.#log = log;
    this.#events = events;
    this.#takeOver.onAsked(() => {
      this.#inTurn(() => this.#letGo()).catch((error: unknown) =>
        this.#log.log('error', 'worker', 'letting go failed', { why: String(error) }),
      );
    });
    this.#last = this.#begin();
  }

  async state(): Promise<WalletState> {
    await this.#last;
    return this.#state ?? { tag: 'unreadable', code: 'storage-failed', detail: 'not read' };
  }

  get identity(): Identity | null {
    return this.#open?.wallet?.identity ?? null;
  }

  get node(): LeydenNode | null {
    return this.#open?.wallet?.node ?? null;
  }

  /** Those that the configuration names, once it was read. */
  get knownPeers(): NetworkServers['peers'] {
    return this.#open?.wallet?.servers.peers ?? [];
  }

  /** The servers in use: settings, or else what the page's operator offers. */
  async servers(): Promise<NetworkServers> {
    await this.#last;
    const open = this.#open;
    if (open?.wallet == null) return noServers;
    if (open.wallet.servers === noServers) await this.#findServers(open, open.wallet.identity.network);
    return open.wallet.servers;
  }

  /** `restored`: the words are older than this device, so the chain is looked through for what they received. */
  create(typed: readonly string[], network: Network, restored = false): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      const words = checkWords(typed);
      if (!words.ok) return words;
      const open = this.#open;
      if (open === null) return err({ code: 'open-elsewhere' });
      if (open.wallet !== null) return err({ code: 'wallet-exists' });
      // What could not be read is a wallet all the same: its words must not be written over.
      if (this.#state?.tag !== 'none')
        return err({ code: 'storage-failed', detail: 'what is on this device could not be read' });
      const seed = await seedOf(words.value);
      const identity: Identity = {
        network,
        words: words.value,
        seed: seed.expose().slice(),
        createdAt: systemClock.now(),
        wordsConfirmed: false,
      };
      const saved = await this.#save(open, [
        put('meta', IDENTITY_KEY, encode(identityRecord, identity)),
        ...(restored ? [restoreWrite] : []),
      ]);
      return saved.ok ? this.#openWallet(open, identity) : saved;
    });
  }

  wordsConfirmed(): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      const wallet = this.#open?.wallet;
      if (this.#open === null || wallet === null || wallet === undefined) return err({ code: 'no-wallet' });
      const identity = { ...wallet.identity, wordsConfirmed: true };
      const saved = await this.#save(this.#open, [
        put('meta', IDENTITY_KEY, encode(identityRecord, identity)),
      ]);
      if (!saved.ok) return saved;
      wallet.identity = identity;
      this.#tell(openState(identity));
      return ok(undefined);
    });
  }

  setServers(given: NetworkServers): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      const open = this.#open;
      const identity = open?.wallet?.identity;
      if (open === null || identity === undefined) return err({ code: 'no-wallet' });
      const servers = parseNetworkServers(given, 'servers', identity.network);
      if (!servers.ok) return servers;
      const saved = await this.#save(open, [put('meta', SERVERS_KEY, encodeServers(servers.value))]);
      if (!saved.ok) return saved;
      await this.#closeNode(open);
      return this.#openWallet(open, identity);
    });
  }

  /** Asks the tab that has the wallet to let go, waits until it has, and opens it here. */
  takeOver(): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      // What could not be read, or was lost since, is tried anew.
      if (this.#open !== null && this.#state?.tag === 'unreadable') await this.#letGo();
      if (this.#open !== null) return ok(undefined);
      this.#takeOver.ask();
      const lock = await awaitWalletLock(LOCK, AbortSignal.timeout(TAKE_OVER_MS));
      if (lock === null) return err({ code: 'timed-out', waitingFor: 'the other tab' });
      await this.#read(lock);
      return ok(undefined);
    });
  }

  /** Deletes everything of this wallet on this device. */
  erase(): Promise<Result<void, Refusal>> {
    return this.#inTurn(async () => {
      const open = this.#open;
      if (open === null) return err({ code: 'open-elsewhere' });
      await this.#closeNode(open);
      await open.store.close();
      const deleted = await deleteIndexedDbStore(DATABASE);
      await this.#read(open.lock);
      return deleted.ok ? ok(undefined) : err({ code: 'storage-failed', detail: deleted.error.detail });
    });
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #begin(): Promise<void> {
    const lock = await acquireWalletLock(LOCK);
    if (lock === null) this.#tell({ tag: 'elsewhere' });
    else await this.#read(lock);
  }

  /** With the lock held: what is on this device? */
  async #read(lock: WalletLock): Promise<void> {
    const opened = await openIndexedDbStore(DATABASE, {
      onLost: (failure) => this.#tell(unreadable(failure)),
    });
    if (!opened.ok) {
      this.#open = null;
      lock.release();
      this.#tell(unreadable(opened.error));
      return;
    }
    const open: Open = { lock, store: opened.value, wallet: null };
    this.#open = open;
    const stored = await open.store.get('meta', IDENTITY_KEY);
    if (!stored.ok) this.#tell(unreadable(stored.error));
    else if (stored.value === null) this.#tell(await withoutIdentity(open.store));
    else {
      const identity = decode(identityRecord, stored.value);
      if (identity.ok) await this.#openWallet(open, identity.value);
      else this.#tell({ tag: 'unreadable', code: 'storage-failed', detail: 'the wallet’s own record' });
    }
  }

  async #openWallet(open: Open, identity: Identity): Promise<Result<void, Refusal>> {
    const loaded = await loadNode({
      network: identity.network,
      seed: new Secret(identity.seed),
      // Asked for at start, not before: nothing on the network stands before the first balance.
      servers: () => this.#findServers(open, identity.network),
      store: open.store,
      http: fetchHttp(),
      dial: webSocketDial(() => open.wallet?.servers.proxies ?? []),
      clock: systemClock,
      random: systemRandom,
      log: this.#log.log,
      instantiateCurve: instantiateSecp256k1,
    });
    if (!loaded.ok) {
      const { error } = loaded;
      const code = error.code === 'storage-too-new' ? error.code : 'storage-failed';
      this.#tell({ tag: 'unreadable', code, detail: 'detail' in error ? error.detail : error.code });
      return loaded;
    }
    open.wallet = { identity, servers: noServers, node: loaded.value };
    this.#events.onNode(loaded.value);
    this.#tell(openState(identity));
    this.#start(open, loaded.value, 0);
    return ok(undefined);
  }

  /** Until it starts: the page may be opened without a network, and HTLCs have deadlines all the same. */
  #start(open: Open, node: LeydenNode, attempt: number): void {
    const failed = (why: string): void => {
      this.#log.log('warn', 'worker', 'the node did not start', { why });
      const delay = START_AGAIN_MS[Math.min(attempt, START_AGAIN_MS.length - 1)];
      systemClock.after(delay ?? 30_000, () => {
        if (open.wallet?.node === node) this.#start(open, node, attempt + 1);
      });
    };
    node.api.start().then(
      (started) => {
        if (!started.ok) failed(started.error.code);
      },
      (error: unknown) => failed(String(error)),
    );
  }

  /** From settings, or else what the operator of this page offers. */
  async #findServers(open: Open, network: Network): Promise<Result<NetworkServers, Refusal>> {
    const own = await open.store.get('meta', SERVERS_KEY);
    if (!own.ok) return err({ code: 'storage-failed', detail: own.error.detail });
    const kept = own.value === null ? null : decodeServers(own.value, network);
    const found = kept?.ok === true ? kept : serversOf(await fetchConfig(), network);
    if (found.ok && open.wallet !== null) open.wallet.servers = found.value;
    return found;
  }

  async #letGo(): Promise<void> {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    try {
      await this.#closeNode(open);
    } finally {
      // Waits for a write under way; only then may another tab write.
      await open.store.close();
      open.lock.release();
      this.#tell({ tag: 'elsewhere' });
    }
  }

  async #closeNode(open: Open): Promise<void> {
    const { wallet } = open;
    open.wallet = null;
    this.#events.onNode(null);
    await wallet?.node.api.stop();
  }

  async #save(open: Open, writes: readonly Write[]): Promise<Result<void, Refusal>> {
    const saved = await open.store.commit(writes);
    return saved.ok ? saved : err({ code: 'storage-failed', detail: saved.error.detail });
  }

  #tell(state: WalletState): void {
    this.#state = state;
    this.#events.onState(state);
  }
}

const openState = ({ network, createdAt, wordsConfirmed }: Identity): WalletState => ({
  tag: 'open',
  network,
  createdAt,
  wordsConfirmed,
});

/** A wallet without its words is a damaged one, not none. */
async function withoutIdentity(store: Store): Promise<WalletState> {
  for (const table of ['wallet', 'channel'] as const) {
    const rows = await store.scan(table, { limit: 1 });
    if (!rows.ok) return unreadable(rows.error);
    if (rows.value.length > 0)
      return { tag: 'unreadable', code: 'storage-failed', detail: 'the wallet’s own record is missing' };
  }
  return { tag: 'none' };
}

const unreadable = (failure: StoreFailure): WalletState => ({
  tag: 'unreadable',
  code: failure.code === 'newer-version' ? 'storage-too-new' : 'storage-failed',
  detail: failure.detail,
});
