/** A newer build of the page is here, whole, and waits. Nobody is made to take it now. */
export class NewVersion {
  state: 'none' | 'ready' | 'other-tabs' | 'beginning' = $state.raw('none');
  #begin: () => Promise<boolean> = () => Promise.resolve(false);
  readonly #reload: () => void;

  constructor(reload: () => void = () => location.reload()) {
    this.#reload = reload;
  }

  /** @param begin false while other tabs are open */
  offer(begin: () => Promise<boolean>): void {
    this.#begin = begin;
    if (this.state !== 'beginning') this.state = 'ready';
  }

  /** The engine can be stopped at any instant: what is under way goes on after. */
  async take(): Promise<void> {
    if (this.state === 'none' || this.state === 'beginning') return;
    this.state = 'beginning';
    if (await this.#begin()) this.#reload();
    else this.state = 'other-tabs';
  }
}
