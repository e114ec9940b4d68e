import type { OutPoint, TxId } from '../base/ids.ts';
import type { Network } from '../base/network.ts';
import type { BlockHeight, Sat, Timestamp } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { TxPurpose } from '../bitcoin/watch.ts';
import type { Placement } from '../chain/placement.ts';
import type { Branch, ScriptKind } from './key-origin.ts';
import type { OwnScript } from './own-script.ts';

/** Public keys of both accounts, and how far their addresses were handed out. */
export type Accounts = {
  /** Of the master key: as PSBTs and descriptors name it. */
  readonly fingerprint: number;
  readonly xpubs: Readonly<Record<ScriptKind, string>>;
  /** The first index that was never handed out nor seen used. */
  readonly next: Readonly<Record<ScriptKind, Readonly<Record<Branch, number>>>>;
};

/** A script that was handed out, as an address or as change. */
export type WalletScript = OwnScript & { readonly label: string };

/** A transaction that pays the wallet or spends from it. */
export type WalletTx = {
  readonly tx: Tx;
  /** Null while it is not in a block of the best chain. */
  readonly at: Placement | null;
  readonly firstSeen: Timestamp;
  /** Why we made it; null when others did. */
  readonly purpose: TxPurpose | null;
  /** Where inputs that are not ours hide it from us; else computed. */
  readonly fee: Sat | null;
  readonly label: string;
  /** The transaction that takes its place: it spends an input of this one. */
  readonly replacedBy: TxId | null;
  /** It sends all there was: a higher fee comes out of what is sent. */
  readonly sendsAll: boolean;
};

/** A signed transaction that is not published yet, and so its coins. */
export type Reservation = {
  readonly id: TxId;
  readonly tx: Tx;
  readonly fee: Sat;
  readonly purpose: TxPurpose;
  readonly createdAt: Timestamp;
  readonly sendsAll: boolean;
};

/** The on-chain wallet: public data only, a value. Changes are `WalletStep`s. */
export type WalletState = {
  readonly network: Network;
  readonly accounts: Accounts;
  /** By the hex of the scriptPubKey. */
  readonly scripts: ReadonlyMap<string, WalletScript>;
  readonly txs: ReadonlyMap<TxId, WalletTx>;
  readonly reservations: ReadonlyMap<TxId, Reservation>;
  /** Outpoints, as `outPointKey` writes them, that are not to be spent. */
  readonly frozen: ReadonlyMap<string, OutPoint>;
  /** As of the last scan; not kept on disk. */
  readonly tipHeight: BlockHeight;
};

/** What an operation makes of the wallet: write `commit`, and only then use `state` and publish. */
export type WalletStep = { readonly state: WalletState; readonly commit: readonly Write[] };
