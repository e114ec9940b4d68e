import { assert } from '../base/assert.ts';
import { p2pkh } from '../bitcoin/script.ts';
import { SIGHASH_ALL, SIGHASH_DEFAULT } from '../bitcoin/sighash-type.ts';
import { segwitSighashes, taprootSighashes } from '../bitcoin/sighash.ts';
import { witnessSignature } from '../bitcoin/signature.ts';
import type { Tx, TxOutput } from '../bitcoin/tx.ts';
import { taggedHash } from '../crypto/hash.ts';
import { addSecrets, negateSecret, publicKey, signEcdsaLowR, signSchnorr } from '../crypto/secp256k1.ts';
import { Secret } from '../crypto/secret.ts';
import type { KeyTree } from './key-tree.ts';
import type { OwnScript } from './own-script.ts';

/** What an input spends; `own` when the wallet signs it. */
export type SpentOutput = { readonly output: TxOutput; readonly own: OwnScript | null };

/**
 * `tx` with witnesses on the inputs that are ours; the witnesses of others are kept. `spent` has one entry for each
 * input: taproot signatures commit to all of them.
 */
export function signTx(tx: Tx, spent: readonly SpentOutput[], keys: KeyTree): Tx {
  assert(spent.length === tx.inputs.length, 'one spent output for each input');
  const segwit = segwitSighashes(tx);
  const taproot = taprootSighashes(
    tx,
    spent.map(({ output }) => output),
  );
  const inputs = tx.inputs.map((input, index) => {
    const { own = null, output } = spent[index] ?? {};
    if (own === null || output === undefined) return input;
    const secret = keys.addressKey(own);
    const witness =
      own.kind === 'p2wpkh'
        ? segwitWitness(secret, own, segwit(index, p2pkh(own.publicKey), output.amount, SIGHASH_ALL))
        : [taprootSignature(secret, taproot(index, SIGHASH_DEFAULT))];
    secret.wipe();
    return { ...input, witness };
  });
  return { ...tx, inputs };
}

const segwitWitness = (secret: Secret, own: OwnScript, hash: Uint8Array): readonly Uint8Array[] => [
  witnessSignature(signEcdsaLowR(hash, secret.expose()), SIGHASH_ALL),
  own.publicKey,
];

function taprootSignature(secret: Secret, hash: Uint8Array): Uint8Array {
  const tweaked = taprootSecret(secret);
  const signature = signSchnorr(hash, tweaked.expose());
  tweaked.wipe();
  return signature;
}

/** BIP 341 §Constructing and spending Taproot outputs: taproot_tweak_seckey, with an empty script tree (BIP 86). */
export function taprootSecret(secret: Secret): Secret {
  const bytes = secret.expose();
  const point = publicKey(bytes);
  const even = point[0] === 2 ? bytes : negateSecret(bytes);
  const tweaked = addSecrets(even, taggedHash('TapTweak', point.subarray(1)));
  assert(tweaked !== null, 'a tweak that cancels the key: one in 2^256');
  const result = new Secret(tweaked);
  tweaked.fill(0);
  return result;
}
