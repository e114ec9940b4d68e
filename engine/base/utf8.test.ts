import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const platformDecode = (bytes: Uint8Array): string | null => {
  try {
    return fatal.decode(bytes);
  } catch {
    return null;
  }
};
/** Any UTF-16, lone surrogates too. */
const anyText = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units));
/** Bytes that are nearly UTF-8: the edges of every length, and what follows them. */
const nearly = fc
  .array(
    fc.constantFrom(
      0x00,
      0x7f,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc0,
      0xc1,
      0xc2,
      0xdf,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
      0xff,
    ),
  )
  .map((bytes) => Uint8Array.from(bytes));

test('encodes as the platform does', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decodeUtf8(encodeUtf8(text))).toBe(text);
    }),
  );
});

test('decodes, and refuses, as the platform does', () => {
  fc.assert(
    fc.property(fc.oneof(nearly, fc.uint8Array()), (bytes) => {
      expect(decodeUtf8(bytes)).toBe(platformDecode(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('long text is whole, also where a character of two units lies across the pieces that it is made of', () => {
  for (const before of [8_190, 8_191, 8_192]) {
    const text = `${'a'.repeat(before)}\u{1f4a5}é${'b'.repeat(9_000)}`;
    expect(decodeUtf8(encodeUtf8(text)) === text).toBe(true);
  }
});
