/** A newer build of the page is here, whole, and waits. Nobody is made to take it now. */
export class NewVersion {
  #stands: 'none' | 'ready' | 'other-tabs' | 'beginning' = $state.raw('none');
  #begin: () => Promise<boolean> = () => Promise.resolve(false);
  readonly #reload: () => void;
  readonly #isBusy: () => boolean;

  /** @param isBusy a payment is under way: it is not cut short for this */
  constructor(isBusy: () => boolean, reload: () => void = () => location.reload()) {
    this.#isBusy = isBusy;
    this.#reload = reload;
  }

  /** `waiting`: for a payment under way. Then the person is asked. */
  get state(): 'none' | 'waiting' | 'ready' | 'other-tabs' | 'beginning' {
    return this.#stands !== 'none' && this.#stands !== 'beginning' && this.#isBusy()
      ? 'waiting'
      : this.#stands;
  }

  /** @param begin false while other tabs are open */
  offer(begin: () => Promise<boolean>): void {
    this.#begin = begin;
    if (this.#stands !== 'beginning') this.#stands = 'ready';
  }

  /** The engine can be stopped at any instant; but a payment that waits for its end is better not kept waiting. */
  async take(): Promise<void> {
    if (this.state === 'none' || this.state === 'beginning' || this.state === 'waiting') return;
    this.#stands = 'beginning';
    if (await this.#begin()) this.#reload();
    else this.#stands = 'other-tabs';
  }
}
