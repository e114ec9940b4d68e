import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { sat } from '../base/units.ts';
import { publicKey, signSchnorr, verifyEcdsa } from '../crypto/secp256k1.ts';
import bip143 from './fixtures/bip143.json' with { type: 'json' };
import bip341 from './fixtures/bip341.json' with { type: 'json' };
import funding from './fixtures/bolt3-funding.json' with { type: 'json' };
import { p2pkh } from './script.ts';
import { segwitSighashes, taprootSighashes } from './sighash.ts';
import type { SighashType } from './sighash-type.ts';
import { parseWitnessSignature } from './signature.ts';
import { parseTxHex } from './tx-parse.ts';
import type { Tx } from './tx.ts';

const parsed = (hex: string): Tx => {
  const result = parseTxHex(hex);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};

describe('BIP 143', () => {
  it.each(bip143.cases)('$name', ({ tx, index, amount, scriptCode, sighashes }) => {
    const sighash = segwitSighashes(parsed(tx));
    for (const expected of sighashes)
      expect(toHex(sighash(index, fromHex(scriptCode), sat(amount), expected.type as SighashType))).toBe(
        expected.sighash,
      );
  });

  it('is what the accepter of BOLT 3 Appendix G signed', () => {
    const tx = parsed(funding.dualFunded.signed);
    const parent = parsed(funding.dualFunded.parent);
    const [signature, key] = tx.inputs[0]!.witness;
    expect(toHex(key!)).toBe(funding.dualFunded.accepterKey);
    const hash = segwitSighashes(tx)(0, p2pkh(key!), parent.outputs[2]!.amount, 1);
    expect(verifyEcdsa(parseWitnessSignature(signature!)!.signature, hash, key!)).toBe(true);
  });

  it('has no type DEFAULT', () => {
    expect(() => segwitSighashes(parsed(bip143.cases[0]!.tx))(0, new Uint8Array(), sat(0), 0)).toThrow();
  });
});

describe('BIP 341, key path', () => {
  const spent = bip341.spent.map(({ script, amount }) => ({ script: fromHex(script), amount: sat(amount) }));
  const sighash = taprootSighashes(parsed(bip341.tx), spent);
  it.each(bip341.inputs)('input $index, type $type', ({ index, type, sighash: expected, ...signed }) => {
    const hash = sighash(index, type as SighashType);
    expect(toHex(hash)).toBe(expected);
    const signature = toHex(signSchnorr(hash, fromHex(signed.tweakedSecret)));
    expect(signature).toBe(signed.signature.slice(0, 128));
    expect(publicKey(fromHex(signed.tweakedSecret)).slice(1)).toEqual(spent[index]!.script.slice(2));
  });
  it('differs by the leaf on a script path', () => {
    const leaf = new Uint8Array(32);
    expect(sighash(0, 0, leaf)).not.toEqual(sighash(0, 0));
    expect(sighash(0, 0, leaf)).not.toEqual(sighash(0, 0, leaf.with(31, 1)));
  });
});
