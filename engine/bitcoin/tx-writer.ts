import { assert } from '../base/assert.ts';
import { txIdToBytes, type OutPoint } from '../base/ids.ts';
import type { Sat } from '../base/units.ts';

/** Bytes of Bitcoin's "compact size" integer. */
export const varIntSize = (value: number): number =>
  value < 0xfd ? 1 : value <= 0xffff ? 3 : value <= 0xffff_ffff ? 5 : 9;

/** Writes Bitcoin's little-endian encodings into a buffer whose size is known beforehand. */
export class TxWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Modulo 2^32, so that a negative version can be written. */
  u32(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  u64(value: bigint): void {
    this.#view.setBigUint64(this.#at, value, true);
    this.#at += 8;
  }

  bytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  varInt(value: number): void {
    if (value < 0xfd) {
      this.#view.setUint8(this.#at, value);
      this.#at += 1;
    } else if (value <= 0xffff) {
      this.#view.setUint8(this.#at, 0xfd);
      this.#view.setUint16(this.#at + 1, value, true);
      this.#at += 3;
    } else {
      assert(value <= 0xffff_ffff, 'a length beyond 4 GB');
      this.#view.setUint8(this.#at, 0xfe);
      this.#view.setUint32(this.#at + 1, value, true);
      this.#at += 5;
    }
  }

  /** Behind its length. */
  sized(value: Uint8Array): void {
    this.varInt(value.length);
    this.bytes(value);
  }

  outPoint(outPoint: OutPoint): void {
    this.bytes(txIdToBytes(outPoint.txId));
    this.u32(outPoint.index);
  }

  output(output: { readonly amount: Sat; readonly script: Uint8Array }): void {
    this.u64(output.amount);
    this.sized(output.script);
  }

  /** The buffer itself. @throws {Bug} when it is not full. */
  finish(): Uint8Array {
    assert(this.#at === this.#bytes.length, 'transaction size');
    return this.#bytes;
  }
}
