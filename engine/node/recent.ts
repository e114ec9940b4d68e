/** Six blocks, on average. HTLCs that we take have 19 blocks before the chain has to decide (see payment/env.ts). */
const RECENT_SECONDS = 3_600;

/**
 * Whether what was seen then is new enough to judge expiries by. Not when it was seen at a time that is yet to come: the
 * clock was wrong then or is now, and who knows how long ago it was.
 * @param then unix seconds; null: never.
 */
export const isRecent = (then: number | null, now: number): boolean =>
  then !== null && Math.abs(now - then) <= RECENT_SECONDS;
