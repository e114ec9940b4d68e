const CHANNEL = 'leyden-wallet';

type Message = { readonly tag: 'let-go' };

/** How tabs of one browser ask each other for the wallet. The lock decides; this only asks its holder to let go. */
export class TakeOver {
  readonly #channel = new BroadcastChannel(CHANNEL);

  /** `letGo` closes the wallet here and then gives the lock back. Called only in the worker that holds it. */
  onAsked(letGo: () => void): void {
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
      if (data.tag === 'let-go') letGo();
    });
  }

  ask(): void {
    this.#channel.postMessage({ tag: 'let-go' } satisfies Message);
  }
}
