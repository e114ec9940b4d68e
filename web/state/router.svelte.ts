import { readPlace, type Place } from './routes.ts';

type Entry = { readonly depth: number };

const entryOf = (state: unknown): Entry | null =>
  typeof state === 'object' && state !== null && 'depth' in state && typeof state.depth === 'number'
    ? { depth: state.depth }
    : null;

/** Without the sheet that may stand over it. */
const screenOf = (hash: string): string => hash.split('?')[0] || '#/';

/**
 * Where the page is, from the URL alone. `depth` counts the entries that this page itself has pushed, so that a back
 * arrow goes back where it can and up where it cannot (a link opened afresh).
 */
export class Router {
  #place = $state.raw<Place>(readPlace(location.hash));
  /** False until the first move: the first screen takes no focus from the browser. */
  moved = false;
  #depth = entryOf(history.state)?.depth ?? 0;
  #scrolls = new Map<number, number>();
  #restore = 0;

  constructor() {
    history.scrollRestoration = 'manual';
    history.replaceState({ depth: this.#depth } satisfies Entry, '');
    window.addEventListener('popstate', () => this.#arrived());
  }

  get route(): Place['route'] {
    return this.#place.route;
  }
  get sheet(): string | null {
    return this.#place.sheet;
  }

  #arrived(): void {
    const entry = entryOf(history.state);
    this.#scrolls.set(this.#depth, window.scrollY);
    if (entry === null) {
      // A link was followed: the browser has pushed an entry of its own.
      this.#depth += 1;
      history.replaceState({ depth: this.#depth } satisfies Entry, '');
      this.#scrolls.delete(this.#depth);
    } else this.#depth = entry.depth;
    this.#restore = this.#scrolls.get(this.#depth) ?? 0;
    this.#read();
  }

  #read(): void {
    const place = readPlace(location.hash);
    this.moved = true;
    this.#place = place;
  }

  go(href: string): void {
    this.#scrolls.set(this.#depth, window.scrollY);
    this.#depth += 1;
    this.#scrolls.delete(this.#depth);
    this.#restore = 0;
    history.pushState({ depth: this.#depth } satisfies Entry, '', href);
    this.#read();
  }

  /** For steps that Back should not return to. */
  replace(href: string): void {
    this.#restore = 0;
    history.replaceState({ depth: this.#depth } satisfies Entry, '', href);
    this.#read();
  }

  /** For what takes its time: leads on from the present screen, and nowhere once the person has gone to another. */
  onward(): Pick<Router, 'go' | 'replace'> {
    const from = screenOf(location.hash);
    const leading =
      (lead: (href: string) => void) =>
      (href: string): void => {
        if (screenOf(location.hash) === from) lead(href);
      };
    return { go: leading((href) => this.go(href)), replace: leading((href) => this.replace(href)) };
  }

  back(parent: string): void {
    if (this.#depth > 0) history.back();
    else this.replace(parent);
  }

  openSheet(name: string): void {
    if (this.sheet !== name) this.go(`${screenOf(location.hash)}?sheet=${encodeURIComponent(name)}`);
  }

  closeSheet(): void {
    if (this.sheet !== null) this.back(screenOf(location.hash));
  }

  /** Called once the screen of the present place stands: where it was left, or at its top. */
  settle(): void {
    window.scrollTo(0, this.#restore);
  }
}
