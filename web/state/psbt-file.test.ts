import { expect, test } from 'vitest';
import { fileOfPsbt, psbtOfFile } from './psbt-file.ts';

const bytes = Uint8Array.from([
  0x70,
  0x73,
  0x62,
  0x74,
  0xff,
  ...Array.from({ length: 20_000 }, (_, i) => i % 256),
]);

test('bytes and text are the same PSBT', () => {
  const text = psbtOfFile(bytes);
  expect(text.startsWith('cHNidP')).toBe(true);
  expect(fileOfPsbt(text)).toEqual(bytes);
  const wrapped = text.replace(/(.{64})/g, '$1\r\n');
  expect(psbtOfFile(new TextEncoder().encode(`\n${wrapped} `))).toBe(text);
});

test('anything else is text for the engine to refuse', () => {
  expect(psbtOfFile(new Uint8Array(0))).toBe('');
  expect(psbtOfFile(Uint8Array.of(0xff, 0xfe))).toBe('\ufffd\ufffd');
});
