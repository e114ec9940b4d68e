import { assert } from '../base/assert.ts';

/** A buffer that grows. Values that do not fit their encoding are Bugs: input was checked long before. */
export class Writer {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  u8(value: number): void {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xff, 'not a u8');
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, 'not a u16');
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
  }

  u32(value: number): void {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, 'not a u32');
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
  }

  u64(value: bigint): void {
    assert(value >= 0n && value <= 0xffff_ffff_ffff_ffffn, 'not a u64');
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value);
  }

  s64(value: bigint): void {
    assert(BigInt.asIntN(64, value) === value, 'not an s64');
    const at = this.#grow(8);
    this.#view.setBigInt64(at, value);
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  /** BOLT 1 §Appendix A. */
  bigsize(value: bigint | number): void {
    if (value < 0xfd) return this.u8(Number(value));
    if (value <= 0xffff) {
      this.u8(0xfd);
      return this.u16(Number(value));
    }
    if (value <= 0xffff_ffff) {
      this.u8(0xfe);
      return this.u32(Number(value));
    }
    this.u8(0xff);
    this.u64(BigInt(value));
  }

  /** What `write` writes, behind its length as a bigsize. */
  sized(write: () => void): void {
    const start = this.#at;
    write();
    const length = this.#at - start;
    this.bigsize(length);
    const prefix = this.#at - start - length;
    // The length is known only now: move the content behind it.
    this.#bytes.copyWithin(start + prefix, start, start + length);
    this.#at = start;
    this.bigsize(length);
    this.#at = start + prefix + length;
  }

  /** What `write` writes, behind its length as a u16. */
  sized16(write: () => void): void {
    const start = this.#at;
    this.u16(0);
    write();
    const length = this.#at - start - 2;
    assert(length <= 0xffff, 'too long for a u16 length');
    this.#view.setUint16(start, length);
  }

  /** An exact copy, so that storing or posting it takes no more than its length. The buffer is wiped for its next use. */
  finish(): Uint8Array {
    const written = this.#bytes.slice(0, this.#at);
    this.#bytes.fill(0, 0, this.#at);
    this.#at = 0;
    return written;
  }

  /** Replaces the buffer and the view when it must: call it before naming either. */
  #grow(length: number): number {
    const start = this.#at;
    this.#at = start + length;
    if (this.#at > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#at, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes.fill(0);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}
