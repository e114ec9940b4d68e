import { givenIn, withoutGiven } from './given.ts';
import { forget, keep, recall } from './kept.ts';
import type { Router } from './router.svelte.ts';
import { links } from './routes.ts';

// Not in lib.dom: https://wicg.github.io/web-app-launch/
type LaunchQueue = {
  setConsumer: (run: (launch: { readonly targetURL?: string }) => void) => void;
};

const KEY = 'handed-over';
/** No payment is longer. */
const KEPT_LENGTH = 10_000;

/**
 * What another program handed over (a link, or something shared): the Send screen reads it as soon as it stands, after a
 * lock or a reload too. Nothing is paid by it.
 */
export class HandedOver {
  #text: string | null = $state.raw(recall('tab', KEY, { text: '' }).text || null);
  #router: Router;

  constructor(router: Router) {
    this.#router = router;
    const first = location.href;
    const text = givenIn(first);
    if (text !== null) {
      history.replaceState(history.state, '', withoutGiven(first));
      this.#set(text);
      router.replace(links.send);
    }
    let isFirst = true;
    const { launchQueue } = window as { readonly launchQueue?: LaunchQueue };
    launchQueue?.setConsumer(({ targetURL }) => {
      // The launch that opened this page is told as well.
      if (targetURL !== undefined && !(isFirst && targetURL === first)) this.#arrived(targetURL);
      isFirst = false;
    });
  }

  /** There is something that nobody has read. */
  get waits(): boolean {
    return this.#text !== null;
  }

  take(): string | null {
    const text = this.#text;
    this.#text = null;
    forget('tab', KEY);
    return text;
  }

  /** An installed app is opened with something while it runs. */
  #arrived(address: string): void {
    const text = givenIn(address);
    if (text !== null) {
      this.#set(text);
      this.#router.go(links.send);
    } else if (new URL(address).hash !== '') this.#router.go(new URL(address).hash);
  }

  #set(text: string): void {
    this.#text = text.slice(0, KEPT_LENGTH);
    keep('tab', KEY, { text: this.#text });
  }
}
