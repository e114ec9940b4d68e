import type { TxId } from '../base/ids.ts';
import type { FeeratePerKw, Sat } from '../base/units.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { HtlcKind, LockedOutput } from './format.ts';
import type { CommitmentKeys } from './keys.ts';
import type { CommitmentParams, Side } from './params.ts';
import type { Htlc } from './spec.ts';

/** What an output of a commitment transaction is for. `owner` is to_local of BOLT 3, `other` is to_remote. */
export type OutputRole = 'owner' | 'other' | 'owner-anchor' | 'other-anchor' | 'anyone-anchor' | 'htlc';

export type HtlcOutput = LockedOutput & {
  readonly index: number;
  readonly amount: Sat;
  readonly kind: HtlcKind;
  readonly htlc: Htlc;
};
export type MainOutput = LockedOutput & {
  readonly index: number;
  readonly amount: Sat;
  readonly role: Exclude<OutputRole, 'htlc'>;
};

/** A commitment transaction, unsigned, and what each of its outputs is. Derived from state, never stored. */
export type Commitment = {
  readonly params: CommitmentParams;
  readonly owner: Side;
  readonly number: number;
  readonly keys: CommitmentKeys;
  readonly feerate: FeeratePerKw;
  readonly tx: Tx;
  readonly txId: TxId;
  readonly outputs: readonly MainOutput[];
  /** In the order of the outputs, which is the order of htlc_signature in commitment_signed. */
  readonly htlcs: readonly HtlcOutput[];
};
