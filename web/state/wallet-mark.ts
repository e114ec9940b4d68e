import type { Network } from '../../engine/base/network.ts';
import { forget, keep, recall } from './kept.ts';

const KEY = 'had-wallet';
/** `network`: empty while it was never seen unlocked. */
const NO_MARK = { here: false, erasing: false, network: '' };

/**
 * That this browser has a wallet, kept apart from the wallet's own database: an empty database that should not be empty
 * is told from a first run by this alone. Made whenever a wallet is seen, and removed only on purpose.
 */
export function markWallet(network: Network | null): void {
  const before = recall('device', KEY, NO_MARK);
  keep('device', KEY, { here: true, erasing: false, network: network ?? before.network });
}

/** Before the database is asked to go: a page that dies right after it went had still erased it on purpose. */
export function markErasing(erasing: boolean): void {
  const before = recall('device', KEY, NO_MARK);
  if (before.here) keep('device', KEY, { ...before, erasing });
}

/** What was lost with it is known to be lost. */
export function unmarkWallet(): void {
  forget('device', KEY);
}

/** The wallet that should be here; null: none was, or it was erased. `network`: as it was kept, by whomever. */
export function markedWallet(): { readonly network: string } | null {
  const { here, erasing, network } = recall('device', KEY, NO_MARK);
  return here && !erasing ? { network } : null;
}
