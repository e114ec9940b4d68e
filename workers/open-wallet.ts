import type { LeydenNode } from '../engine/node/node.ts';
import type { NetworkServers, ServersTrouble } from '../engine/node/service-api.ts';
import type { WalletLock } from '../engine/platform/wallet-lock.ts';
import type { KeptLog } from './kept-log.ts';
import type { Place, Vault } from './vault.ts';
import type { Look } from './wallet-disk.ts';
import type { Identity } from './wallet-identity.ts';

/** The disk of a wallet, of which this worker is the one writer for as long as `lock` is held. */
export type Open = {
  readonly lock: WalletLock;
  /** What is on it is sealed: read and written through the vault. */
  readonly place: Place;
  /** As it was found. */
  readonly look: Look;
  /** Null while nothing has unlocked it. */
  vault: Vault | null;
  wallet: Wallet | null;
  /** Null while its key is not there. */
  log: KeptLog | null;
  /** Something of `wallet` changed that the page shows. */
  readonly onChanged: () => void;
};

export type Wallet = {
  identity: Identity;
  servers: NetworkServers;
  serversTrouble: ServersTrouble | null;
  idleMinutes: number | null;
  /** Until when its words are shown without a proof, on the monotonic clock. */
  provenUntilMs: number;
  /** Locked while it was open: it runs, and answers nobody. */
  hidden: boolean;
  readonly node: LeydenNode;
};
