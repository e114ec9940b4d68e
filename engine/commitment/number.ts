import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Tx } from '../bitcoin/tx.ts';
import { sha256 } from '../crypto/hash.ts';
import { otherSide, type CommitmentParams } from './params.ts';

type NumberParams = Pick<CommitmentParams, 'opener' | 'local' | 'remote'>;

/** The highest commitment number: the shachain has that many secrets. */
export const LAST_COMMITMENT_NUMBER = 2 ** 48 - 1;

// BOLT 3 §Commitment Transaction: "The 48-bit commitment number is obscured by XOR with the lower 48 bits of:
// SHA256(payment_basepoint from open_channel || payment_basepoint from accept_channel)"
/** The upper and the lower 24 bits. */
function obscuringFactor(params: NumberParams): readonly [number, number] {
  const opener = params[params.opener].basepoints.payment;
  const accepter = params[otherSide(params.opener)].basepoints.payment;
  const hash = sha256(concatBytes(opener, accepter));
  const view = new DataView(hash.buffer, hash.byteOffset);
  return [view.getUint32(25) & 0xff_ffff, view.getUint32(28) & 0xff_ffff];
}

/** nSequence and nLockTime of the commitment transaction with this number. */
export function obscuredNumber(
  params: NumberParams,
  number: number,
): { readonly sequence: number; readonly lockTime: number } {
  assert(Number.isInteger(number) && number >= 0 && number <= LAST_COMMITMENT_NUMBER, 'commitment number');
  const [upper, lower] = obscuringFactor(params);
  return {
    // BOLT 3 §Commitment Transaction: "sequence: upper 8 bits are 0x80, lower 24 bits are upper 24 bits of the
    // obscured commitment number"; "locktime: upper 8 bits are 0x20, lower 24 bits are the lower 24 bits of the
    // obscured commitment number"
    sequence: 0x8000_0000 + ((Math.floor(number / 0x100_0000) ^ upper) & 0xff_ffff),
    lockTime: 0x2000_0000 + (((number % 0x100_0000) ^ lower) & 0xff_ffff),
  };
}

/** The number of a commitment transaction of this channel; null when `tx` does not look like one (a closing). */
export function commitmentNumberOf(params: NumberParams, tx: Tx): number | null {
  const sequence = tx.inputs[0]?.sequence ?? 0;
  if (tx.inputs.length !== 1 || sequence >>> 24 !== 0x80 || tx.lockTime >>> 24 !== 0x20) return null;
  const [upper, lower] = obscuringFactor(params);
  return ((sequence & 0xff_ffff) ^ upper) * 0x100_0000 + ((tx.lockTime & 0xff_ffff) ^ lower);
}
