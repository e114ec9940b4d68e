import { secp256k1 } from '@noble/curves/secp256k1.js';

const { Fp } = secp256k1.Point;

/**
 * The sum of two points given uncompressed (65 bytes each), compressed; null when they cancel out. One inversion in
 * place of projective arithmetic: for points that are public.
 */
export function affineSum(a: Uint8Array, b: Uint8Array): Uint8Array | null {
  const x1 = Fp.fromBytes(a.subarray(1, 33));
  const y1 = Fp.fromBytes(a.subarray(33));
  const x2 = Fp.fromBytes(b.subarray(1, 33));
  const y2 = Fp.fromBytes(b.subarray(33));
  let slope: bigint;
  if (x1 !== x2) slope = Fp.mul(Fp.sub(y2, y1), Fp.inv(Fp.sub(x2, x1)));
  else if (y1 === y2) slope = Fp.mul(Fp.mul(3n, Fp.sqr(x1)), Fp.inv(Fp.add(y1, y1)));
  else return null;
  const x = Fp.sub(Fp.sub(Fp.sqr(slope), x1), x2);
  const y = Fp.sub(Fp.mul(slope, Fp.sub(x1, x)), y1);
  const sum = new Uint8Array(33);
  sum[0] = y % 2n === 0n ? 2 : 3;
  sum.set(Fp.toBytes(x), 1);
  return sum;
}
