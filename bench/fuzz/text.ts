import { decodeUtf8 } from '../../engine/base/utf8.ts';

/** Text of an input, whatever it is. */
export const textOf = (input: Uint8Array): string =>
  decodeUtf8(input) ?? String.fromCharCode(...input.subarray(0, 8_192));
