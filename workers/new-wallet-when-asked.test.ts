import { describe, expect, it } from 'vitest';
import { newWalletWhenAsked } from './new-wallet-when-asked.ts';

describe('the part that makes a wallet', () => {
  it('knows the words', async () => {
    const part = await newWalletWhenAsked();
    expect(part.ok && part.value.checkWords(['abandon'])).toEqual({
      ok: false,
      error: { code: 'words-count', count: 1 },
    });
  });

  it('is refused where it does not arrive', async () => {
    expect(await newWalletWhenAsked(() => Promise.reject(new TypeError('Failed to fetch')))).toEqual({
      ok: false,
      error: { code: 'part-missing', detail: 'words: TypeError: Failed to fetch' },
    });
  });
});
