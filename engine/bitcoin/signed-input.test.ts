import { describe, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { txId } from '../base/ids.ts';
import { sat } from '../base/units.ts';
import { negateSecret, publicKey, signEcdsa } from '../crypto/secp256k1.ts';
import { segwitSighashes } from './sighash.ts';
import { SIGHASH_ALL, SIGHASH_SINGLE_ANYONECANPAY, type SighashType } from './sighash-type.ts';
import { witnessSignature } from './signature.ts';
import { isSignedBy } from './signed-input.ts';
import { withWitness, type Tx } from './tx.ts';

const secret = new Uint8Array(32).fill(7);
const lock = { key: publicKey(secret), witnessScript: Uint8Array.of(0x51, 0x52), amount: sat(1_000) };
const outPoint = { txId: txId('11'.repeat(32)), index: 3 };
const input = { sequence: 0xffff_fffd, scriptSig: new Uint8Array(), witness: [] };
const unsigned: Tx = {
  version: 2,
  lockTime: 0,
  inputs: [
    { ...input, outPoint: { txId: txId('22'.repeat(32)), index: 0 } },
    { ...input, outPoint },
  ],
  outputs: [{ amount: sat(900), script: Uint8Array.of(0x51) }],
};

function signed(type: SighashType, change: (signature: Uint8Array) => Uint8Array = (as) => as): Tx {
  const hash = segwitSighashes(unsigned)(1, lock.witnessScript, lock.amount, type);
  const signature = witnessSignature(change(signEcdsa(hash, secret)), type);
  return withWitness(unsigned, 1, [signature, lock.key, lock.witnessScript]);
}

describe('what a key signed', () => {
  test.each([SIGHASH_ALL, SIGHASH_SINGLE_ANYONECANPAY] as const)('is known, with hash type %i', (type) => {
    expect(isSignedBy(signed(type), outPoint, lock)).toBe(true);
  });

  test('is known with the higher s, which a block may have', () => {
    const higher = (signature: Uint8Array): Uint8Array =>
      concatBytes(signature.subarray(0, 32), negateSecret(signature.subarray(32)));
    expect(isSignedBy(signed(SIGHASH_ALL, higher), outPoint, lock)).toBe(true);
  });

  test.each([
    ['by another', signed(SIGHASH_ALL), { ...lock, key: publicKey(new Uint8Array(32).fill(8)) }],
    ['of another script', signed(SIGHASH_ALL), { ...lock, witnessScript: Uint8Array.of(0x51) }],
    ['of another amount', signed(SIGHASH_ALL), { ...lock, amount: sat(999) }],
    ['for another payment', { ...signed(SIGHASH_ALL), outputs: [] }, lock],
    ['at all', unsigned, lock],
    ['of that output', { ...signed(SIGHASH_ALL), inputs: [] }, lock],
    ['in a form that is one', withWitness(unsigned, 1, [new Uint8Array(72).fill(0x30)]), lock],
    ['with numbers in range', signed(SIGHASH_ALL, () => new Uint8Array(64).fill(0xff)), lock],
  ])('is not what nobody signed %s', (_, tx, of) => {
    expect(isSignedBy(tx, outPoint, of)).toBe(false);
  });
});
