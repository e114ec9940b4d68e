import type { UnreadableCode, WalletState } from '../engine/node/service-api.ts';
import { systemClock } from '../engine/platform/system-clock.ts';

const DELAYS_MS: readonly number[] = [500, 2_000, 5_000, 15_000];

const PASSING: ReadonlySet<UnreadableCode> = new Set([
  'storage-failed',
  'storage-full',
  'storage-blocked',
  'storage-lost',
]);

/** A disk that could not be used may be one day: it is looked at again, ever more rarely, until it is known what is on it. */
export class LookAgain {
  readonly #look: () => void;
  #attempt = 0;
  #cancel: () => void = () => undefined;

  constructor(look: () => void) {
    this.#look = look;
  }

  /** To be called with each state of the wallet. */
  told(state: WalletState): void {
    this.#cancel();
    if (state.tag !== 'unreadable' || !PASSING.has(state.code)) {
      this.#attempt = 0;
      return;
    }
    const delay = DELAYS_MS[Math.min(this.#attempt++, DELAYS_MS.length - 1)] ?? 15_000;
    this.#cancel = systemClock.after(delay, this.#look);
  }
}
