import type { Clock } from '../base/ports.ts';
import { timestamp } from '../base/units.ts';

/** The machine's clock and timers, in a page, a worker or Node.js. */
export const systemClock: Clock = {
  now: () => timestamp(Math.floor(Date.now() / 1000)),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    // Browsers clamp delays past 2^31 - 1 ms to zero.
    const timer = setTimeout(run, Math.min(delayMs, 0x7fff_ffff));
    return () => clearTimeout(timer);
  },
};
