import { MARK_LENGTH } from './seal-keys.ts';

/**
 * Which records a table holds, in 16 bytes: the sum modulo 2^128 of a keyed hash of each record's name and version
 * (MSet-Add-Hash, Clarke et al. 2003). Whoever swaps one set for another blindly meets the same sum once in 2^128
 * tries: hashes and sums are never in the clear, so there is nothing to calculate with.
 */
export class SetSum {
  readonly count: number;
  readonly sum: Uint8Array;

  constructor(count = 0, sum: Uint8Array = new Uint8Array(MARK_LENGTH)) {
    this.count = count;
    this.sum = sum;
  }

  with(mark: Uint8Array): SetSum {
    return new SetSum(this.count + 1, added(this.sum, mark, 1));
  }

  without(mark: Uint8Array): SetSum {
    return new SetSum(this.count - 1, added(this.sum, mark, -1));
  }
}

/** a + sign · b, little-endian, the last carry dropped. */
function added(a: Uint8Array, b: Uint8Array, sign: 1 | -1): Uint8Array {
  const sum = new Uint8Array(MARK_LENGTH);
  let carry = 0;
  for (let i = 0; i < MARK_LENGTH; i++) {
    carry += (a[i] ?? 0) + sign * (b[i] ?? 0);
    sum[i] = carry & 0xff;
    carry >>= 8;
  }
  return sum;
}
