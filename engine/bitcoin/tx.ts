import { txIdFromBytes, type OutPoint, type TxId } from '../base/ids.ts';
import { weight, type Sat, type Weight } from '../base/units.ts';
import { sha256d } from '../crypto/hash.ts';
import { TxWriter, varIntSize } from './tx-writer.ts';

/** A transaction as plain data: comparable, storable, and cheap to build. */
export type TxInput = {
  readonly outPoint: OutPoint;
  readonly sequence: number;
  readonly scriptSig: Uint8Array;
  readonly witness: readonly Uint8Array[];
};
export type TxOutput = { readonly amount: Sat; readonly script: Uint8Array };
export type Tx = {
  readonly version: number;
  readonly inputs: readonly TxInput[];
  readonly outputs: readonly TxOutput[];
  readonly lockTime: number;
};

const hasWitness = (tx: Tx): boolean => tx.inputs.some((input) => input.witness.length > 0);

/** Bytes without witnesses: what the txid is the hash of. */
export function strippedSize(tx: Tx): number {
  let size = 8 + varIntSize(tx.inputs.length) + varIntSize(tx.outputs.length);
  for (const { scriptSig } of tx.inputs) size += 40 + varIntSize(scriptSig.length) + scriptSig.length;
  for (const { script } of tx.outputs) size += outputSize(script);
  return size;
}

/** Bytes of an output with this scriptPubKey. */
export const outputSize = (script: Uint8Array): number => 8 + varIntSize(script.length) + script.length;

/** Bytes of a witness stack: one input's share. */
export function witnessSize(stack: readonly Uint8Array[]): number {
  let size = varIntSize(stack.length);
  for (const item of stack) size += varIntSize(item.length) + item.length;
  return size;
}

/** BIP 141 §Transaction size calculations. */
export function weightOf(tx: Tx): Weight {
  let witness = 0;
  if (hasWitness(tx)) for (const input of tx.inputs) witness += witnessSize(input.witness);
  return weight(4 * strippedSize(tx) + (witness > 0 ? 2 + witness : 0));
}

/** BIP 141: weight / 4, rounded up. */
export const virtualSizeOf = (tx: Tx): number => Math.ceil(weightOf(tx) / 4);

function serialize(tx: Tx, withWitness: boolean): Uint8Array {
  const base = strippedSize(tx);
  const size = withWitness
    ? 2 + tx.inputs.reduce((sum, input) => sum + witnessSize(input.witness), base)
    : base;
  const writer = new TxWriter(size);
  writer.u32(tx.version);
  if (withWitness) writer.bytes(MARKER_AND_FLAG);
  writer.varInt(tx.inputs.length);
  for (const input of tx.inputs) {
    writer.outPoint(input.outPoint);
    writer.sized(input.scriptSig);
    writer.u32(input.sequence);
  }
  writer.varInt(tx.outputs.length);
  for (const output of tx.outputs) writer.output(output);
  if (withWitness)
    for (const { witness } of tx.inputs) {
      writer.varInt(witness.length);
      for (const item of witness) writer.sized(item);
    }
  writer.u32(tx.lockTime);
  return writer.finish();
}

const MARKER_AND_FLAG = Uint8Array.of(0, 1);

/** As sent over the network: BIP 144 when there is a witness. */
export const serializeTx = (tx: Tx): Uint8Array => serialize(tx, hasWitness(tx));

/** Without witnesses. */
export const serializeStripped = (tx: Tx): Uint8Array => serialize(tx, false);

/** The hash without witnesses: it does not change by signing when all inputs are segwit. */
export const txIdOf = (tx: Tx): TxId => txIdFromBytes(sha256d(serialize(tx, false)));

/** BIP 141: the hash with witnesses, in display order. */
export const wtxIdOf = (tx: Tx): TxId => txIdFromBytes(sha256d(serializeTx(tx)));

/** The same transaction with another witness on input `index`. */
export const withWitness = (tx: Tx, index: number, witness: readonly Uint8Array[]): Tx => ({
  ...tx,
  inputs: tx.inputs.map((input, i) => (i === index ? { ...input, witness } : input)),
});
