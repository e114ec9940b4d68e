import type { WireMessage } from '../../engine/wire/wire-message.ts';
import { until } from '../world/until.ts';
import { Wiretap, type Fate, type Said } from './wiretap.ts';

/** The message at which a line goes dead. */
export type End = {
  readonly by: Said['by'];
  /** Its name, or what tells it. */
  readonly message: WireMessage['name'] | ((message: WireMessage) => boolean);
  /** It still arrives, as the last one. */
  readonly arrives: boolean;
};

/** Dead, it stays up and carries nothing, so that whoever is at the other end stands still where it is. */
export class Line {
  #end: End | null = null;
  #isDead = false;
  readonly #tap = new Wiretap((said) => this.#fateOf(said));

  /** Carries everything up to there. */
  endsAt(end: End): void {
    this.#end = end;
  }

  async ended(): Promise<void> {
    await until(() => this.#isDead, { what: 'the end of the line', everyMs: 1 });
  }

  /** Carries everything again, over the next connection. */
  mend(): void {
    this.#end = null;
    this.#isDead = false;
  }

  stop(): void {
    this.#tap.stop();
  }

  #fateOf({ by, message }: Said): Fate {
    if (this.#isDead) return 'is lost';
    const end = this.#end;
    if (end?.by !== by) return 'passes';
    const isIt = typeof end.message === 'string' ? message.name === end.message : end.message(message);
    if (!isIt) return 'passes';
    this.#isDead = true;
    return end.arrives ? 'is the last' : 'is lost';
  }
}
