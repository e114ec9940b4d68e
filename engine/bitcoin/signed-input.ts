import { concatBytes } from '../base/bytes.ts';
import { outPointKey, type OutPoint } from '../base/ids.ts';
import type { Sat } from '../base/units.ts';
import { isSecretKey, negateSecret, verifyEcdsa } from '../crypto/secp256k1.ts';
import { segwitSighashes } from './sighash.ts';
import { SIGHASH_DEFAULT, type SighashType } from './sighash-type.ts';
import { parseWitnessSignature } from './signature.ts';
import type { Tx } from './tx.ts';

/** A P2WSH output that one key can spend alone. */
export type KeyLock = {
  /** Public key, 33 bytes. */
  readonly key: Uint8Array;
  readonly witnessScript: Uint8Array;
  readonly amount: Sat;
};

/**
 * Whether `tx` spends `outPoint` with a valid signature of that key in front of its witness: what nobody can make up who
 * does not have it, whatever he shows of the rest.
 */
export function isSignedBy(tx: Tx, outPoint: OutPoint, { key, witnessScript, amount }: KeyLock): boolean {
  const wanted = outPointKey(outPoint);
  const index = tx.inputs.findIndex((input) => outPointKey(input.outPoint) === wanted);
  const parsed = parseWitnessSignature(tx.inputs[index]?.witness[0] ?? new Uint8Array());
  if (parsed === null || !isSegwitType(parsed.type)) return false;
  const hash = segwitSighashes(tx)(index, witnessScript, amount, parsed.type);
  return [parsed.signature, otherS(parsed.signature)].some((one) => verifyEcdsa(one, hash, key));
}

/** A block may have either; the curve's library takes the lower alone. */
function otherS(signature: Uint8Array): Uint8Array {
  const s = signature.subarray(32);
  return isSecretKey(s) ? concatBytes(signature.subarray(0, 32), negateSecret(s)) : signature;
}

// BIP 143 knows no default: a signature that ends in 0 is of BIP 341.
const isSegwitType = (type: number): type is SighashType =>
  type !== SIGHASH_DEFAULT && [0x01, 0x02, 0x03].includes(type & 0x7f);
