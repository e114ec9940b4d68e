import { err, ok, type Result } from '../../base/result.ts';
import {
  newestOf,
  readInSlices,
  type ExternalScores,
  type readScores,
} from '../../routing/external-scores.ts';
import type { Scorer } from '../../routing/scorer.ts';
import type { ScoresInfo } from '../graph-api.ts';
import type { NodeOptions } from '../node-options.ts';
import { inTurns } from './in-turns.ts';
import { Refreshed, type Failure } from './refreshed.ts';

/** As LDK Node does. */
const REFRESH_MS = 3_600_000;
const TIMEOUT_MS = 60_000;
/** LDK Node's bound (EXTERNAL_PATHFINDING_SCORES_MAX_SIZE). */
const MOST_BYTES = 20 * 1024 * 1024;

type Options = Pick<NodeOptions, 'servers' | 'http' | 'clock' | 'log' | 'scoresCache'>;

/**
 * What others learnt of the network's channels, from a server that offers LDK's scores. Its word moves what is tried
 * first, nothing else: a lie costs attempts, no money.
 */
export class ScoresFeed {
  readonly #options: Options;
  readonly #scorer: Scorer;
  readonly #onChange: () => void;
  #scores: ExternalScores | null = null;
  readonly #refreshed: Refreshed;

  constructor(options: Options, scorer: Scorer, onChange: () => void) {
    this.#options = options;
    this.#scorer = scorer;
    this.#onChange = onChange;
    this.#refreshed = new Refreshed(
      options,
      {
        missing: 'no server of scores is set',
        everyMs: REFRESH_MS,
        urls: () => this.#urls(),
        fetch: (url) => this.#fetchFrom(url),
      },
      onChange,
    );
  }

  info(): ScoresInfo {
    const scores = this.#scores;
    return {
      learnt: this.#scorer.size,
      external: scores === null ? null : { channels: scores.count, newestAt: newestOf(scores) },
      refreshing: this.#refreshed.refreshing,
      lastError: this.#refreshed.lastError,
    };
  }

  /** Not waited for by anybody. */
  async begin(): Promise<void> {
    const { scoresCache, log } = this.#options;
    try {
      const kept = (await scoresCache?.load()) ?? null;
      const read = kept === null || (await this.#urls()).length === 0 ? null : await this.#read(kept);
      if (read?.ok === true) this.#use(read.value);
      else if (read !== null) log('warn', 'graph', 'the kept scores are of no use', { why: read.error.code });
    } catch (error) {
      log('warn', 'graph', 'the scores could not be read', { detail: String(error).slice(0, 200) });
    }
    this.#refreshed.schedule(0);
  }

  /** Now; a call during a refresh waits for that one. */
  refresh(): Promise<Result<void, Failure>> {
    return this.#refreshed.refresh();
  }

  stop(): void {
    this.#refreshed.stop();
  }

  #read(bytes: Uint8Array): Promise<ReturnType<typeof readScores> | null> {
    return inTurns(this.#options.clock, readInSlices(bytes), () => this.#refreshed.stopped);
  }

  #use(scores: ExternalScores): void {
    this.#scores = scores;
    this.#scorer.merge(scores);
    this.#onChange();
  }

  async #urls(): Promise<readonly string[]> {
    const servers = await this.#options.servers();
    return servers.ok ? (servers.value.scores ?? []) : [];
  }

  async #fetchFrom(url: string): Promise<Result<void, Failure>> {
    const { http, log, scoresCache } = this.#options;
    const answer = await http({ url, method: 'GET', timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES });
    if (this.#refreshed.stopped) return err({ detail: 'the node has ended' });
    if (!answer.ok) return err({ detail: `${url}: ${answer.error.code}` });
    const { status, body } = answer.value;
    if (status !== 200) return err({ detail: `${url}: status ${status}` });
    const scores = await this.#read(body);
    if (scores === null) return err({ detail: 'the node has ended' });
    if (!scores.ok) return err({ detail: `${url}: ${scores.error.code}` });
    this.#use(scores.value);
    log('info', 'graph', 'scores of others are merged', { channels: scores.value.count });
    await scoresCache?.save(body).catch((error: unknown) => {
      log('warn', 'graph', 'the scores could not be kept', { detail: String(error).slice(0, 200) });
    });
    return ok(undefined);
  }
}
