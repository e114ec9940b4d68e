import { createHash } from 'node:crypto';

export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
export const sha256d = (bytes: Uint8Array): Buffer => sha256(sha256(bytes));

/** A hash between display order (hex) and the order in which it is computed. */
export const wireHash = (display: string): Buffer => Buffer.from(display, 'hex').reverse();
export const displayHash = (wire: Uint8Array): string => Buffer.from(wire).reverse().toString('hex');

export const scriptHashOf = (script: string): string => sha256(Buffer.from(script, 'hex')).toString('hex');

export type HeaderFields = {
  readonly version: number;
  readonly previous: string | null;
  readonly merkleRoot: string;
  readonly time: number;
  readonly bits: number;
  readonly nonce: number;
};

/** The 80 bytes that are hashed. */
export function headerBytes(header: HeaderFields): Buffer {
  const bytes = Buffer.alloc(80);
  bytes.writeInt32LE(header.version, 0);
  wireHash(header.previous ?? '00'.repeat(32)).copy(bytes, 4);
  wireHash(header.merkleRoot).copy(bytes, 36);
  bytes.writeUInt32LE(header.time, 68);
  bytes.writeUInt32LE(header.bits, 72);
  bytes.writeUInt32LE(header.nonce, 76);
  return bytes;
}
