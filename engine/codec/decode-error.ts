export type DecodeErrorCode =
  /** Fewer bytes than the encoding needs. */
  | 'truncated'
  /** Bytes are left after the value. */
  | 'trailing'
  /** An integer is not written in its shortest form. */
  | 'not-minimal'
  /** TLV types do not strictly increase. */
  | 'tlv-order'
  | 'tlv-unknown-even'
  /** A number beyond what its field may hold. */
  | 'out-of-range'
  /** The right length, but no value of this kind: a point without 02 or 03, text that is not UTF-8. */
  | 'invalid'
  /** A record of ours from a newer version of this program. */
  | 'newer-version';

/** Why bytes could not be decoded. Holds none of the bytes. */
export type DecodeError = {
  readonly code: DecodeErrorCode;
  /** The innermost named field that was being read, or ''. */
  readonly field: string;
  /** Bytes from the start of the input. */
  readonly offset: number;
};

/** Bytes of ours, whole as far as is known, that a later program wrote: it is the program that has to change. */
export const isFromLater = (code: string): boolean => code === 'newer-version' || code === 'tlv-unknown-even';

/** How a read is abandoned. Private to codec/: `parse` turns it into a `DecodeError` before any caller sees it. */
export class DecodeFault extends Error {
  override readonly name = 'DecodeFault';
  readonly error: DecodeError;

  constructor(error: DecodeError) {
    super(error.code);
    this.error = error;
  }
}
