import type { ChannelDetails } from '../../engine/node/api.ts';

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
