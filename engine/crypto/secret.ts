import { assert, Bug } from '../base/assert.ts';

/**
 * Bytes that must not leave by accident: printing shows nothing of them, JSON and structured clone fail. `wipe`
 * overwrites them; the runtime may hold copies, so this narrows the time they can be read and no more.
 */
export class Secret {
  readonly #bytes: Uint8Array;
  #wiped = false;

  /**
   * The bytes themselves, not a copy: use them at once, keep them nowhere. An own property that is a function, so
   * that structured clone refuses the object instead of making an empty one.
   * @throws {Bug} after `wipe`.
   */
  readonly expose = (): Uint8Array => {
    assert(!this.#wiped, 'secret was wiped');
    return this.#bytes;
  };

  /** Copies `bytes`; the caller wipes its own. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.slice();
  }

  wipe(): void {
    this.#wiped = true;
    this.#bytes.fill(0);
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): never {
    throw new Bug('a secret cannot be serialised');
  }
}
