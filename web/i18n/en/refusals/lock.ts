import type { RefusalTexts } from './texts.ts';

export const lockRefusals: RefusalTexts<
  | 'locked'
  | 'proof-needed'
  | 'wrong-passphrase'
  | 'wrong-passkey'
  | 'passphrase-too-short'
  | 'no-lock'
  | 'last-lock'
> = {
  locked: () => ({
    sentence: ['Your wallet is locked.'],
    next: ['Unlock it, then try again.'],
    action: 'reload',
  }),
  'proof-needed': () => ({
    sentence: ['This needs to know that it is you.'],
    next: ['Give your passphrase or passkey, then try again.'],
  }),
  'wrong-passphrase': () => ({
    sentence: ['This is not your passphrase.'],
    next: ['Try again. Capital letters and spaces count.'],
  }),
  'wrong-passkey': () => ({
    sentence: ['This passkey does not open this wallet.'],
    next: ['Use the passkey that you added here, or your passphrase.'],
  }),
  'passphrase-too-short': ({ minimum }) => ({
    sentence: ['This passphrase is easy to guess.'],
    next: [`Use at least ${minimum} characters. Four words that do not belong together are good.`],
  }),
  'no-lock': () => ({
    sentence: ['Your wallet has no lock.'],
    next: ['Set a passphrase in Settings first.'],
  }),
  'last-lock': () => ({
    sentence: ['This is the only way to unlock your wallet.'],
    next: ['Add another way first, or turn the lock off.'],
  }),
};
