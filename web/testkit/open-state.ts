import type { WalletState } from '../../engine/node/service-api.ts';
import { NOW } from './snapshots.ts';

type Open = Extract<WalletState, { tag: 'open' }>;

/** An open wallet with no lock, whose words are written down. */
export const openState = (change: Partial<Omit<Open, 'tag'>> = {}): Open => ({
  tag: 'open',
  network: 'regtest',
  createdAt: NOW,
  wordsConfirmed: true,
  lock: { passphrase: false, passkeys: [] },
  idleMinutes: null,
  serversTrouble: null,
  ...change,
});
