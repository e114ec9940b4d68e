import { expect, it } from 'vitest';
import { encodeUtf8 } from '../base/utf8.ts';
import { aliasOf } from './node-alias.ts';

const none = new Uint8Array();
const shown = (alias: Uint8Array): string =>
  aliasOf({ features: none, addresses: none, announcedAt: 0, alias });

it.each([
  ['ACINQ ⚡', 'ACINQ ⚡'],
  ['  zwei\nZeilen\t', 'zweiZeilen'],
  ['abc\u202Egnp.exe\u2066', 'abcgnp.exe'],
  ['a\u200Bb\uFEFFc\u2028d', 'abcd'],
  ['a\u3164b\u2800\u034F', 'ab'],
  ['\u3164', ''],
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['', ''],
])('%j is shown as %j', (said, expected) => {
  expect(shown(encodeUtf8(said))).toBe(expected);
});

it('what is no text is not shown', () => {
  expect(shown(Uint8Array.of(0xff, 0xfe, 65))).toBe('');
});
