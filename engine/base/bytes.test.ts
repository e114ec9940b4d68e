import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHex, toHex } from './bytes.ts';

const digits = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

test('hex: two digits for each byte', () => {
  expect(toHex(Uint8Array.of(0x00, 0x0f, 0xa5, 0xff))).toBe('000fa5ff');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(toHex(bytes)).toBe(digits(bytes));
      expect(parseHex(toHex(bytes))).toEqual(bytes);
    }),
  );
});

test.each([4_095, 4_096, 4_097, 10_000])('hex of %i bytes, made in one piece or several', (length) => {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff);
  expect(toHex(bytes)).toBe(digits(bytes));
});
