import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import { hash160, sha256 } from '../crypto/hash.ts';

/** The opcodes that our scripts use. */
export const OP = {
  FALSE: 0x00,
  PUSHDATA1: 0x4c,
  PUSHDATA2: 0x4d,
  ONE: 0x51,
  SIXTEEN: 0x60,
  IF: 0x63,
  NOTIF: 0x64,
  ELSE: 0x67,
  ENDIF: 0x68,
  RETURN: 0x6a,
  IFDUP: 0x73,
  DROP: 0x75,
  DUP: 0x76,
  SWAP: 0x7c,
  SIZE: 0x82,
  EQUAL: 0x87,
  EQUALVERIFY: 0x88,
  HASH160: 0xa9,
  CHECKSIG: 0xac,
  CHECKSIGVERIFY: 0xad,
  CHECKMULTISIG: 0xae,
  CHECKLOCKTIMEVERIFY: 0xb1,
  CHECKSEQUENCEVERIFY: 0xb2,
} as const;

/** OP_1 … OP_16 and OP_0. */
export function smallNumber(value: number): number {
  assert(Number.isInteger(value) && value >= 0 && value <= 16, 'not a small number');
  return value === 0 ? OP.FALSE : OP.ONE + value - 1;
}

/** The shortest push of `data` by its length. (Numbers up to 16 have opcodes of their own: see `pushNumber`.) */
export function pushData(data: Uint8Array): Uint8Array {
  if (data.length < OP.PUSHDATA1) return concatBytes(Uint8Array.of(data.length), data);
  if (data.length <= 0xff) return concatBytes(Uint8Array.of(OP.PUSHDATA1, data.length), data);
  assert(data.length <= 520, 'a push of more than 520 bytes');
  return concatBytes(Uint8Array.of(OP.PUSHDATA2, data.length & 0xff, data.length >> 8), data);
}

/** The minimal push of a number, as BIP 65 and BIP 112 read them: up to 5 bytes, not negative. */
export function pushNumber(value: number): Uint8Array {
  assert(Number.isInteger(value) && value >= 0 && value < 2 ** 39, 'script number');
  if (value <= 16) return Uint8Array.of(smallNumber(value));
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  // The top bit is the sign.
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0);
  return pushData(Uint8Array.from(bytes));
}

/** A script of opcodes (numbers) and data to push (bytes). */
export const script = (...parts: readonly (number | Uint8Array)[]): Uint8Array =>
  concatBytes(...parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : pushData(part))));

/** scriptPubKey of a witness program, version 0 … 16 (BIP 141). */
export const witnessProgram = (version: number, program: Uint8Array): Uint8Array =>
  script(smallNumber(version), program);

export const p2wpkh = (publicKey: Uint8Array): Uint8Array => witnessProgram(0, hash160(publicKey));
export const p2wsh = (witnessScript: Uint8Array): Uint8Array => witnessProgram(0, sha256(witnessScript));
/** `outputKey`: x only, already tweaked. */
export const p2tr = (outputKey: Uint8Array): Uint8Array => witnessProgram(1, outputKey);
export const p2pkh = (publicKey: Uint8Array): Uint8Array => p2pkhOfHash(hash160(publicKey));
export const p2pkhOfHash = (hash: Uint8Array): Uint8Array =>
  script(OP.DUP, OP.HASH160, hash, OP.EQUALVERIFY, OP.CHECKSIG);
export const p2sh = (redeemScript: Uint8Array): Uint8Array => p2shOfHash(hash160(redeemScript));
export const p2shOfHash = (hash: Uint8Array): Uint8Array => script(OP.HASH160, hash, OP.EQUAL);
