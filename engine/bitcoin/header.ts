import { blockHashFromBytes, type BlockHash } from '../base/ids.ts';
import type { Network } from '../base/network.ts';
import { timestamp, type Timestamp } from '../base/units.ts';
import { sha256d } from '../crypto/hash.ts';

/** A block header, 80 bytes on the wire. */
export type BlockHeader = {
  readonly hash: BlockHash;
  readonly version: number;
  readonly previous: BlockHash;
  /** 32 bytes in the order in which they are hashed. */
  readonly merkleRoot: Uint8Array;
  readonly time: Timestamp;
  /** nBits, the target in its compact form. */
  readonly bits: number;
  readonly nonce: number;
};

/** Null when it is not 80 bytes. Says nothing about its proof of work: see `hasProofOfWork`. */
export function parseHeader(bytes: Uint8Array): BlockHeader | null {
  if (bytes.length !== 80) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 80);
  return {
    hash: blockHashFromBytes(sha256d(bytes)),
    version: view.getInt32(0, true),
    previous: blockHashFromBytes(bytes.slice(4, 36)),
    merkleRoot: bytes.slice(36, 68),
    time: timestamp(view.getUint32(68, true)),
    bits: view.getUint32(72, true),
    nonce: view.getUint32(76, true),
  };
}

/** The easiest target that each network allows: powLimit of Bitcoin Core's chain parameters. */
const POW_LIMIT: Readonly<Record<Network, bigint>> = {
  mainnet: 0xffff_ffffn << 192n,
  testnet4: 0xffff_ffffn << 192n,
  signet: 0x377aen << 216n,
  mutinynet: 0x377aen << 216n,
  regtest: 0x7f_ffffn << 232n,
};

/** Null for what Bitcoin Core refuses: zero, negative, beyond 256 bits. */
export function targetOf(bits: number): bigint | null {
  const exponent = bits >>> 24;
  const mantissa = bits & 0x007f_ffff;
  if (mantissa === 0 || (bits & 0x0080_0000) !== 0) return null;
  const target =
    exponent <= 3 ? BigInt(mantissa >> (8 * (3 - exponent))) : BigInt(mantissa) << BigInt(8 * (exponent - 3));
  return target === 0n || target >= 1n << 256n ? null : target;
}

/** The header's hash meets its own target, and that is no easier than the network allows. */
export function hasProofOfWork(header: BlockHeader, network: Network): boolean {
  const target = targetOf(header.bits);
  return target !== null && target <= POW_LIMIT[network] && BigInt(`0x${header.hash}`) <= target;
}

/** Expected number of hashes: to compare chains. 0 for a header without a valid target. */
export function workOf(header: BlockHeader): bigint {
  const target = targetOf(header.bits);
  return target === null ? 0n : (1n << 256n) / (target + 1n);
}
