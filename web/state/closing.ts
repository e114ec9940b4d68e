import type { ChannelDetails, ClosingDetails } from '../../engine/node/api.ts';

/** By which block all money of closing channels can be moved; null while that is not known, or nothing waits. */
export function closingUntil(channels: readonly ChannelDetails[]): number | null {
  let last: number | null = null;
  for (const { closing } of channels)
    for (const { claimableAtHeight } of closing?.outputs ?? []) {
      if (claimableAtHeight === null) return null;
      if (last === null || claimableAtHeight > last) last = claimableAtHeight;
    }
  return last;
}

/** How far the money of a channel that closes by force has come; null while nothing of it is known. */
export type Homecoming = 'after-close' | 'after-wait' | 'moving' | 'here';

export function homecoming(closing: ClosingDetails, tip: number | null): Homecoming | null {
  const { outputs, transactions, confirmations, kind } = closing;
  if (outputs.length === 0) {
    if (transactions.length === 0) return null;
    return transactions.every((one) => one.confirmations > 0) ? 'here' : 'moving';
  }
  if (confirmations === 0) return kind === 'local-force' ? 'after-wait' : 'after-close';
  const isDue = ({ txId, claimableAtHeight }: ClosingDetails['outputs'][number]): boolean =>
    txId !== null || (claimableAtHeight !== null && tip !== null && claimableAtHeight <= tip + 1);
  return outputs.every(isDue) ? 'moving' : 'after-wait';
}

/** What is ours of a channel that is no more: `known` is what this device last knew, the others are facts of the chain. */
export type Return = { readonly is: 'known' | 'onItsWay' | 'returned' | 'cameBack'; readonly msat: bigint };

/** Null for a channel that is still one, and for one that never was. */
export function returnOf({ state, closing, localMsat }: ChannelDetails): Return | null {
  if (state === 'data-loss') return { is: 'known', msat: localMsat };
  if (closing === null) return null;
  const { outputs, transactions, amountSat } = closing;
  if (outputs.length > 0)
    return { is: 'onItsWay', msat: outputs.reduce((sum, one) => sum + one.amountSat, 0n) * 1000n };
  // Whoever took it has paid for that out of it.
  const received = transactions.reduce((sum, { receivedSat }) => sum + receivedSat, 0n);
  const sat = transactions.length === 0 ? amountSat : received > 0n ? received : 0n;
  return { is: state === 'closed' ? 'cameBack' : 'returned', msat: sat * 1000n };
}
