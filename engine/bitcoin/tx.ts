import type { OutPoint } from '../base/ids.ts';
import type { Sat } from '../base/units.ts';

/** A transaction as plain data: comparable, storable, and cheap to build. */
export type TxInput = {
  readonly outPoint: OutPoint;
  readonly sequence: number;
  readonly scriptSig: Uint8Array;
  readonly witness: readonly Uint8Array[];
};
export type TxOutput = { readonly amount: Sat; readonly script: Uint8Array };
export type Tx = {
  readonly version: number;
  readonly inputs: readonly TxInput[];
  readonly outputs: readonly TxOutput[];
  readonly lockTime: number;
};
