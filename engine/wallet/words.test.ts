import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { checkWords, newWords, seedOf } from './words.ts';
import { BIP39_VECTORS } from './fixtures/bip39.ts';

describe('recovery words', () => {
  it.each(BIP39_VECTORS)('BIP 39: entropy $entropy', async ({ entropy, words, seed }) => {
    const bytes = fromHex(entropy);
    if (bytes.length !== 24) {
      const made = newWords((length) => bytes.subarray(0, length), bytes.length === 16 ? 12 : 24);
      expect(made.join(' ')).toBe(words);
    }
    expect(checkWords(words.split(' '))).toEqual({ ok: true, value: words.split(' ') });
    expect(toHex((await seedOf(words.split(' '), 'TREZOR')).expose())).toBe(seed);
  });

  it('forgives case and spaces', () => {
    const typed = [' Abandon', ...Array.from({ length: 10 }, () => 'ABANDON'), '', 'about '];
    expect(checkWords(typed)).toMatchObject({ ok: true, value: { length: 12 } });
  });

  it.each([
    [[], { code: 'words-count', count: 0 }],
    [['abandon'], { code: 'words-count', count: 1 }],
    [Array.from({ length: 100_000 }, () => 'zoo'), { code: 'words-count', count: 100_000 }],
    [
      ['abandn', ...Array.from({ length: 11 }, () => 'abandon')],
      { code: 'words-unknown', position: 1, word: 'abandn' },
    ],
    [
      [...Array.from({ length: 11 }, () => 'abandon'), '🦔'.repeat(1_000)],
      { code: 'words-unknown', position: 12, word: '🦔'.repeat(10) },
    ],
    [Array.from({ length: 12 }, () => 'abandon'), { code: 'words-checksum' }],
  ])('refuses what is no BIP 39 sentence (%#)', (typed, error) => {
    expect(checkWords(typed)).toEqual({ ok: false, error });
  });
});
