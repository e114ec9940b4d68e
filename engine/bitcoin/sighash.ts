import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Sat } from '../base/units.ts';
import { sha256, sha256d, taggedHash } from '../crypto/hash.ts';
import {
  SIGHASH_ANYONECANPAY,
  SIGHASH_DEFAULT,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
  type SighashType,
} from './sighash-type.ts';
import type { Tx, TxInput, TxOutput } from './tx.ts';
import { outputSize } from './tx.ts';
import { TxWriter, varIntSize } from './tx-writer.ts';

const ZERO = new Uint8Array(32);

export function outPointsBytes(inputs: readonly TxInput[]): Uint8Array {
  const writer = new TxWriter(36 * inputs.length);
  for (const input of inputs) writer.outPoint(input.outPoint);
  return writer.finish();
}

export function sequencesBytes(inputs: readonly TxInput[]): Uint8Array {
  const writer = new TxWriter(4 * inputs.length);
  for (const input of inputs) writer.u32(input.sequence);
  return writer.finish();
}

export function outputsBytes(outputs: readonly TxOutput[]): Uint8Array {
  const writer = new TxWriter(outputs.reduce((size, output) => size + outputSize(output.script), 0));
  for (const output of outputs) writer.output(output);
  return writer.finish();
}

const lazy = <T>(compute: () => T): (() => T) => {
  let value: T | undefined;
  return () => (value ??= compute());
};

const outputsOf = (type: SighashType): 'all' | 'none' | 'single' => {
  const base = type & 0x03;
  return base === SIGHASH_NONE ? 'none' : base === SIGHASH_SINGLE ? 'single' : 'all';
};

/**
 * BIP 143 signature hashes of the version 0 segwit inputs of `tx`. The parts that inputs share are hashed once, so
 * keep the function for all inputs of a transaction.
 * @returns a function of the input's index, its scriptCode (the witness script, or for P2WPKH the P2PKH script), its
 * amount and the sighash type.
 */
export function segwitSighashes(
  tx: Tx,
): (index: number, scriptCode: Uint8Array, amount: Sat, type: SighashType) => Uint8Array {
  const prevouts = lazy(() => sha256d(outPointsBytes(tx.inputs)));
  const sequences = lazy(() => sha256d(sequencesBytes(tx.inputs)));
  const outputs = lazy(() => sha256d(outputsBytes(tx.outputs)));

  return (index, scriptCode, amount, type) => {
    const input = tx.inputs[index];
    assert(input !== undefined && type !== SIGHASH_DEFAULT, 'segwit sighash');
    const alone = (type & SIGHASH_ANYONECANPAY) !== 0;
    const commits = outputsOf(type);
    const paired = tx.outputs[index];
    const writer = new TxWriter(156 + varIntSize(scriptCode.length) + scriptCode.length);
    writer.u32(tx.version);
    writer.bytes(alone ? ZERO : prevouts());
    writer.bytes(alone || commits !== 'all' ? ZERO : sequences());
    writer.outPoint(input.outPoint);
    writer.sized(scriptCode);
    writer.u64(amount);
    writer.u32(input.sequence);
    if (commits === 'all') writer.bytes(outputs());
    else if (commits === 'single' && paired !== undefined) writer.bytes(sha256d(outputsBytes([paired])));
    else writer.bytes(ZERO);
    writer.u32(tx.lockTime);
    writer.u32(type);
    return sha256d(writer.finish());
  };
}

/**
 * BIP 341 signature hashes of the taproot inputs of `tx`; `spent` are the outputs that all its inputs spend, in order.
 * @returns a function of the input's index, the sighash type, and for a script path the leaf hash. No annex.
 */
export function taprootSighashes(
  tx: Tx,
  spent: readonly TxOutput[],
): (index: number, type: SighashType, leafHash?: Uint8Array) => Uint8Array {
  assert(spent.length === tx.inputs.length, 'one spent output for each input');
  const prevouts = lazy(() => sha256(outPointsBytes(tx.inputs)));
  const amounts = lazy(() => {
    const writer = new TxWriter(8 * spent.length);
    for (const output of spent) writer.u64(output.amount);
    return sha256(writer.finish());
  });
  const scripts = lazy(() => {
    const writer = new TxWriter(
      spent.reduce((size, { script }) => size + varIntSize(script.length) + script.length, 0),
    );
    for (const output of spent) writer.sized(output.script);
    return sha256(writer.finish());
  });
  const sequences = lazy(() => sha256(sequencesBytes(tx.inputs)));
  const outputs = lazy(() => sha256(outputsBytes(tx.outputs)));

  return (index, type, leafHash) => {
    const input = tx.inputs[index];
    const own = spent[index];
    assert(input !== undefined && own !== undefined, 'taproot sighash');
    const commits = outputsOf(type);
    // BIP 341 §Common signature message: epoch, hash_type, nVersion, nLockTime, …
    const parts: Uint8Array[] = [Uint8Array.of(0, type), le32(tx.version), le32(tx.lockTime)];
    if ((type & SIGHASH_ANYONECANPAY) === 0) parts.push(prevouts(), amounts(), scripts(), sequences());
    if (commits === 'all') parts.push(outputs());
    parts.push(Uint8Array.of(leafHash === undefined ? 0 : 2)); // spend_type, without annex
    if ((type & SIGHASH_ANYONECANPAY) !== 0)
      parts.push(outPointsBytes([input]), outputsBytes([own]), le32(input.sequence));
    else parts.push(le32(index));
    if (commits === 'single') {
      const paired = tx.outputs[index];
      assert(paired !== undefined, 'SIGHASH_SINGLE without an output');
      parts.push(sha256(outputsBytes([paired])));
    }
    // BIP 342: tapleaf_hash, key_version, codesep_pos
    if (leafHash !== undefined) parts.push(leafHash, Uint8Array.of(0), le32(0xffff_ffff));
    return taggedHash('TapSighash', concatBytes(...parts));
  };
}

function le32(value: number): Uint8Array {
  const writer = new TxWriter(4);
  writer.u32(value);
  return writer.finish();
}
