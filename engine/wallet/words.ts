import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeed } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { Random } from '../base/ports.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../crypto/secret.ts';
import type { WalletRefusal } from './wallet-refusal.ts';

type WordsRefusal = Extract<WalletRefusal, { code: `words-${string}` }>;

const COUNTS: readonly number[] = [12, 15, 18, 21, 24];
const KNOWN: ReadonlySet<string> = new Set(wordlist);

/** New BIP 39 words, English: 12 carry 128 bits of entropy, 24 carry 256. */
export const newWords = (random: Random, count: 12 | 24 = 12): readonly string[] =>
  entropyToMnemonic(random(count === 12 ? 16 : 32), wordlist).split(' ');

/** The words as BIP 39 has them, from what a person typed; or which of them is wrong, counted from 1. */
export function checkWords(typed: readonly string[]): Result<readonly string[], WordsRefusal> {
  const words = typed
    .map((word) => word.trim().toLowerCase().normalize('NFKD'))
    .filter((word) => word !== '');
  if (!COUNTS.includes(words.length)) return err({ code: 'words-count', count: words.length });
  const unknown = words.findIndex((word) => !KNOWN.has(word));
  if (unknown >= 0)
    return err({
      code: 'words-unknown',
      position: unknown + 1,
      word: (words[unknown] ?? '').slice(0, 20),
    });
  try {
    mnemonicToEntropy(words.join(' '), wordlist).fill(0);
  } catch {
    return err({ code: 'words-checksum' });
  }
  return ok(words);
}

/** The 64-byte BIP 39 seed of words that passed `checkWords`. Slow on purpose: 2,048 rounds of PBKDF2. */
export async function seedOf(words: readonly string[], passphrase = ''): Promise<Secret> {
  const bytes = await mnemonicToSeed(words.join(' '), passphrase);
  const seed = new Secret(bytes);
  bytes.fill(0);
  return seed;
}
