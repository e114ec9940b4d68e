import { Session, type Profiler } from 'node:inspector';

/** What reads for us: our own code, and that of others which PSBTs go through. */
const OURS = /\/(?:engine|web|workers|services|btc-signer)\//;

/** Which blocks of it have run, by V8's own counters. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  start(): void {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  stop(): void {
    this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  get blocks(): number {
    return this.#seen.size;
  }

  /** How many blocks ran since the last call that had never run before. */
  news(): number {
    const before = this.#seen.size;
    // Answered before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error === null) for (const script of taken.result) this.#read(script);
    });
    return this.#seen.size - before;
  }

  #read({ scriptId, url, functions }: Profiler.ScriptCoverage): void {
    if (!OURS.test(url)) return;
    for (const { ranges } of functions)
      for (const { startOffset, endOffset, count } of ranges)
        if (count > 0) this.#seen.add(`${scriptId}:${startOffset}:${endOffset}`);
  }
}
