import type { ChainReader, Listed } from './chain-reader.ts';

/** A few of a mempool may be gone by the time that they are asked for. */
const MOST_STRANGE = 5;

/**
 * Lists cannot be proven, and what one server lists is asked of all. So who lists what nobody has, or what has nothing to
 * do with the script, is followed no further once that is more than what was right, and five.
 */
export class ListTrust {
  readonly #source: Pick<ChainReader, 'distrust' | 'denies'>;
  readonly #strange = new Map<string, number>();
  /** What was listed could not be had of who lists it. */
  isLeftOpen = false;

  constructor(source: Pick<ChainReader, 'distrust' | 'denies'>) {
    this.#source = source;
  }

  isTrusted(server: string): boolean {
    return (this.#strange.get(server) ?? 0) <= MOST_STRANGE;
  }

  /** What another lists as well goes by that other's name. */
  mayFollow({ by }: Listed): boolean {
    return by.some((server) => this.isTrusted(server));
  }

  /** `found`: null where nobody who answered has it. */
  async note({ txId, by }: Listed, found: 'right' | 'strange' | null): Promise<void> {
    // What two list was made up by neither; the list of one may lack what it spends, or have it later.
    if (found === 'strange' && by.length > 1) return;
    for (const server of by) {
      // Who has it, and did not answer this time, made nothing up.
      const isOpen = found === null && !(await this.#source.denies(server, txId));
      this.isLeftOpen ||= isOpen;
      const before = this.#strange.get(server) ?? 0;
      this.#strange.set(server, before + (found === 'right' ? -1 : 1));
      if (before === MOST_STRANGE && !this.isTrusted(server) && !isOpen) this.#source.distrust(server);
    }
  }
}
