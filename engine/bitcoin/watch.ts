import type { BlockHash, OutPoint, TxId } from '../base/ids.ts';
import type { BlockHeight, FeeratePerKw, Timestamp } from '../base/units.ts';
import type { KeyLock } from './signed-input.ts';
import type { Tx } from './tx.ts';

/**
 * What somebody wants to know of the chain. Registered again at each start (from `resume`), so the registry itself
 * needs no disk. `script` is the scriptPubKey of the watched output, empty where it is not known. `known`: what was told
 * of it before and is held for true. A start that finds that block gone tells so: the chain may have gone back while
 * nothing ran, and left the transaction out for good.
 */
export type Watch =
  | {
      readonly tag: 'confirmed';
      readonly txId: TxId;
      readonly script: Uint8Array;
      readonly minDepth: number;
      readonly known?: Confirmation;
    }
  | {
      readonly tag: 'spent';
      readonly outPoint: OutPoint;
      readonly script: Uint8Array;
      readonly known?: KnownSpend;
      readonly htlc?: HtlcEnd;
    };

/** Of an output that is an HTLC: who spends it shows the preimage of `hash`, or waits for its time, or punishes. */
export type HtlcEnd = {
  readonly hash: Uint8Array;
  /** The least lock time of what spends it by time. */
  readonly lockTime: BlockHeight;
  /** What that pays, in the output at the index of its input; null where nothing binds it. */
  readonly script: Uint8Array | null;
  /** Of a commitment of ours, which may be revoked and we do not know it: by what the peer takes it then. */
  readonly revocation: KeyLock | null;
};

export type KnownSpend = { readonly txId: TxId; readonly at: Confirmation };

/** Where in the best chain a transaction stands. `index` is its place in the block (for short channel ids). */
export type Confirmation = {
  readonly height: BlockHeight;
  readonly blockHash: BlockHash;
  readonly index: number;
};

/** Facts about the chain, already verified (txid recomputed, merkle proof and proof of work checked). */
export type ChainEvent =
  /** The watched transaction has `minDepth` confirmations or more. Told once, and again after a reorg. */
  | {
      readonly tag: 'confirmed';
      readonly txId: TxId;
      readonly tx: Tx;
      readonly at: Confirmation;
      readonly tipHeight: BlockHeight;
    }
  /** The watched output is spent by `tx`; `at` is null while it is in the mempool. Told on each change of `at`. */
  | {
      readonly tag: 'spent';
      readonly outPoint: OutPoint;
      readonly tx: Tx;
      readonly at: Confirmation | null;
      readonly tipHeight: BlockHeight;
    }
  /** A transaction that had been reported as confirmed is not in the best chain any more. */
  | { readonly tag: 'reorged'; readonly txId: TxId; readonly tipHeight: BlockHeight };

/** Fee rates for the purposes that the engine knows, each already clamped to a sane band. */
export type Feerates = {
  /** Must confirm within a block or two: claims near a deadline. */
  readonly urgent: FeeratePerKw;
  /** Within about six blocks: funding, commitment transactions without anchors. */
  readonly normal: FeeratePerKw;
  /** Within a day. */
  readonly background: FeeratePerKw;
  /** What the mempool takes at all: commitment transactions with anchors. */
  readonly minimum: FeeratePerKw;
  /** Where two servers are far apart, and those above are near the lower of them. Not less than those. */
  readonly dearer?: {
    /** By the other one alone. */
    readonly urgent: FeeratePerKw;
    /** In the middle between both. */
    readonly background: FeeratePerKw;
    readonly minimum: FeeratePerKw;
  };
  /** The highest urgent one of the last days, and when it was so: what others signed meanwhile it gave a reason for. */
  readonly peak?: { readonly rate: FeeratePerKw; readonly at: Timestamp };
};

/** Why a transaction is broadcast: decides how it is retried and how it is shown. */
export type TxPurpose =
  | 'funding'
  | 'mutual-close'
  | 'local-commitment'
  | 'anchor-bump'
  | 'htlc-success'
  | 'htlc-timeout'
  | 'penalty'
  | 'claim'
  | 'wallet-send';
