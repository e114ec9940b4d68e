import type { Cancel } from '../../base/ports.ts';
import { err, type Result } from '../../base/result.ts';
import type { NodeOptions } from '../node-options.ts';

const RETRY_MS = 10 * 60_000;

export type Failure = { readonly detail: string };

type Source = {
  /** Told when nobody can be asked. */
  readonly missing: string;
  readonly everyMs: number;
  /** The servers that may be asked now, the first that answers is enough. */
  readonly urls: () => Promise<readonly string[]>;
  readonly fetch: (url: string) => Promise<Result<void, Failure>>;
};

/** Something public that servers offer, fetched again and again: one fetch at a time, sooner after a failure. */
export class Refreshed {
  readonly #options: Pick<NodeOptions, 'clock' | 'log'>;
  readonly #source: Source;
  readonly #onChange: () => void;
  #refresh: Promise<Result<void, Failure>> | null = null;
  #lastError: string | null = null;
  #timer: Cancel | null = null;
  #stopped = false;

  constructor(options: Pick<NodeOptions, 'clock' | 'log'>, source: Source, onChange: () => void) {
    this.#options = options;
    this.#source = source;
    this.#onChange = onChange;
  }

  get refreshing(): boolean {
    return this.#refresh !== null;
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Now; a call during a refresh waits for that one. */
  refresh(): Promise<Result<void, Failure>> {
    this.#refresh ??= this.#fetch()
      .catch((error: unknown) => err({ detail: String(error).slice(0, 200) }))
      .then((outcome) => {
        this.#refresh = null;
        this.#lastError = outcome.ok ? null : outcome.error.detail;
        if (!outcome.ok) this.#options.log('warn', 'graph', outcome.error.detail);
        this.schedule(outcome.ok ? this.#source.everyMs : RETRY_MS);
        this.#onChange();
        return outcome;
      });
    return this.#refresh;
  }

  /** The next one, instead of what was planned. */
  schedule(delayMs: number): void {
    this.#timer?.();
    if (this.#stopped) return;
    this.#timer = this.#options.clock.after(delayMs, () => void this.#refreshIfAsked());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  /** Where no server is named nobody is asked, and nothing has failed. */
  async #refreshIfAsked(): Promise<void> {
    const isAsked = (await this.#source.urls()).length > 0;
    if (this.#stopped) return;
    if (isAsked) await this.refresh();
    else this.schedule(RETRY_MS);
  }

  async #fetch(): Promise<Result<void, Failure>> {
    let failure: Failure = { detail: this.#source.missing };
    for (const url of await this.#source.urls()) {
      const outcome = await this.#source.fetch(url);
      if (outcome.ok || this.#stopped) return outcome;
      failure = outcome.error;
    }
    return err(failure);
  }
}
