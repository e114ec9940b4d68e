// Not every browser has badges.
type Badged = Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>;

/** The installed app's icon says that there is news while nobody looks, and no longer than that. */
export class Badge {
  readonly #navigator: Badged;

  constructor(navigator: Badged, document: Document) {
    this.#navigator = navigator;
    const seen = (): void => {
      // Refused in windows that are not installed.
      if (document.visibilityState === 'visible') void navigator.clearAppBadge?.().catch(() => undefined);
    };
    seen();
    document.addEventListener('visibilitychange', seen);
  }

  news(): void {
    void this.#navigator.setAppBadge?.().catch(() => undefined);
  }
}
