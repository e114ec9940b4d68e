import type { Log } from '../engine/base/ports.ts';
import type { LogLine } from '../engine/node/service-api.ts';

const LINES = 2_000;
/** Characters of a line: what others say is told, and no more of it than helps. */
const LENGTH = 500;

/** The last lines of the engine's log, for the person to read or download. Nothing is sent anywhere. */
export class LogRing {
  #lines: LogLine[] = [];
  /** Told after each line. */
  onLine: ((level: string) => void) | null = null;

  readonly log: Log = (level, scope, message, detail) => {
    const extra =
      detail === undefined || Object.keys(detail).length === 0 ? '' : ` ${JSON.stringify(detail)}`;
    const text = (message + extra).slice(0, LENGTH);
    this.#lines.push({ at: Date.now() / 1000, level, scope, message: text });
    if (this.#lines.length > LINES) this.#lines.splice(0, LINES / 10);
    this.onLine?.(level);
  };

  /** What was logged before this worker began, in front. */
  before(lines: readonly LogLine[]): void {
    this.#lines = [...lines, ...this.#lines].slice(-LINES);
  }

  clear(): void {
    this.#lines = [];
  }

  lines(): readonly LogLine[] {
    return this.#lines.slice();
  }
}
