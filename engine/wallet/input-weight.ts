import { unreachable } from '../base/assert.ts';
import { LOW_R_WITNESS_LENGTH } from '../bitcoin/signature.ts';
import type { ScriptKind } from './key-origin.ts';

/** Lengths of the witness items of an input of ours, once signed: exact, or a byte too many once in a while. */
export function witnessLengths(kind: ScriptKind): readonly number[] {
  switch (kind) {
    case 'p2wpkh':
      return [LOW_R_WITNESS_LENGTH, 33];
    case 'p2tr':
      // BIP 341: SIGHASH_DEFAULT leaves the sighash byte out.
      return [64];
    default:
      return unreachable(kind);
  }
}

/** Of an input with an empty scriptSig: outpoint, script length, sequence; then the witness. */
export const inputWeight = (witness: readonly number[]): number =>
  4 * 41 + 1 + witness.reduce((sum, length) => sum + 1 + length, 0);
