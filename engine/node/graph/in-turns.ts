import type { Clock } from '../../base/ports.ts';

/** With the slice that was begun before it was over, well below the 50 ms that a peer's message may wait. */
const TURN_MS = 8;

/**
 * Runs work that gives way to its end, and serves others whenever it took some milliseconds: not after each of its
 * slices, for browsers hold a timer of no delay back for four milliseconds, and a map has some hundred of them.
 * @returns null when it was over before the work was.
 */
export async function inTurns<T>(
  clock: Pick<Clock, 'monotonicMs' | 'after'>,
  slices: Generator<undefined, T>,
  isOver: () => boolean,
): Promise<T | null> {
  let begunMs = clock.monotonicMs();
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
    if (clock.monotonicMs() - begunMs < TURN_MS) continue;
    await new Promise<void>((resolve) => void clock.after(0, resolve));
    if (isOver()) return null;
    begunMs = clock.monotonicMs();
  }
}
