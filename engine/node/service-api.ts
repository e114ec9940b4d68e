import type { Network } from '../base/network.ts';
import type { Answer, LspServer, NodeApi, Snapshots, Topic } from './api.ts';
import type { Probing } from './node-options.ts';
import type { LockApi, LockWays, NewLock, Unlock } from './lock-api.ts';

/** Servers of one network, as `public/config.json` offers them and settings may override. */
export type NetworkServers = {
  readonly esplora: readonly string[];
  readonly proxies: readonly string[];
  /** Rapid-gossip-sync servers: the map of the network. */
  readonly snapshots: readonly string[];
  /** Files with LDK's scores: what others learnt of the network's channels. */
  readonly scores: readonly string[];
  /** Peers worth offering first. */
  readonly peers: readonly {
    readonly alias: string;
    readonly nodeId: string;
    readonly host: string;
    readonly port: number;
  }[];
  /** Whom to ask for a channel when one is paid without. */
  readonly lsps: readonly LspServer[];
  /** The most that is ever agreed to for one channel. */
  readonly lspFeeLimitSat: number;
  /** Wakes this browser when an LSP has something for it (services/push-relay); null: nobody does. */
  readonly pushRelay: string | null;
  /** Whether and how often this wallet probes by itself; null, as it is where nothing is said: never. */
  readonly probing?: Probing | null;
  /**
   * Regtest only: `POST { address, amountSat }` sends coins and mines a block. Beside it, at `peer/pay`:
   * `POST { bolt11, amountMsat? }` pays.
   */
  readonly faucet: string | null;
};
export type ServersConfig = {
  readonly defaultNetwork: Network;
  readonly networks: Readonly<Partial<Record<Network, NetworkServers>>>;
};

export type UnreadableCode =
  /** These may pass by themselves, and are looked at again. */
  | 'storage-failed'
  | 'storage-full'
  | 'storage-blocked'
  | 'storage-lost'
  | 'storage-too-new'
  | 'storage-corrupt';

/**
 * A list of servers that cannot be read, or that names none of this network. `own`: the one that a person chose; the page's
 * is used instead. `page`: the page's own, and there is no other: nothing is reached. `kept`: the page's own; the servers
 * that were in use when a person last changed some are used instead.
 */
export type ServersTrouble = { readonly list: 'own' | 'page' | 'kept'; readonly detail: string };

export type WalletState =
  /** No wallet on this device: the first run. A read error is never this. */
  | {
      readonly tag: 'none';
      /** The browser removed what it kept of this page, because it could not read it: a wallet may have been in it. */
      readonly missed?: true;
    }
  | {
      readonly tag: 'open';
      readonly network: Network;
      readonly createdAt: number;
      readonly wordsConfirmed: boolean;
      readonly lock: LockWays;
      /** Minutes without a touch after which the page locks; null: never. */
      readonly idleMinutes: number | null;
      readonly serversTrouble: ServersTrouble | null;
    }
  /** Nothing of it is shown, and nothing is done that is asked for, until it is unlocked. */
  | {
      readonly tag: 'locked';
      readonly ways: LockWays;
      /** The node runs all the same: it was locked while it was open. */
      readonly running: boolean;
    }
  /** Another tab of this browser has the wallet open. */
  | {
      readonly tag: 'elsewhere';
      /**
       * What that tab says of it; 'open': its snapshots are to be seen here. 'other-build': that tab runs another build,
       * whose snapshots could be misread here, and are not read. Null: it does not answer.
       */
      readonly holder: WalletState['tag'] | 'other-build' | null;
    }
  /** The disk could not be read, or was written by a newer version. Nothing was changed. */
  | {
      readonly tag: 'unreadable';
      readonly code: UnreadableCode;
      readonly detail: string;
    };

/** How far the search for coins of restored words has come. */
export type RestoreProgress = { readonly addressesChecked: number; readonly foundSat: bigint };

export type LogLine = {
  /** Unix seconds, with thousandths. */
  readonly at: number;
  readonly level: string;
  readonly scope: string;
  readonly message: string;
};

/**
 * What the engine worker offers the page: the wallet's life around the node, and the node. `watch` calls back with
 * whole snapshots, at most once a frame per topic.
 */
export type WalletService = {
  /** Waits until the disk was read. */
  state(): Promise<WalletState>;
  /** Calls back with the state now and at each change, also when another tab takes the wallet over. */
  watchState(onChange: (state: WalletState) => void): Promise<() => void>;
  checkWords(words: readonly string[]): Answer<void>;
  /** `words`: null for new ones, which then never reach the page but by `revealWords`. `lock`: none when absent. */
  create(words: readonly string[] | null, network: Network, lock?: NewLock): Answer<void>;
  /** The same words; looks for coins on chain before it answers the first balance. */
  restore(
    words: readonly string[],
    network: Network,
    onProgress?: (progress: RestoreProgress) => void,
    lock?: NewLock,
  ): Answer<void>;
  /**
   * The words while they are shown; the only way a secret reaches the page. `proof`: what unlocks the wallet. Refused as
   * 'proof-needed' without one where there is a lock, save for some minutes after the wallet was made or a proof given.
   */
  revealWords(proof?: Unlock): Answer<readonly string[]>;
  wordsConfirmed(): Answer<void>;
  /**
   * Takes the wallet over from another tab: waits until that one has let go. `force`: for one that does not answer; it
   * cannot write any more from then on, and ends when it wakes.
   */
  takeOver(force?: boolean): Answer<void>;
  erase(): Answer<void>;
  servers(): Promise<NetworkServers>;
  /** What the operator of this page offers, in config.json. Null: that cannot be fetched now, or names no server. */
  offeredServers(): Promise<NetworkServers | null>;
  /**
   * Validated; what is changed here to other than what the operator offers is kept on this device until it is put back, the
   * rest goes on to follow him, but for LSPs that he trusts later on; restarts what uses it.
   */
  setServers(servers: NetworkServers): Answer<void>;
  faucet(amountSat: bigint): Answer<{ readonly txId: string }>;
  /** Regtest: has the playground's node pay a request, which stands beside the faucet. `amountMsat`: where the request names none. */
  payRequest(invoice: string, amountMsat: bigint | null): Answer<void>;
  logs(): Promise<readonly LogLine[]>;
  watch<T extends Topic>(topic: T, onChange: (snapshot: Snapshots[T]) => void): Promise<() => void>;
  readonly lock: LockApi;
  readonly node: NodeApi;
};
