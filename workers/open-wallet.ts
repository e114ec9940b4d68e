import type { Secret } from '../engine/crypto/secret.ts';
import type { LeydenNode } from '../engine/node/node.ts';
import type { NetworkServers, ServersTrouble } from '../engine/node/service-api.ts';
import type { WalletLock } from '../engine/platform/wallet-lock.ts';
import type { KeptLog } from './kept-log.ts';
import { hasLock, waysOf, type Place, type Vault } from './vault.ts';
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
  /** Nothing is read from it any more: it is to be looked at anew. */
  closed: boolean;
  /** Null while its key is not there. */
  log: KeptLog | null;
  /** Something of `wallet` changed that the page shows. */
  readonly onChanged: () => void;
};

/** What was unlocked when the browser took its disk away, until that is there again. */
export type CarriedKey = {
  readonly dataKey: Secret;
  /** As the wallet was. */
  readonly hidden: boolean;
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

/** Whether what was found takes somebody to open it. */
export const isLocked = ({ look }: Open): boolean =>
  look.tag === 'sealed' && hasLock(waysOf(look.found.keyring));

/** Null where nothing is unlocked. */
export const carriedFrom = ({ vault, wallet }: Open): CarriedKey | null =>
  vault && { dataKey: vault.copyKey(), hidden: wallet?.hidden === true };
