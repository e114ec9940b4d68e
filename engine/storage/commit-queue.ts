import { err, ok, type Result } from '../base/result.ts';
import type { StoreFailure } from './store.ts';

type Outcome = Result<void, StoreFailure>;

/** Commits one after another: one that fails takes those already waiting behind it along. */
export class CommitQueue {
  #last: Promise<Outcome> = Promise.resolve(ok(undefined));
  #waiting = 0;

  run(write: () => Promise<Outcome>): Promise<Outcome> {
    const outcome = this.#waiting === 0 ? write() : this.#behind(this.#last, write);
    this.#waiting++;
    // One that threw (no memory was left for it, say) is one that failed: those after it are written.
    const told = outcome.catch((error: unknown) =>
      err({ code: 'unavailable', detail: String(error) } as const),
    );
    this.#last = told.then((result) => {
      this.#waiting--;
      return result;
    });
    return this.#last;
  }

  async idle(): Promise<void> {
    while (this.#waiting > 0) await this.#last;
  }

  async #behind(before: Promise<Outcome>, write: () => Promise<Outcome>): Promise<Outcome> {
    const earlier = await before;
    return earlier.ok ? write() : err({ code: 'behind-failed', detail: earlier.error.detail });
  }
}
