import { Transaction } from '@scure/btc-signer';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { timestamp } from '../base/units.ts';
import { parseTx } from '../bitcoin/tx-parse.ts';
import type { Tx } from '../bitcoin/tx.ts';
import { signSchnorr } from '../crypto/secp256k1.ts';
import { Secret } from '../crypto/secret.ts';
import { RATE, sats, value, WalletWorld } from '../testkit/wallet-world.ts';
import { BIP341_KEY_PATH as VECTOR } from './fixtures/bip341-key-path.ts';
import { ledgerOf } from './ledger.ts';
import { taprootOutputKey } from './own-script.ts';
import { send } from './send.ts';
import { taprootSecret } from './sign-tx.ts';

describe('BIP 341 key path', () => {
  it('tweaks the key', () => {
    const tweaked = taprootSecret(new Secret(fromHex(VECTOR.internalPrivkey)));
    expect(toHex(tweaked.expose())).toBe(VECTOR.tweakedPrivkey);
    const internal = concatBytes(Uint8Array.of(3), fromHex(VECTOR.internalPubkey));
    expect(toHex(taprootOutputKey(internal))).toBe(VECTOR.tweakedPubkey);
    expect(toHex(signSchnorr(fromHex(VECTOR.sigHash), tweaked.expose()))).toBe(VECTOR.signature);
  });
});

describe('signing', () => {
  // What grinds for a low R is left out: @scure/btc-signer counts from 0, Bitcoin Core and we from 1.
  it('gives byte for byte what @scure/btc-signer gives, for both kinds of coin at once', async () => {
    const world = new WalletWorld();
    await world.fund(50_000n, 60_000n, 70_000n, 80_000n);
    const request = {
      address: world.address('p2tr'),
      amount: 'all',
      feerate: RATE,
      keepBack: sats(1_000),
    } as const;
    const before = world.state;
    const { tx } = value(send(before, world.keys, request, timestamp(1)));
    expect(tx.inputs.map(({ witness }) => witness.length).sort((a, b) => a - b)).toEqual([1, 1, 2, 2]);
    const theirs = value(parseTx(signedByScure(tx, before, world)));
    const unsigned = (signed: Tx): Tx => ({
      ...signed,
      inputs: signed.inputs.map((input) => ({ ...input, witness: [] })),
    });
    expect(unsigned(theirs)).toEqual(unsigned(tx));
    for (const [i, { witness }] of tx.inputs.entries()) {
      const [signature, key] = theirs.inputs[i]!.witness;
      if (signature!.length < HIGH_R) expect(witness).toEqual(theirs.inputs[i]!.witness);
      else {
        expect(witness[0]!.length).toBeLessThan(HIGH_R);
        expect(witness[1]).toEqual(key);
      }
    }
  });
});

/** Bytes of a signature in DER whose R needs one more, and its sighash type. */
const HIGH_R = 72;

function signedByScure(tx: Tx, state: WalletWorld['state'], { keys }: WalletWorld): Uint8Array {
  const other = new Transaction({ version: tx.version, lockTime: tx.lockTime });
  const coins = tx.inputs.map(({ outPoint }) => ledgerOf(state).ownOutput(outPoint)!);
  for (const [i, { outPoint, sequence }] of tx.inputs.entries()) {
    const { output, own } = coins[i]!;
    other.addInput({
      txid: outPoint.txId,
      index: outPoint.index,
      sequence,
      witnessUtxo: { script: output.script, amount: output.amount },
      ...(own.kind === 'p2tr' ? { tapInternalKey: own.publicKey.subarray(1) } : {}),
    });
  }
  for (const { script, amount } of tx.outputs) other.addOutput({ script, amount });
  for (const [i, { own }] of coins.entries())
    other.signIdx(keys.addressKey(own).expose(), i, undefined, new Uint8Array(32));
  other.finalize();
  return other.extract();
}
