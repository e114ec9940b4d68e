import { err, ok, type Result } from '../engine/base/result.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { WalletState } from '../engine/node/service-api.ts';
import {
  acquireWalletLock,
  awaitWalletLock,
  stealWalletLock,
  type WalletLock,
} from '../engine/platform/wallet-lock.ts';

const LOCK = 'leyden-wallet';
const TAKE_OVER_MS = 15_000;
/** A holder may just have come, by the same way: it is asked again. */
const ASK_AGAIN_MS = 1_000;

/** Another has it, of which nothing was heard yet. */
export const elsewhere: WalletState = { tag: 'elsewhere', holder: null };

/** This worker's turn at the wallet of this browser. The lock dies with its worker, so nobody waits for the dead. */
export class WalletPlace {
  #waiting: AbortController | null = null;
  readonly #onFree: (lock: WalletLock) => void;

  /** `onFree`: whoever had the wallet is gone, and this worker, which stood by, has the lock. */
  constructor(onFree: (lock: WalletLock) => void) {
    this.#onFree = onFree;
  }

  now(): Promise<WalletLock | null> {
    return acquireWalletLock(LOCK);
  }

  /** Waits in line until nobody has the wallet; again, behind all others, when it waited already. */
  standBy(): void {
    this.standDown();
    const waiting = new AbortController();
    this.#waiting = waiting;
    void awaitWalletLock(LOCK, waiting.signal).then((lock) => {
      if (lock === null) return;
      if (this.#waiting !== waiting) return lock.release();
      this.#waiting = null;
      this.#onFree(lock);
    });
  }

  standDown(): void {
    this.#waiting?.abort();
    this.#waiting = null;
  }

  /**
   * Asks the holder to let go and waits until it has. `force`: does not ask. Safe for what is on disk, as the old
   * holder's writes fail from the moment that this one opens it; what it was doing ends there.
   */
  async take(ask: () => void, force: boolean): Promise<Result<WalletLock, Refusal>> {
    this.standDown();
    if (force) {
      const stolen = await stealWalletLock(LOCK);
      return stolen === null ? err({ code: 'timed-out', waitingFor: 'the lock' }) : ok(stolen);
    }
    // First in line, then the question: others that hear it go behind.
    const granted = awaitWalletLock(LOCK, AbortSignal.timeout(TAKE_OVER_MS));
    ask();
    const asking = setInterval(ask, ASK_AGAIN_MS);
    const lock = await granted;
    clearInterval(asking);
    return lock === null ? err({ code: 'timed-out', waitingFor: 'the other tab' }) : ok(lock);
  }
}
