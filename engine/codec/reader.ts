import { DecodeFault, type DecodeErrorCode } from './decode-error.ts';

/**
 * A cursor over bytes. Every method that needs more bytes than remain abandons the whole read; only `parse` and
 * `decode` (field.ts) make a Reader, and they turn that into a value.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #end: number;
  /** The named field being read, for the error. */
  field = '';

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  get offset(): number {
    return this.#at;
  }

  /** @throws {DecodeFault} always. */
  fail(code: DecodeErrorCode): never {
    throw new DecodeFault({ code, field: this.field, offset: this.#at });
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8));
  }

  s64(): bigint {
    return this.#view.getBigInt64(this.#advance(8));
  }

  /** BOLT 1 §Appendix A. */
  bigsize(): bigint {
    const first = this.u8();
    if (first < 0xfd) return BigInt(first);
    const value = first === 0xfd ? BigInt(this.u16()) : first === 0xfe ? BigInt(this.u32()) : this.u64();
    const smallest = first === 0xfd ? 0xfdn : first === 0xfe ? 0x1_0000n : 0x1_0000_0000n;
    return value < smallest ? this.fail('not-minimal') : value;
  }

  /** A bigsize that counts bytes or elements of at least one byte each, so never more than remain. */
  size(): number {
    const value = this.bigsize();
    return value > this.remaining ? this.fail('truncated') : Number(value);
  }

  /** A copy: what was decoded never aliases the input. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.slice(start, start + length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  /** Runs `read` over exactly the next `length` bytes. */
  within<T>(length: number, read: (reader: Reader) => T): T {
    if (length > this.remaining) this.fail('truncated');
    const outer = this.#end;
    this.#end = this.#at + length;
    const value = read(this);
    this.expectEnd();
    this.#end = outer;
    return value;
  }

  expectEnd(): void {
    if (this.#at !== this.#end) this.fail('trailing');
  }

  #advance(length: number): number {
    const start = this.#at;
    if (length > this.#end - start) this.fail('truncated');
    this.#at = start + length;
    return start;
  }
}
