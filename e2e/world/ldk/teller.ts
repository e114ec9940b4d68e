import type { PeerEvent } from '../real-peer.ts';

/** Tells what happened, once what LDK did in the same turn is saved: whoever kills the process on hearing it finds it so. */
export class Teller {
  readonly #tell: (event: PeerEvent) => void;
  readonly #waiting: PeerEvent[] = [];
  #isHeld = false;

  constructor(tell: (event: PeerEvent) => void) {
    this.#tell = tell;
  }

  tell(event: PeerEvent): void {
    if (this.#isHeld) this.#waiting.push(event);
    else this.#tell(event);
  }

  /** From here on nothing is told. */
  hold(): void {
    this.#isHeld = true;
  }

  /** All is saved. */
  release(): void {
    this.#isHeld = false;
    for (const event of this.#waiting.splice(0)) this.#tell(event);
  }
}
