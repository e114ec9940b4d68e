import { parseHex } from '../base/bytes.ts';
import { txIdFromBytes } from '../base/ids.ts';
import { err, type Result } from '../base/result.ts';
import { sat } from '../base/units.ts';
import type { DecodeError } from '../codec/decode-error.ts';
import { parse } from '../codec/field.ts';
import type { Reader } from '../codec/reader.ts';
import type { Tx, TxInput, TxOutput } from './tx.ts';

/** 21 million bitcoin. */
export const MAX_MONEY = 2_100_000_000_000_000n;

/**
 * Consensus, for one transaction. To be asked where a server's or a user's bytes come in, so that no sum over them is
 * more than an amount can be; not of what is read back from disk, which has to be read whatever it once took in.
 */
export const inMoneyRange = (outputs: readonly TxOutput[]): boolean =>
  outputs.reduce((sum, { amount }) => sum + amount, 0n) <= MAX_MONEY;

const u32 = (reader: Reader): number =>
  (reader.u8() | (reader.u8() << 8) | (reader.u8() << 16) | (reader.u8() << 24)) >>> 0;
const i32 = (reader: Reader): number => u32(reader) | 0;

const u64 = (reader: Reader): bigint => BigInt(u32(reader)) | (BigInt(u32(reader)) << 32n);

function varInt(reader: Reader): number {
  const first = reader.u8();
  if (first < 0xfd) return first;
  const value =
    first === 0xfd
      ? reader.u8() | (reader.u8() << 8)
      : first === 0xfe
        ? u32(reader)
        : Number(u64(reader)); /* beyond 2^53 the exact value does not matter: it is truncated input */
  const smallest = first === 0xfd ? 0xfd : first === 0xfe ? 0x1_0000 : 0x1_0000_0000;
  return value < smallest ? reader.fail('not-minimal') : value;
}

/** A count of things that take `minBytes` each at least: more than can follow is refused before memory is taken. */
function count(reader: Reader, minBytes: number): number {
  const value = varInt(reader);
  return value * minBytes > reader.remaining ? reader.fail('truncated') : value;
}

const sized = (reader: Reader): Uint8Array => reader.bytes(count(reader, 1));

function times<T>(number: number, read: () => T): T[] {
  const items: T[] = [];
  for (let i = 0; i < number; i++) items.push(read());
  return items;
}

function readInput(reader: Reader): TxInput {
  const id = txIdFromBytes(reader.bytes(32));
  const index = u32(reader);
  const scriptSig = sized(reader);
  return { outPoint: { txId: id, index }, scriptSig, sequence: u32(reader), witness: [] };
}

function readOutput(reader: Reader): TxOutput {
  const amount = u64(reader);
  if (amount > MAX_MONEY) reader.fail('out-of-range');
  return { amount: sat(amount), script: sized(reader) };
}

function readTx(reader: Reader): Tx {
  const version = i32(reader);
  let inputCount = count(reader, 1);
  // BIP 144: the marker is where a transaction without witness has its number of inputs, which is never zero.
  const segwit = inputCount === 0;
  if (segwit) {
    if (reader.u8() !== 1) reader.fail('invalid');
    inputCount = count(reader, 41);
  }
  let inputs = times(inputCount, () => readInput(reader));
  const outputs = times(count(reader, 9), () => readOutput(reader));
  if (segwit) {
    inputs = inputs.map((input) => ({
      ...input,
      witness: times(count(reader, 1), () => sized(reader)),
    }));
    // BIP 144: "If the witness is empty, the old serialization format must be used."
    if (inputs.every((input) => input.witness.length === 0)) reader.fail('invalid');
  }
  if (inputs.length === 0 || outputs.length === 0) reader.fail('invalid');
  return { version, inputs, outputs, lockTime: u32(reader) };
}

/** All of `bytes` as one transaction, with or without witnesses. */
export const parseTx = (bytes: Uint8Array): Result<Tx, DecodeError> => parse(bytes, readTx);

/** As `parseTx`, for text such as a server answers. */
export function parseTxHex(text: string): Result<Tx, DecodeError> {
  const bytes = parseHex(text);
  return bytes === null ? err({ code: 'invalid', field: 'hex', offset: 0 }) : parseTx(bytes);
}
