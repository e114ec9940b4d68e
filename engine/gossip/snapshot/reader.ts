import type { SnapshotFault } from '../snapshot-refusal.ts';

/** How a read is abandoned; `applySnapshot` turns it into a refusal. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
  readonly fault: SnapshotFault;
  readonly offset: number;

  constructor(fault: SnapshotFault, offset: number) {
    super(fault);
    this.fault = fault;
    this.offset = offset;
  }
}

/** A cursor that makes no bigint: hundreds of thousands of numbers are read. */
export class SnapshotReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;
  /** The last bigsize that was read, in two halves of 32 bits. */
  high = 0;
  low = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(fault: SnapshotFault): never {
    throw new Abandoned(fault, this.at);
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  /** Where the next `length` bytes begin. */
  skip(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) this.fail('truncated');
    this.at = start + length;
    return start;
  }

  u8(): number {
    return this.#view.getUint8(this.skip(1));
  }

  u16(): number {
    return this.#view.getUint16(this.skip(2));
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4));
  }

  /** Rounded to the nearest double above 2^53. */
  u64(): number {
    const start = this.skip(8);
    return this.#view.getUint32(start) * 0x1_0000_0000 + this.#view.getUint32(start + 4);
  }

  /** BOLT 1 §Appendix A, into `high` and `low`. */
  bigsize(): void {
    const first = this.u8();
    this.high = 0;
    if (first < 0xfd) this.low = first;
    else if (first === 0xfd) {
      this.low = this.u16();
      if (this.low < 0xfd) this.fail('not-minimal');
    } else if (first === 0xfe) {
      this.low = this.u32();
      if (this.low < 0x1_0000) this.fail('not-minimal');
    } else {
      this.high = this.u32();
      this.low = this.u32();
      if (this.high === 0) this.fail('not-minimal');
    }
  }

  /** As many bytes as a u16 before them says. @returns where they begin; `at` stands behind them */
  sized16(): number {
    return this.skip(this.u16());
  }

  /** A count of things of at least `each` bytes. */
  count(each: number, most: number): number {
    const count = this.u32();
    if (count > most) this.fail('too-many');
    if (count * each > this.remaining) this.fail('truncated');
    return count;
  }
}

/** A short channel id that rises by deltas, in two halves. */
export class RisingScid {
  high = 0;
  low = 0;

  /** Adds the bigsize that `reader` stands at. @returns whether it moved */
  advance(reader: SnapshotReader): boolean {
    reader.bigsize();
    const low = this.low + reader.low;
    const high = this.high + reader.high + (low > 0xffff_ffff ? 1 : 0);
    if (high > 0xffff_ffff) reader.fail('out-of-range');
    this.low = low >>> 0;
    this.high = high;
    return reader.low !== 0 || reader.high !== 0;
  }
}
