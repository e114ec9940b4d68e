import type { Endpoint } from 'comlink';

type Said = { readonly message: unknown; readonly transfer: readonly Transferable[] };
type Listening = Parameters<Endpoint['addEventListener']>;

/** A worker that is talked to before it is started: what it is told waits for it. */
export class LateWorker implements Endpoint {
  #worker: Worker | null = null;
  #ended = false;
  #said: Said[] = [];
  #listening: Listening[] = [];

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    if (this.#worker === null) this.#said.push({ message, transfer });
    else this.#worker.postMessage(message, transfer);
  }

  addEventListener(...listening: Listening): void {
    if (this.#worker === null) this.#listening.push(listening);
    else this.#worker.addEventListener(...listening);
  }

  removeEventListener(...listening: Listening): void {
    const [type, listener] = listening;
    this.#listening = this.#listening.filter((one) => one[0] !== type || one[1] !== listener);
    this.#worker?.removeEventListener(...listening);
  }

  /** Not named `start`: Comlink calls that, where an endpoint has it. */
  begin(make: () => Worker): void {
    if (this.#ended || this.#worker !== null) return;
    const worker = make();
    this.#worker = worker;
    for (const listening of this.#listening.splice(0)) worker.addEventListener(...listening);
    for (const { message, transfer } of this.#said.splice(0)) worker.postMessage(message, [...transfer]);
  }

  /** Also one that was not started: it is not to start any more. */
  terminate(): void {
    this.#ended = true;
    this.#worker?.terminate();
  }
}
