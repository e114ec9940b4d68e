import type { Wallet } from './wallet.svelte.ts';

/** Closing the page while a payment is under way is asked about: it could then neither settle nor be claimed in time. */
export function askBeforeLeaving(wallet: Wallet): void {
  window.addEventListener('beforeunload', (event) => {
    if ((wallet.balances?.lightning.inFlightMsat ?? 0n) > 0n) event.preventDefault();
  });
}
