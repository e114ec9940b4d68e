// Not in lib.dom: https://wicg.github.io/manifest-incubations/#beforeinstallpromptevent-interface
export type InstallOffer = Event & {
  prompt: () => Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
};

/** The browser's offer to install the page, kept from the first script on: it is made once, perhaps before the page is drawn. */
export class InstallOffers {
  #offer: InstallOffer | null = null;
  #told: () => void = () => undefined;

  constructor() {
    window.addEventListener('beforeinstallprompt', (event) => {
      // The browser's own banner comes at the first visit, when nobody knows yet what this is.
      event.preventDefault();
      this.#changed(event as InstallOffer);
    });
    window.addEventListener('appinstalled', () => this.#changed(null));
  }

  /** What stands now. */
  get offer(): InstallOffer | null {
    return this.#offer;
  }

  /** `told` is called whenever the offer comes or goes. */
  listen(told: () => void): void {
    this.#told = told;
  }

  /** @returns the offer, which can be used once. */
  take(): InstallOffer | null {
    const offer = this.#offer;
    this.#changed(null);
    return offer;
  }

  #changed(offer: InstallOffer | null): void {
    this.#offer = offer;
    this.#told();
  }
}
