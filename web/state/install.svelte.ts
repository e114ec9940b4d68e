import type { InstallOffers } from './install-offer.ts';

/** Installing the page as an app, where the browser leaves the moment to the page. */
export class Install {
  readonly #offers: InstallOffers;
  /** The browser would install it now. */
  possible = $state(false);

  constructor(offers: InstallOffers) {
    this.#offers = offers;
    const look = (): void => void (this.possible = offers.offer !== null);
    offers.listen(look);
    look();
  }

  /** Asks the person, in the browser's own words. */
  async ask(): Promise<void> {
    await this.#offers.take()?.prompt();
  }
}
