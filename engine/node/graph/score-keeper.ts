import type { Cancel } from '../../base/ports.ts';
import { put, type Write } from '../../base/write.ts';
import { decode, encode } from '../../codec/field.ts';
import { recall, scoresOf, scoresRecord } from '../../routing/score-record.ts';
import { Scorer } from '../../routing/scorer.ts';
import type { NodeOptions } from '../node-options.ts';
import { ScoresFeed } from './scores-feed.ts';

/** In table `meta`. */
export const SCORES_KEY = 'scores';
/** What was learnt is written so long after: never in the turn of a payment, and once for many of them. */
const WRITE_AFTER_MS = 60_000;

type Options = Pick<NodeOptions, 'store' | 'clock' | 'log' | 'servers' | 'http' | 'scoresCache'>;

/** What payments taught, across restarts. Advice: what is lost of it, or cannot be read, is learnt again. */
export class ScoreKeeper {
  readonly scorer = new Scorer();
  /** What others learnt. */
  readonly feed: ScoresFeed;
  readonly #options: Options;
  readonly #write: (writes: readonly Write[]) => void;
  #timer: Cancel | null = null;

  /** `write` saves in a turn of its own. */
  constructor(options: Options, write: (writes: readonly Write[]) => void, onChange: () => void) {
    this.#options = options;
    this.feed = new ScoresFeed(options, this.scorer, onChange);
    this.#write = write;
  }

  async begin(): Promise<void> {
    await this.#recall();
    await this.feed.begin();
  }

  async #recall(): Promise<void> {
    const { store, log } = this.#options;
    const found = await store.get('meta', SCORES_KEY);
    if (!found.ok) return log('warn', 'graph', 'the scores could not be read', { why: found.error.code });
    if (found.value === null) return;
    const scores = decode(scoresRecord, found.value);
    if (scores.ok) recall(this.scorer, scores.value);
    else log('warn', 'graph', 'the scores are of no use', { why: scores.error.code });
  }

  /** The scorer learnt. */
  changed(): void {
    this.#timer ??= this.#options.clock.after(WRITE_AFTER_MS, () => this.flush());
  }

  /** Saves now what is not saved. */
  flush(): void {
    if (this.#timer === null) return;
    this.#timer();
    this.#timer = null;
    let bytes: Uint8Array;
    try {
      bytes = encode(scoresRecord, scoresOf(this.scorer));
    } catch (error) {
      // Advice alone: neither a payment nor the end of the node waits for it.
      this.#options.log('warn', 'graph', 'the scores could not be written', {
        detail: String(error).slice(0, 200),
      });
      return;
    }
    this.#write([put('meta', SCORES_KEY, bytes)]);
  }
}
