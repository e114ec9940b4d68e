import type { ChannelDetails } from '../../engine/node/api.ts';
import type { Wallet } from './wallet.svelte.ts';

/** What is on the chain already goes on there, and is looked at again whenever the page is opened. */
const ON_CHAIN: ReadonlySet<ChannelDetails['state']> = new Set([
  'closing',
  'force-closing',
  'data-loss',
  'closed',
]);

/** Something is being paid, by us or to us: whoever stops now may keep it waiting until it expires. */
export const isUnderWay = ({ balances, channels }: Pick<Wallet, 'balances' | 'channels'>): boolean =>
  (balances?.lightning.inFlightMsat ?? 0n) > 0n ||
  (channels ?? []).some(({ state, pendingHtlcs }) => pendingHtlcs > 0 && !ON_CHAIN.has(state));

/** Closing the page while a payment is under way is asked about: it could then neither settle nor be claimed in time. */
export function askBeforeLeaving(wallet: Wallet): void {
  window.addEventListener('beforeunload', (event) => {
    if (isUnderWay(wallet)) event.preventDefault();
  });
}
