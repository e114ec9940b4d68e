// Not in lib.dom: https://wicg.github.io/manifest-incubations/#beforeinstallpromptevent-interface
type InstallOffer = Event & {
  prompt: () => Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
};

/** Installing the page as an app, where the browser leaves the moment to the page. */
export class Install {
  #offer: InstallOffer | null = $state.raw(null);

  constructor() {
    window.addEventListener('beforeinstallprompt', (event) => {
      // The browser's own banner comes at the first visit, when nobody knows yet what this is.
      event.preventDefault();
      this.#offer = event as InstallOffer;
    });
    window.addEventListener('appinstalled', () => (this.#offer = null));
  }

  /** The browser would install it now. */
  get possible(): boolean {
    return this.#offer !== null;
  }

  /** Asks the person, in the browser's own words; an offer can be used once. */
  async ask(): Promise<void> {
    const offer = this.#offer;
    this.#offer = null;
    await offer?.prompt();
  }
}
