/** What a signature commits to (the last byte of a signature in a witness). */
export const SIGHASH_ALL = 0x01;
export const SIGHASH_NONE = 0x02;
export const SIGHASH_SINGLE = 0x03;
export const SIGHASH_ANYONECANPAY = 0x80;
export const SIGHASH_SINGLE_ANYONECANPAY = 0x83;
/** BIP 341: as ALL, and the byte is left out of the witness. */
export const SIGHASH_DEFAULT = 0x00;

export type SighashType =
  | typeof SIGHASH_DEFAULT
  | typeof SIGHASH_ALL
  | typeof SIGHASH_NONE
  | typeof SIGHASH_SINGLE
  | 0x81
  | 0x82
  | typeof SIGHASH_SINGLE_ANYONECANPAY;
