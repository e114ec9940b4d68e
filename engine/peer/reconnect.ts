import type { CloseReason } from './close-reason.ts';

const FIRST_MS = 500;
const LONGEST_MS = 60_000;
/** A connection that lasted so long counts as a success: the next attempt comes soon. */
export const STABLE_MS = 30_000;

/**
 * How long to wait before dialling a peer again: doubling from half a second to a minute, and of that a random part
 * between one half and the whole, so that the clients of one peer do not all come back at the same moment.
 * @param failures Attempts that failed in a row, from 1.
 * @param jitter From 0 to below 1, fresh for each call.
 */
export function reconnectDelayMs(failures: number, jitter: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(longest * (0.5 + jitter / 2));
}

/** Failures in a row, counting the connection that just ended. */
export function failuresAfter(failures: number, reason: CloseReason, readyForMs: number | null): number {
  // What will not go away by trying again is tried as rarely as may be.
  if (reason.code === 'incompatible') return Math.max(failures + 1, 8);
  return readyForMs !== null && readyForMs >= STABLE_MS ? 1 : failures + 1;
}
